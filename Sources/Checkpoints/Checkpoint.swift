public import Files
internal import Glibc

/// The tensors of a model folder or a weights file, by name, whatever their format. Nothing is read but headers until a tensor is used.
///
/// ```swift
/// let checkpoint = try Checkpoint.open("checkpoints/mental-bert")
/// checkpoint["bert.embeddings.word_embeddings.weight"]?.shape  // [30522, 768]
/// ```
public struct Checkpoint: Sendable {
  /// The folder or file, as the caller named it.
  public let path: String
  /// In the order of the files.
  public let tensors: [StoredTensor]
  private let positions: [String: Int]

  public subscript(name: String) -> StoredTensor? { positions[name].map { tensors[$0] } }

  /// Bytes of all tensors together.
  public var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

  /// What a folder may hold, in order of preference; transformers has the same order.
  private static let candidates = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]

  /// Opens a folder, a `.safetensors`, a `.bin`, or an index of shards.
  /// - Throws: `InputError` for weights that are missing, damaged, or would need code to be run.
  public static func open(_ path: String) throws(InputError) -> Checkpoint {
    guard isFolder(path) else { return try Checkpoint(path, tensors: try read(path)) }
    guard let name = candidates.first(where: { access("\(path)/\($0)", F_OK) == 0 }) else {
      let advice = access("\(path)/adapter_config.json", F_OK) == 0 ? "This folder is an adapter: name its base model" : "Check the path, or fetch the weights"
      throw InputError(path, "found no weights, expected one of \(candidates.joined(separator: ", "))", advice: advice)
    }
    return try Checkpoint(path, tensors: try read("\(path)/\(name)"))
  }

  init(_ path: String, tensors: [StoredTensor]) throws(InputError) {
    var positions: [String: Int] = [:]
    positions.reserveCapacity(tensors.count)
    for (position, tensor) in tensors.enumerated() {
      guard positions.updateValue(position, forKey: tensor.name) == nil else {
        throw InputError(path, at: "tensor \"\(tensor.name.shortened)\"", "two tensors have this name", advice: "Fetch the checkpoint again")
      }
    }
    (self.path, self.tensors, self.positions) = (path, tensors, positions)
  }

  private static func read(_ path: String) throws(InputError) -> [StoredTensor] {
    if path.hasSuffix(".index.json") { return try readShards(path) }
    if path.hasSuffix(".safetensors") { return try SafetensorsFile(path).tensors }
    if path.hasSuffix(".bin") || path.hasSuffix(".pt") || path.hasSuffix(".pth") { return try TorchFile(path).tensors }
    throw InputError(path, "found an unknown kind of file, expected a folder, .safetensors, .bin or .index.json")
  }

  private static func readShards(_ path: String) throws(InputError) -> [StoredTensor] {
    let index = try ShardIndex(path)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var tensors: [StoredTensor] = []
    for shard in index.shards {
      guard shard.hasSuffix(".safetensors") || shard.hasSuffix(".bin") else { throw InputError(path, "it names the shard \"\(shard.shortened)\", expected .safetensors or .bin files") }
      let found = try read(folder + shard)
      try index.check(found, of: shard)
      tensors += found
    }
    return tensors
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
