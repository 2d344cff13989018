/// One matching rule for a label, written as words: what a regular expression would say for the few forms that occur.
///
/// | pattern | matches | as a regular expression |
/// | --- | --- | --- |
/// | `health issue[s]` | whole words, with or without the bracketed part | `\bhealth issues?\b` |
/// | `suicid*` | the beginning of a word | `\bsuicid` |
/// | `^yes` | only at the beginning, after white space | `^\s*yes\b` |
///
/// Matching ignores ASCII case. A word character is a letter, a digit or `_` in any script, as in Python's `re`.
public struct Phrase: Sendable, Hashable {
  /// The pattern as written.
  public let pattern: String
  /// True for `^…`.
  let isAnchored: Bool
  /// True for `…*`.
  let isOpen: Bool
  /// The spellings with every bracket taken or left, in lower case.
  let alternatives: [[UInt8]]

  /// Nil when `pattern` is empty, has unbalanced brackets, or holds anything but lower-case ASCII words, spaces and `- '`.
  public init?(_ pattern: String) {
    var body = Substring(pattern)
    isAnchored = body.first == "^"
    if isAnchored { body.removeFirst() }
    isOpen = body.last == "*"
    if isOpen { body.removeLast() }
    var spellings: [[UInt8]] = [[]]
    var optional: [UInt8]?
    for byte in body.utf8 {
      switch byte {
      case UInt8(ascii: "[") where optional == nil: optional = []
      case UInt8(ascii: "]"):
        guard let part = optional, !part.isEmpty, spellings.count <= 8 else { return nil }
        spellings += spellings.map { $0 + part }
        optional = nil
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "'"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        if optional == nil { for k in spellings.indices { spellings[k].append(byte) } } else { optional?.append(byte) }
      default: return nil
      }
    }
    guard optional == nil, spellings.allSatisfy({ !$0.isEmpty && isASCIIWord($0[0]) && isASCIIWord($0[$0.count - 1]) }) else { return nil }
    (self.pattern, alternatives) = (pattern, spellings)
  }

  /// True when the phrase occurs in `text`, which must already be folded with `Folded`.
  func matches(_ text: Folded) -> Bool {
    if isAnchored {
      let start = text.firstNonSpace
      return alternatives.contains { text.hasPrefix($0, at: start) && closes(text, at: start + $0.count) }
    }
    return alternatives.contains { word in
      var from = 0
      while let start = text.find(word, from: from) {
        if !text.hasWordCharacter(before: start) && closes(text, at: start + word.count) { return true }
        from = start + 1
      }
      return false
    }
  }

  private func closes(_ text: Folded, at end: Int) -> Bool { isOpen || !text.hasWordCharacter(after: end) }
}

/// Text as UTF-8 bytes with ASCII letters in lower case: made once, searched by many phrases.
struct Folded {
  let bytes: [UInt8]

  init(_ text: some StringProtocol) {
    var bytes = Array(text.utf8)
    bytes.withUnsafeMutableBufferPointer { bytes in
      for i in bytes.indices where bytes[i] >= 0x41 && bytes[i] <= 0x5A { bytes[i] |= 0x20 }
    }
    self.bytes = bytes
  }

  /// The offset of the first character that is not white space.
  var firstNonSpace: Int {
    var i = 0
    while i < bytes.count {
      if bytes[i] == 0x20 || bytes[i] >= 0x09 && bytes[i] <= 0x0D || bytes[i] >= 0x1C && bytes[i] <= 0x1F {
        i += 1
      } else if bytes[i] >= 0x80, let scalar = scalar(at: i), scalar.properties.isWhitespace {
        i += UTF8.width(scalar)
      } else {
        break
      }
    }
    return i
  }

  func hasPrefix(_ word: [UInt8], at start: Int) -> Bool {
    start + word.count <= bytes.count && bytes[start..<start + word.count].elementsEqual(word)
  }

  /// The first occurrence of `word` at or after `from`.
  func find(_ word: [UInt8], from: Int) -> Int? {
    bytes.withUnsafeBufferPointer { $0.firstOffset(of: word, from: from) }
  }

  func hasWordCharacter(after offset: Int) -> Bool {
    guard offset < bytes.count else { return false }
    if bytes[offset] < 0x80 { return isASCIIWord(bytes[offset]) }
    return scalar(at: offset).map(isWord) ?? false
  }

  func hasWordCharacter(before offset: Int) -> Bool {
    guard offset > 0 else { return false }
    if bytes[offset - 1] < 0x80 { return isASCIIWord(bytes[offset - 1]) }
    var start = offset - 1
    while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return scalar(at: start).map(isWord) ?? false
  }

  private func scalar(at offset: Int) -> Unicode.Scalar? {
    String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self).unicodeScalars.first
  }

  private func isWord(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic || scalar.properties.numericType != nil }
}

private func isASCIIWord(_ byte: UInt8) -> Bool {
  byte >= 0x61 && byte <= 0x7A || byte >= 0x41 && byte <= 0x5A || byte >= 0x30 && byte <= 0x39 || byte == 0x5F
}
