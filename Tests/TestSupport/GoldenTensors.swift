public import Files

/// Arrays made by a reference implementation, read from a safetensors file without libtorch so that every test target can.
///
/// The file is trusted: it is ours, written by `scripts/reference`. A tensor that is missing or is asked for as another
/// type stops the test with a message. Format: https://huggingface.co/docs/safetensors (8-byte header length, JSON, bytes).
public struct GoldenTensors: Sendable {
  /// One array, row-major and little-endian.
  public struct Entry: Sendable {
    public let name: String
    /// The format's name: `F32`, `F64`, `BF16`, `I64`, `BOOL`, ...
    public let dtype: String
    public let shape: [Int]
    public let bytes: [UInt8]

    /// The elements of an F32 array; F16 and BF16 widen exactly.
    public var floats: [Float] {
      switch dtype {
      case "F32": load()
      case "BF16": (load() as [UInt16]).map { Float(bitPattern: UInt32($0) << 16) }
      case "F16": (load() as [UInt16]).map { Float(Float16(bitPattern: $0)) }
      default: fatalError("\(name) is \(dtype), not a floating-point array of at most 32 bits")
      }
    }

    /// The elements of any floating-point array.
    public var doubles: [Double] { dtype == "F64" ? load() : floats.map(Double.init) }

    /// The elements of any integer or Bool array.
    public var integers: [Int] {
      switch dtype {
      case "I64": load()
      case "I32": (load() as [Int32]).map(Int.init)
      case "I16": (load() as [Int16]).map(Int.init)
      case "I8": (load() as [Int8]).map(Int.init)
      case "U8", "BOOL": bytes.map(Int.init)
      default: fatalError("\(name) is \(dtype), not an integer array")
      }
    }

    private func load<T: BitwiseCopyable>() -> [T] {
      let size = MemoryLayout<T>.stride
      return bytes.withUnsafeBytes { raw in (0..<raw.count / size).map { raw.loadUnaligned(fromByteOffset: $0 * size, as: T.self) } }
    }
  }

  /// Names in the order of the file's header.
  public let names: [String]
  /// The header's `__metadata__`.
  public let metadata: [String: String]
  private let entries: [String: Entry]

  /// - Throws: `InputError` when the file is missing or is not safetensors.
  public init(_ path: String) throws(InputError) {
    let file = try MappedFile(path)
    defer { withExtendedLifetime(file) {} }
    let bytes = UnsafeRawBufferPointer(file.bytes)
    let damaged = InputError(path, "not a safetensors file", advice: "Write it again with its script in scripts/reference")
    guard bytes.count >= 8 else { throw damaged }
    let length = bytes.loadUnaligned(as: UInt64.self)
    guard length <= UInt64(bytes.count - 8) else { throw damaged }
    let start = 8 + Int(length)
    guard let header = try JSON.parse(UnsafeRawBufferPointer(rebasing: bytes[8..<start]), source: path).object else { throw damaged }
    var (names, entries, metadata): ([String], [String: Entry], [String: String]) = ([], [:], [:])
    for (name, value) in header {
      if name == "__metadata__" {
        for (key, text) in value.object ?? [:] { metadata[key] = text.string }
        continue
      }
      guard let dtype = value["dtype"]?.string, let shape = value["shape"]?.array, let range = value["data_offsets"]?.array?.compactMap(\.int),
        range.count == 2, 0 <= range[0], range[0] <= range[1], range[1] <= bytes.count - start
      else { throw damaged }
      names.append(name)
      entries[name] = Entry(name: name, dtype: dtype, shape: shape.compactMap(\.int), bytes: Array(bytes[(start + range[0])..<(start + range[1])]))
    }
    (self.names, self.entries, self.metadata) = (names, entries, metadata)
    withExtendedLifetime(file) {}
  }

  /// The array called `name`; its absence is a mistake of the test.
  public subscript(_ name: String) -> Entry {
    guard let entry = entries[name] else {
      fatalError("no golden tensor '\(name)'" + (nearestName(to: name, among: names).map { "; nearest is '\($0)'" } ?? ""))
    }
    return entry
  }

  public func has(_ name: String) -> Bool { entries[name] != nil }
}
