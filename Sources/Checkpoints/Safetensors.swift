public import Files
internal import Glibc
public import Torch

/// Writing safetensors, one tensor at a time: no second copy of the weights is made.
///
/// The bytes are those of the reference implementation for the same tensors: metadata first, tensors by dtype, widest first, then by
/// name, and a header padded with spaces so that the data is aligned to 8 bytes.
public enum Safetensors {
  /// Writes tensors to one file, complete or absent.
  /// - Throws: `InputError` when the disk has too little room or the file cannot be written.
  public static func write(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = ["format": "pt"], to path: String) throws(InputError) {
    try write(tensors.map { Payload($0.name, $0.tensor) }, metadata: metadata, to: path)
  }

  /// Writes stored tensors to one file, for instance those of a `pytorch_model.bin`, without libtorch's help.
  public static func write(_ tensors: [StoredTensor], metadata: [String: String] = ["format": "pt"], to path: String) throws(InputError) {
    try write(tensors.map { Payload($0) }, metadata: metadata, to: path)
  }

  /// A tensor to write: what the header says, and its bytes when they are asked for.
  struct Payload {
    let name: String
    let dtype: StoredDType
    let shape: [Int]
    let byteCount: Int
    /// Calls its argument with the row-major bytes and returns what that returned.
    let lend: ((UnsafeRawBufferPointer) -> Int32) -> Int32

    init(_ name: String, _ tensor: Tensor) {
      (self.name, dtype, shape, byteCount) = (name, StoredDType(tensor.dtype), tensor.shape, tensor.count * tensor.dtype.size)
      lend = { body in tensor.to(.cpu).contiguous().withBytes { body(UnsafeRawBufferPointer($0)) } }
    }

    /// A tensor that is made when it is written, and gone afterwards.
    init(_ name: String, dtype: StoredDType, shape: [Int], _ tensor: @escaping () -> Tensor) {
      (self.name, self.dtype, self.shape, byteCount) = (name, dtype, shape, shape.reduce(1, *) * dtype.bits / 8)
      lend = { body in tensor().to(.cpu).contiguous().withBytes { body(UnsafeRawBufferPointer($0)) } }
    }

    init(_ tensor: StoredTensor, as name: String? = nil) {
      self.name = name ?? tensor.name
      (dtype, shape, byteCount) = (tensor.dtype, tensor.shape, tensor.byteCount)
      lend = { body in tensor.withUnsafeBytes(body) }
    }
  }

  static func write(_ payloads: [Payload], metadata: [String: String], to path: String) throws(InputError) {
    let order = Dictionary(uniqueKeysWithValues: StoredDType.allCases.enumerated().map { ($1, $0) })
    let sorted = payloads.sorted { a, b in
      order[a.dtype]! != order[b.dtype]! ? order[a.dtype]! > order[b.dtype]! : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
    let header = header(sorted, metadata)
    try FreeSpace.require(header.count + payloads.reduce(0) { $0 + $1.byteCount }, for: path)
    let output = try OutputFile(path)
    try output.write { header.withUnsafeBytes($0) }
    for payload in sorted { try output.write(payload.lend) }
    try output.finish()
  }

  /// The 8 bytes of length and the header.
  private static func header(_ payloads: [Payload], _ metadata: [String: String]) -> [UInt8] {
    func quoted(_ text: String) -> String { JSON.string(text).encoded() }
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for payload in payloads {
      let shape = payload.shape.map(String.init).joined(separator: ",")
      let end = offset + payload.byteCount
      members.append("\(quoted(payload.name)):{\"dtype\":\"\(payload.dtype.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header
  }
}

/// A file that appears under its name once everything is on the disk.
private final class OutputFile {
  private let path: String
  private let temporary: String
  private var descriptor: Int32

  init(_ path: String) throws(InputError) {
    self.path = path
    temporary = path + ".partial-\(getpid())"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
  }

  /// Writes what `lend` lends.
  func write(_ lend: ((UnsafeRawBufferPointer) -> Int32) -> Int32) throws(InputError) {
    let code = lend { bytes in
      var offset = 0
      while offset < bytes.count {
        let written = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
        if written < 0 && errno != EINTR { return errno }
        offset += max(0, written)
      }
      return 0
    }
    guard code == 0 else { throw Self.failure(path, code) }
  }

  func finish() throws(InputError) {
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw Self.failure(path, errno) }
    close(descriptor)
    descriptor = -1
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  private static func failure(_ path: String, _ code: Int32) -> InputError {
    InputError(path, "cannot write: \(systemMessage(code))", advice: code == ENOSPC ? "Free some space and run the same command again" : "Check the folder and its permissions")
  }
}
