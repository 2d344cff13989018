/// Splits text into words exactly as scikit-learn's vectorizers do by default: Python's `str.lower`, then every match of
/// `(?u)\b\w\w+\b`, that is every maximal run of at least two word characters.
///
/// A word character is a letter (any Unicode category L*), a character with a numeric value, or `_`; a combining mark is not.
/// Bytes below 0x80 go through a table; others are decoded and looked up one by one.
struct WordSplitter {
  private static let space: UInt8 = 0x20
  /// Per byte: the lower-cased word character, a space for anything else, 0 for a byte of a longer sequence.
  private static let table: [UInt8] = (0..<256).map { byte in
    switch UInt8(byte) {
    case 0x41...0x5A: UInt8(byte) | 0x20
    case 0x61...0x7A, 0x30...0x39, 0x5F: UInt8(byte)
    case 0x80...0xFF: 0
    default: space
    }
  }

  private var buffer: [UInt8] = []

  /// Calls `body` with the UTF-8 bytes of each lower-cased word, in order. The bytes are valid during the call only.
  mutating func forEachWord(in text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    var text = text
    buffer.removeAll(keepingCapacity: true)
    text.withUTF8 { lowerCase($0) }
    buffer.append(Self.space)
    buffer.withUnsafeBufferPointer { bytes in
      var start = 0
      var characters = 0
      for i in bytes.indices {
        let byte = bytes[i]
        if byte == Self.space {
          if characters >= 2 { body(UnsafeBufferPointer(rebasing: bytes[start..<i])) }
          start = i + 1
          characters = 0
        } else if byte & 0xC0 != 0x80 {  // not a continuation byte
          characters += 1
        }
      }
    }
  }

  /// Fills `buffer` with the lower-cased text in which every other character than a word character is a space.
  private mutating func lowerCase(_ text: UnsafeBufferPointer<UInt8>) {
    buffer.reserveCapacity(text.count + text.count / 8 + 1)
    var i = 0
    Self.table.withUnsafeBufferPointer { table in
      while i < text.count {
        let mapped = table[Int(text[i])]
        if mapped != 0 {
          buffer.append(mapped)
          i += 1
        } else {
          let (scalar, length) = Self.decode(text, at: i)
          append(scalar, at: i, length, of: text)
          i += length
        }
      }
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar, at i: Int, _ length: Int, of text: UnsafeBufferPointer<UInt8>) {
    if scalar == "\u{3A3}" {  // capital sigma: the one letter whose lower case depends on its neighbours
      buffer.append(contentsOf: Self.isFinalSigma(at: i, length, of: text) ? "ς".utf8 : "σ".utf8)
      return
    }
    let properties = scalar.properties
    if !properties.changesWhenLowercased {
      if Self.isWord(scalar) { buffer.append(contentsOf: UTF8.encode(scalar)!) } else { buffer.append(Self.space) }
      return
    }
    for lower in properties.lowercaseMapping.unicodeScalars {
      if Self.isWord(lower) { buffer.append(contentsOf: UTF8.encode(lower)!) } else { buffer.append(Self.space) }
    }
  }

  /// Python's `ch.isalnum() or ch == "_"`.
  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "_" { return true }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return scalar.properties.numericType != nil
    }
  }

  /// Unicode's Final_Sigma condition: a cased letter before and none after, skipping characters that ignore case.
  private static func isFinalSigma(at i: Int, _ length: Int, of text: UnsafeBufferPointer<UInt8>) -> Bool {
    var before = i
    var casedBefore = false
    while before > 0 {
      before -= 1
      while text[before] & 0xC0 == 0x80 { before -= 1 }
      let properties = decode(text, at: before).0.properties
      if properties.isCaseIgnorable { continue }
      casedBefore = properties.isCased
      break
    }
    guard casedBefore else { return false }
    var after = i + length
    while after < text.count {
      let (scalar, length) = decode(text, at: after)
      if !scalar.properties.isCaseIgnorable { return !scalar.properties.isCased }
      after += length
    }
    return true
  }

  /// The scalar that starts at byte `i` and its length. A Swift string is always valid UTF-8.
  private static func decode(_ text: UnsafeBufferPointer<UInt8>, at i: Int) -> (Unicode.Scalar, Int) {
    let first = UInt32(text[i])
    func next(_ k: Int) -> UInt32 { UInt32(text[i + k] & 0x3F) }
    if first < 0x80 { return (Unicode.Scalar(UInt8(first)), 1) }
    if first < 0xE0 { return (Unicode.Scalar((first & 0x1F) << 6 | next(1))!, 2) }
    if first < 0xF0 { return (Unicode.Scalar((first & 0x0F) << 12 | next(1) << 6 | next(2))!, 3) }
    return (Unicode.Scalar((first & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3))!, 4)
  }
}
