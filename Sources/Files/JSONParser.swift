extension JSON {
  /// Arrays and objects nested deeper than this are refused, so that no file can exhaust the stack.
  public static let maximumDepth = 256

  /// Parses one strict RFC 8259 value that fills `bytes`.
  ///
  /// Refused: duplicate keys, `NaN`, trailing commas, comments, a byte-order mark, invalid UTF-8, lone surrogate escapes,
  /// numbers too large for a `Double`, nesting beyond `maximumDepth`, anything after the value.
  /// - Parameters:
  ///   - source: the file that the error names.
  ///   - firstLine: the number of the first line; for a record of a JSONL file, its line.
  /// - Throws: `InputError` with line and column (from 1, in code points).
  public static func parse(_ bytes: UnsafeRawBufferPointer, source: String, firstLine: Int = 1) throws(InputError) -> JSON {
    var parser = JSONParser(bytes)
    do {
      return try parser.document()
    } catch {
      let (line, column) = parser.position(of: error.offset)
      throw InputError(
        source, at: "line \(line + firstLine - 1), column \(column)", error.problem,
        advice: "Correct the file, or fetch it again if it was cut short")
    }
  }

  /// Parses `text`; see `parse(_:source:firstLine:)`.
  public static func parse(_ text: String, source: String, firstLine: Int = 1) throws(InputError) -> JSON {
    var text = text
    let result: Result<JSON, InputError> = text.withUTF8 { utf8 in
      do throws(InputError) {
        return .success(try parse(UnsafeRawBufferPointer(utf8), source: source, firstLine: firstLine))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Reads and parses a whole file; see `parse(_:source:firstLine:)`.
  public static func read(_ path: String) throws(InputError) -> JSON {
    try MappedFile.withBytes(of: path) { bytes throws(InputError) in try parse(bytes, source: path) }
  }
}

/// A recursive-descent parser over bytes. Every method starts at its first byte and ends after its last.
struct JSONParser {
  struct Failure: Error {
    var offset: Int
    var problem: String
  }

  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  private var depth = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func document() throws(Failure) -> JSON {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      throw Failure(offset: 0, problem: "found a byte-order mark, expected a JSON value")
    }
    skipSpace()
    let result = try value()
    skipSpace()
    guard offset == bytes.count else { throw unexpected("the end of the file") }
    return result
  }

  /// Line and column of a byte, both from 1; the column counts code points.
  func position(of offset: Int) -> (line: Int, column: Int) {
    let before = bytes[..<min(offset, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return (
      before.count { $0 == UInt8(ascii: "\n") } + 1,
      before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    )
  }

  // MARK: Values

  private mutating func value() throws(Failure) -> JSON {
    switch peek {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"): return try number()
    case let byte? where isDigit(byte): return try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func object() throws(Failure) -> JSONObject {
    var result = JSONObject()
    try descend()
    skipSpace()
    if take(UInt8(ascii: "}")) { return ascend(result) }
    repeat {
      skipSpace()
      let start = offset
      guard peek == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw unexpected("':' after the key") }
      skipSpace()
      let member = try value()
      guard result.append(key, member) else {
        throw Failure(offset: start, problem: "found the key \(JSON.string(key).encoded()) a second time in one object")
      }
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
    return ascend(result)
  }

  private mutating func array() throws(Failure) -> [JSON] {
    var result: [JSON] = []
    try descend()
    skipSpace()
    if take(UInt8(ascii: "]")) { return ascend(result) }
    repeat {
      skipSpace()
      result.append(try value())
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw unexpected("',' or ']'") }
    return ascend(result)
  }

  private mutating func literal(_ word: StaticString, _ value: JSON) throws(Failure) -> JSON {
    let end = offset + word.utf8CodeUnitCount
    guard end <= bytes.count, bytes[offset..<end].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { throw unexpected("'\(word)'") }
    offset = end
    return value
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  private mutating func number() throws(Failure) -> JSON {
    let start = offset
    let negative = take(UInt8(ascii: "-"))
    var isInteger = true
    if take(UInt8(ascii: "0")) {
      if let digit = peek, isDigit(digit) { throw Failure(offset: start, problem: "found a number with a leading zero") }
    } else {
      try digits()
    }
    if take(UInt8(ascii: ".")) {
      isInteger = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    if isInteger, let value = integer(bytes[(negative ? start + 1 : start)..<offset], negative: negative) { return .integer(value) }
    guard let value = Double(String(decoding: bytes[start..<offset], as: UTF8.self)), value.isFinite else {
      throw Failure(offset: start, problem: "found a number too large for 64-bit floating point")
    }
    return .number(value)
  }

  private func integer(_ digits: Slice<UnsafeRawBufferPointer>, negative: Bool) -> Int? {
    var result = 0
    for digit in digits {
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      let value = Int(digit - UInt8(ascii: "0"))
      let (sum, carry) = product.addingReportingOverflow(negative ? -value : value)
      if overflow || carry { return nil }
      result = sum
    }
    return result
  }

  private mutating func digits() throws(Failure) {
    guard let first = peek, isDigit(first) else { throw unexpected("a digit") }
    while let digit = peek, isDigit(digit) { offset += 1 }
  }

  // MARK: Strings

  private mutating func string() throws(Failure) -> String {
    offset += 1  // the opening quote
    let start = offset
    try skipPlain()
    if peek == UInt8(ascii: "\"") {  // no escapes: nearly every key and most values
      defer { offset += 1 }
      return try text(start..<offset)
    }
    var result = try text(start..<offset)
    while take(UInt8(ascii: "\\")) {
      try result.unicodeScalars.append(escape())
      let start = offset
      try skipPlain()
      result += try text(start..<offset)
    }
    offset += 1  // skipPlain stops only at a quote or a backslash
    return result
  }

  /// Moves to the next quote or backslash.
  private mutating func skipPlain() throws(Failure) {
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
      if byte < 0x20 { throw Failure(offset: offset, problem: "found a bare control character in a string, expected an escape") }
      offset += 1
    }
    throw Failure(offset: offset, problem: "the file ends inside a string")
  }

  private func text(_ range: Range<Int>) throws(Failure) -> String {
    let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
    if let text = String(validating: slice, as: UTF8.self) { return text }
    // Rare: find the first bad byte, for the message.
    var valid = 0
    var decoder = UTF8()
    var iterator = slice.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { valid += UTF8.width(scalar) }
    throw Failure(offset: range.lowerBound + valid, problem: "found bytes that are not UTF-8")
  }

  /// What follows a backslash.
  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    let start = offset - 1
    guard let byte = peek else { throw Failure(offset: offset, problem: "the file ends inside a string") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try codeUnit()
      if let scalar = Unicode.Scalar(first) { return scalar }
      if first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let second = try codeUnit()
        if second & 0xFC00 == 0xDC00, let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) { return scalar }
      }
      throw Failure(offset: start, problem: "found half of a surrogate pair")
    default: throw Failure(offset: start, problem: "found an unknown escape in a string")
    }
  }

  private mutating func codeUnit() throws(Failure) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw unexpected("four hexadecimal digits") }
      unit = unit << 4 | UInt32(digit)
      offset += 1
    }
    return unit
  }

  // MARK: Bytes

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private mutating func descend() throws(Failure) {
    depth += 1
    guard depth <= JSON.maximumDepth else { throw Failure(offset: offset, problem: "found nesting deeper than \(JSON.maximumDepth)") }
    offset += 1  // the opening bracket
  }

  private mutating func ascend<Value>(_ value: Value) -> Value {
    depth -= 1
    return value
  }

  private func unexpected(_ expected: String) -> Failure {
    guard let byte = peek else { return Failure(offset: offset, problem: "the file ends where \(expected) was expected") }
    let found = 0x21...0x7E ~= byte ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x" + String(byte, radix: 16)
    return Failure(offset: offset, problem: "found \(found), expected \(expected)")
  }
}
