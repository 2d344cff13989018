internal import Files

/// Reads the fields of a protobuf message one by one, with every length checked against the bytes that are there.
struct ProtobufReader {
  enum Value {
    case integer(UInt64)
    case float(Float)
    case bytes(Range<Int>)
    /// A 64-bit field, which no message of interest has.
    case wide
  }

  private let bytes: [UInt8]
  private let file: String
  private var index: Int
  private let end: Int

  init(_ bytes: [UInt8], _ range: Range<Int>? = nil, file: String) {
    self.bytes = bytes
    self.file = file
    index = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  /// The next field; nil at the end.
  /// - Throws: `InputError` naming the byte: a number that does not end, a field that reaches beyond the message, a group.
  mutating func next() throws(InputError) -> (number: Int, value: Value)? {
    guard index < end else { return nil }
    let start = index
    let key = try integer()
    let number = Int(key >> 3)
    guard 1...(1 << 29) ~= number else { throw failure(start, "found field number \(key >> 3), expected 1 to \(1 << 29)") }
    switch key & 7 {
    case 0: return (number, .integer(try integer()))
    case 1:
      _ = try take(8, start)
      return (number, .wide)
    case 2:
      let count = try integer()
      guard count <= UInt64(end - index) else {
        throw failure(start, "found a field of \(count) bytes, \(end - index) are left")
      }
      return (number, .bytes(try take(Int(count), start)))
    case 5:
      let range = try take(4, start)
      let bits = bytes[range].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return (number, .float(Float(bitPattern: bits)))
    default: throw failure(start, "found wire type \(key & 7), expected 0, 1, 2 or 5")
    }
  }

  func failure(_ place: Int, _ problem: String) -> InputError {
    InputError(file, at: "byte \(place)", problem, advice: "The file is damaged or no sentencepiece model; fetch it again")
  }

  private mutating func take(_ count: Int, _ start: Int) throws(InputError) -> Range<Int> {
    guard count <= end - index else { throw failure(start, "found a field of \(count) bytes, \(end - index) are left") }
    defer { index += count }
    return index..<(index + count)
  }

  /// A number in groups of seven bits, at most ten of them.
  private mutating func integer() throws(InputError) -> UInt64 {
    let start = index
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while index < end, shift < 70 {
      let byte = bytes[index]
      index += 1
      result |= shift < 64 ? UInt64(byte & 0x7F) << shift : 0
      if byte < 0x80 { return result }
      shift += 7
    }
    throw failure(start, "found a number that does not end")
  }
}
