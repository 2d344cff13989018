internal import Files

/// `model.safetensors.index.json` or `pytorch_model.bin.index.json`: which shard holds which tensor.
struct ShardIndex {
  let path: String
  /// The shards, each once, in the order in which the map first names them.
  private(set) var shards: [String] = []
  /// Shard by tensor name.
  let weightMap: JSONObject

  /// - Throws: `InputError`; a shard's name must be a plain file name, so nothing outside the folder is ever opened.
  init(_ path: String) throws(InputError) {
    self.path = path
    let json = try JSON.read(path)
    guard let map = json["weight_map"] else {
      throw InputError(path, at: "key \"weight_map\"", "missing, expected an object from tensor to file", advice: "Fetch the index again")
    }
    guard let object = map.object else {
      throw InputError(path, at: "key \"weight_map\"", "found \(map.kind), expected an object from tensor to file", advice: "Fetch the index again")
    }
    weightMap = object
    var seen: Set<String> = []
    for (name, value) in object {
      let place = "key \"weight_map.\(name.shortened)\""
      guard let shard = value.string else { throw InputError(path, at: place, "found \(value.kind), expected a file name") }
      guard Self.isPlainName(shard) else {
        throw InputError(path, at: place, "found \(JSON.string(shard.shortened).encoded()), expected the name of a file in the same folder", advice: "Do not use this checkpoint: its index points elsewhere")
      }
      if seen.insert(shard).inserted { shards.append(shard) }
    }
  }

  /// The tensors that the map places in `shard`, from all that the shard holds.
  /// - Throws: `InputError` when a mapped tensor is not there, or one is there that the map places elsewhere or nowhere.
  func check(_ tensors: [StoredTensor], of shard: String) throws(InputError) {
    for tensor in tensors {
      let mapped = weightMap[tensor.name]?.string
      guard mapped == shard else {
        throw InputError(
          path, at: "tensor \"\(tensor.name.shortened)\"", "\(shard) holds it, the index places it \(mapped.map { "in \($0)" } ?? "nowhere")",
          advice: "Fetch the index and its shards from the same place")
      }
    }
    let held = Set(tensors.map(\.name))
    for (name, value) in weightMap where value.string == shard && !held.contains(name) {
      throw InputError(path, at: "tensor \"\(name.shortened)\"", "the index places it in \(shard), which does not hold it", advice: "Fetch that shard again")
    }
  }

  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255 && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
  }
}
