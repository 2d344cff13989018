internal import Files

/// What `torch.save` wrote before 1.6: five pickles in a row (magic number, protocol, platform, state dict, storage keys), then each storage
/// as a 64-bit element count and its bytes. (`torch/serialization.py`, `_legacy_save`.)
enum LegacyTorchFile {
  /// 0x1950a86a20f9469cfc6c, as the pickle's LONG1 holds it.
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  static func read(_ file: MappedFile) throws(InputError) -> TorchFile.Contents {
    do {
      return try contents(UnsafeRawBufferPointer(file.bytes))
    } catch {
      throw TorchFile.failure(error, file)
    }
  }

  private static func contents(_ bytes: UnsafeRawBufferPointer) throws(PickleMachine.Failure) -> TorchFile.Contents {
    typealias Failure = PickleMachine.Failure
    var (machine, root, offset) = try pickle(bytes, 0)
    guard case .bigInteger(let number) = machine[root], number.starts(with: magic), number.dropFirst(magic.count).allSatisfy({ $0 == 0 }) else {
      throw Failure(offset: 0, problem: "found \(machine[root].kind), expected the magic number of torch.save")
    }
    (machine, root, offset) = try pickle(bytes, offset)
    guard case .int(1001) = machine[root] else { throw Failure(offset: offset, problem: "found another protocol than 1001, the one torch.save writes") }
    (machine, root, offset) = try pickle(bytes, offset)
    guard case .dictionary(let platform) = machine[root] else { throw Failure(offset: offset, problem: "found \(machine[root].kind), expected the platform's dict") }
    for (key, value) in platform {
      if case .string("little_endian") = machine[key], case .bool(false) = machine[value] {
        throw Failure(offset: offset, problem: "its numbers are big-endian, expected little-endian")
      }
    }
    (machine, root, offset) = try pickle(bytes, offset)
    let members = try machine.stateDict(root)
    var dtypes: [String: PickleStorage] = [:]
    for (_, tensor) in members { dtypes[tensor.storage.key] = tensor.storage }

    (machine, root, offset) = try pickle(bytes, offset)
    guard case .list(let keys) = machine[root] else { throw Failure(offset: offset, problem: "found \(machine[root].kind), expected the list of storages") }
    var storages: [String: Range<Int>] = [:]
    for reference in keys {
      guard case .string(let key) = machine[reference], let storage = dtypes[key], storages[key] == nil else {
        throw Failure(offset: offset, problem: "the list of storages names one twice, or one that no tensor uses")
      }
      guard let count = Bytes(bytes).int(offset), count == storage.count else {
        throw Failure(offset: offset, problem: "found another size than the \(storage.count) elements of storage \(key.shortened)")
      }
      offset += 8
      let size = count * storage.dtype.bits / 8
      guard size <= bytes.count - offset else {
        throw Failure(offset: offset, problem: "storage \(key.shortened) needs \(size) bytes, the file has \(bytes.count - offset) more: it was cut short")
      }
      storages[key] = offset..<offset + size
      offset += size
    }
    return TorchFile.Contents(members: members, storages: storages)
  }

  private static func pickle(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(PickleMachine.Failure) -> (PickleMachine, PickleMachine.Reference, Int) {
    var unpickler = Unpickler(bytes, from: start)
    let root = try unpickler.load()
    return (unpickler.machine, root, unpickler.offset)
  }
}
