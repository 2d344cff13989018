public import Files

/// A mapped safetensors file: the header is checked, the tensors are not read.
///
/// Format: 8 bytes little-endian header length, a JSON header, then the tensors' bytes without gaps
/// (https://huggingface.co/docs/safetensors). As strict as the reference implementation: no overlap, no hole, no rest.
public struct SafetensorsFile: Sendable {
  /// In the order of the data.
  public let tensors: [StoredTensor]
  /// `__metadata__`, in the file's order; usually `format: pt`.
  public let metadata: [(key: String, value: String)]

  /// The reference implementation's bound on the header's size.
  private static let maximumHeader = 100_000_000

  /// - Throws: `InputError` naming the file and the tensor or byte.
  public init(_ path: String) throws(InputError) {
    let file = try MappedFile(path)
    defer { withExtendedLifetime(file) {} }
    let header = try Self.header(file)
    let dataStart = header.end

    var metadata: [(key: String, value: String)] = []
    var entries: [(range: Range<Int>, tensor: StoredTensor)] = []
    entries.reserveCapacity(header.object.count)
    for (name, value) in header.object {
      if name == "__metadata__" {
        metadata = try Self.metadata(value, path)
      } else {
        let entry = try Entry(name, value, path)
        let tensor = StoredTensor(name: name, dtype: entry.dtype, shape: entry.shape, offset: dataStart + entry.range.lowerBound, file: file)
        entries.append((entry.range, tensor))
      }
    }
    entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }

    var end = 0
    for (range, tensor) in entries {
      guard range.lowerBound == end else {
        throw InputError(
          path, at: "tensor \"\(tensor.name.shortened)\"",
          "its data starts at byte \(range.lowerBound), expected \(end), where the tensor before it ends", advice: Entry.advice)
      }
      end = range.upperBound
    }
    let available = file.bytes.count - dataStart
    guard end == available else {
      throw InputError(
        path, "found \(available) bytes of data, expected \(end) by its header",
        advice: end > available ? "The file was cut short: fetch it again" : Entry.advice)
    }
    self.metadata = metadata
    tensors = entries.map(\.tensor)
  }

  private static func header(_ file: MappedFile) throws(InputError) -> (object: JSONObject, end: Int) {
    let bytes = UnsafeRawBufferPointer(file.bytes)
    guard let length: UInt64 = Bytes(bytes).load(0) else {
      throw InputError(file.path, "found \(bytes.count) bytes, expected at least the 8 of the header's length", advice: Entry.advice)
    }
    guard length <= maximumHeader, length <= bytes.count - 8 else {
      // Any first byte may be part of a true length, so another format is suspected only once the length is wrong.
      if bytes.starts(with: "PK\u{3}\u{4}".utf8) {
        throw InputError(file.path, "found a zip file, expected safetensors", advice: "If torch.save wrote it, name it pytorch_model.bin")
      }
      throw FileSignature.mistake(file, expected: "a safetensors file") ?? InputError(
        file.path, at: "byte 0", "found a header length of \(length), expected at most \(min(bytes.count - 8, maximumHeader))",
        advice: "The file was cut short, or is not safetensors: fetch it again")
    }
    let end = 8 + Int(length)
    let json = try JSON.parse(UnsafeRawBufferPointer(rebasing: bytes[8..<end]), source: file.path + " (header)")
    guard let object = json.object else { throw InputError(file.path, at: "header", "found \(json.kind), expected an object", advice: Entry.advice) }
    return (object, end)
  }

  private static func metadata(_ value: JSON, _ path: String) throws(InputError) -> [(key: String, value: String)] {
    guard let object = value.object else {
      throw InputError(path, at: "key \"__metadata__\"", "found \(value.kind), expected an object of strings", advice: Entry.advice)
    }
    var result: [(key: String, value: String)] = []
    for (key, value) in object {
      guard let text = value.string else {
        throw InputError(path, at: "key \"__metadata__.\(key.shortened)\"", "found \(value.kind), expected a string", advice: Entry.advice)
      }
      result.append((key, text))
    }
    return result
  }
}

/// One tensor of the header.
private struct Entry {
  let dtype: StoredDType
  let shape: [Int]
  /// From the start of the data.
  let range: Range<Int>

  static let advice = "The file is damaged: fetch it again"

  init(_ name: String, _ value: JSON, _ path: String) throws(InputError) {
    func error(_ problem: String) -> InputError { InputError(path, at: "tensor \"\(name.shortened)\"", problem, advice: Self.advice) }
    guard let object = value.object else { throw error("found \(value.kind), expected an object") }
    for key in object.keys where !["dtype", "shape", "data_offsets"].contains(key) { throw error("found the unknown field \"\(key.shortened)\"") }

    guard let dtypeName = object["dtype"]?.string else { throw error("its dtype is \(object["dtype"]?.kind ?? "missing"), expected a string") }
    guard let dtype = StoredDType(rawValue: dtypeName) else { throw error("found the dtype \"\(dtypeName.shortened)\", expected one of \(StoredDType.allCases.map(\.rawValue).joined(separator: " "))") }

    guard let sizes = object["shape"]?.array else { throw error("its shape is \(object["shape"]?.kind ?? "missing"), expected a list") }
    guard sizes.count <= StoredTensor.maximumRank else { throw error("found \(sizes.count) dimensions, expected at most \(StoredTensor.maximumRank)") }
    let shape = sizes.compactMap(\.int)
    guard shape.count == sizes.count, let count = StoredTensor.count(shape) else { throw error("its shape is not a list of sizes whose product fits in 63 bits") }
    let (bits, overflow) = count.multipliedReportingOverflow(by: dtype.bits)
    guard !overflow, bits % 8 == 0 else { throw error("\(count) elements of \(dtypeName) are not a whole number of bytes below 2^60") }

    guard let pair = object["data_offsets"]?.array, pair.count == 2, let begin = pair[0].int, let end = pair[1].int, begin >= 0, begin <= end else {
      throw error("its data_offsets are not two integers, 0 <= begin <= end")
    }
    guard end - begin == bits / 8 else {
      throw error("its data_offsets span \(end - begin) bytes, expected \(bits / 8) for \(dtypeName) \(shape)")
    }
    (self.dtype, self.shape, range) = (dtype, shape, begin..<end)
  }
}

extension String {
  /// For error messages: at most 120 characters.
  var shortened: String { utf8.count <= 120 ? self : prefix(100) + "… (\(utf8.count) bytes)" }
}
