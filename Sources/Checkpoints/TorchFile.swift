public import Files

/// A mapped `pytorch_model.bin`, zip or legacy: its tensors, without running its pickle's code or copying its data.
public struct TorchFile: Sendable {
  /// In the order of the state dict.
  public let tensors: [StoredTensor]

  /// - Throws: `InputError` naming the file and what in it is refused or damaged.
  public init(_ path: String) throws(InputError) {
    let file = try MappedFile(path)
    defer { withExtendedLifetime(file) {} }
    if let mistake = FileSignature.mistake(file, expected: "weights saved by torch.save") { throw mistake }
    let isZip = file.bytes.starts(with: "PK".utf8)
    let contents = isZip ? try Self.readZip(file) : try LegacyTorchFile.read(file)
    tensors = try Self.tensors(contents, file)
  }

  /// A state dict and where the storages it names lie in the file, in bytes.
  struct Contents {
    var members: [(name: String, tensor: PickleTensor)]
    var storages: [String: Range<Int>]
  }

  private static func readZip(_ file: MappedFile) throws(InputError) -> Contents {
    let archive = try ZipArchive(file)
    // Everything lies below one folder, named after the file that was saved.
    guard let pickleName = archive.names.first(where: { $0.hasSuffix("/data.pkl") }), let pickle = archive.entries[pickleName] else {
      throw InputError(file.path, "found a zip file without data.pkl, expected one that torch.save wrote", advice: "Fetch the file again")
    }
    let root = pickleName.dropLast("data.pkl".count)
    if let order = archive.entries[root + "byteorder"] {
      let found = String(decoding: try archive.contents(order), as: UTF8.self)
      guard found == "little" else {
        throw InputError(file.path, at: "entry \"\(order.name)\"", "found byte order \"\(found.shortened)\", expected little", advice: "Save the weights again on a little-endian machine")
      }
    }
    var unpickler = Unpickler(try archive.contents(pickle))
    let members: [(name: String, tensor: PickleTensor)]
    do throws(PickleMachine.Failure) {
      let root = try unpickler.load()
      members = try unpickler.machine.stateDict(root)
    } catch {
      throw failure(error, file, in: pickleName)
    }
    var storages: [String: Range<Int>] = [:]
    for (_, tensor) in members where storages[tensor.storage.key] == nil {
      let name = "\(root)data/\(tensor.storage.key)"
      guard let entry = archive.entries[name] else { throw InputError(file.path, "it has no entry \"\(name.shortened)\", which its pickle names", advice: "The file is damaged: fetch it again") }
      _ = try archive.contents(entry)
      storages[tensor.storage.key] = entry.range
    }
    return Contents(members: members, storages: storages)
  }

  /// Checks each tensor against the bytes that its storage really has.
  private static func tensors(_ contents: Contents, _ file: MappedFile) throws(InputError) -> [StoredTensor] {
    var result: [StoredTensor] = []
    result.reserveCapacity(contents.members.count)
    var names: Set<String> = []
    // A few bytes can describe a huge view (stride 0), so what all tensors take together is bounded by the file's size.
    var budget = 16 * file.bytes.count + 1 << 20
    for (name, tensor) in contents.members {
      func error(_ problem: String) -> InputError { InputError(file.path, at: "tensor \"\(name.shortened)\"", problem, advice: "The file is damaged: fetch it again") }
      guard names.insert(name).inserted else { throw error("the state dict has it twice") }
      let size = tensor.storage.dtype.bits / 8
      let needed = tensor.storage.count * size  // PickleMachine checked the product
      guard let range = contents.storages[tensor.storage.key], needed <= range.count else {
        throw error("its storage has \(contents.storages[tensor.storage.key]?.count ?? 0) bytes, expected \(needed)")
      }
      let offset = tensor.shape.contains(0) ? 0 : tensor.offset * size
      let stored = StoredTensor(
        name: name, dtype: tensor.storage.dtype, shape: tensor.shape, strides: tensor.strides, offset: range.lowerBound + offset, file: file)
      budget -= min(budget + 1, stored.byteCount)
      guard budget >= 0 else { throw error("its \(stored.byteCount) bytes are out of proportion to the file's \(file.bytes.count)") }
      result.append(stored)
    }
    return result
  }

  static func failure(_ failure: PickleMachine.Failure, _ file: MappedFile, in entry: String? = nil) -> InputError {
    let byte = failure.offset.map { "byte \($0)" }
    let place = [entry, byte].compactMap { $0 }.joined(separator: ", ")
    return InputError(
      file.path, at: place.isEmpty ? nil : place, failure.problem,
      advice: "Use a safetensors file, or a state dict saved by torch.save from a source you trust")
  }
}
