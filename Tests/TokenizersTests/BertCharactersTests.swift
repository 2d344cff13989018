import Files
import TestSupport
import Testing

@testable import Tokenizers

/// Every code point that Unicode assigns, and the edges of the private planes, against the `tokenizers` library
/// (scripts/reference/bert_characters.py).
@Suite struct BertCharactersTests {
  static let golden = try! JSON.read(Fixtures.path("tokenizers/bert_characters.json"))
  static let scalars: [Unicode.Scalar] = [0..<0x34000, 0xE0000..<0xE0200, 0xEFFF0..<0xF0010, 0xFFFF0..<0x100010, 0x10FFF0..<0x110000]
    .flatMap { ($0 as Range<UInt32>).compactMap(Unicode.Scalar.init) }

  @Test(arguments: ["chinese", "nonspacing", "punctuation", "removed", "space", "word"])
  func classOfEveryCharacter(_ name: String) {
    var expected = [Bool](repeating: false, count: 0x110000)
    for range in Self.golden["ranges"]![name]!.ranges { for code in range.lowerBound...range.upperBound { expected[code] = true } }
    let predicate: (Unicode.Scalar) -> Bool =
      switch name {
      case "chinese": BertCharacters.isChinese
      case "nonspacing": BertCharacters.isNonspacingMark
      case "punctuation": BertCharacters.isPunctuation
      case "removed": BertCharacters.isRemoved
      // What `clean_text` makes U+0020: control characters are dropped before, but for tab and line ends.
      case "space": { BertCharacters.isWhitespace($0) && !BertCharacters.isRemoved($0) }
      default: BertCharacters.isWord
      }
    let wrong = Self.scalars.filter { predicate($0) != expected[Int($0.value)] }.map { String($0.value, radix: 16) }
    #expect(wrong.isEmpty, "\(wrong.count) differ: \(wrong.prefix(10))")
  }

  @Test(arguments: ["stripped_accents", "lowercase"])
  func normalisationOfEveryCharacter(_ name: String) {
    let strips = name == "stripped_accents"
    let normalizer = BertNormalizer(cleansText: false, spacesChinese: false, stripsAccents: strips, lowercases: !strips)
    var expected: [UInt32: String] = [:]
    for entry in Self.golden[name]!.string!.split(separator: " ") {
      let sides = entry.split(separator: "=")
      expected[UInt32(sides[0], radix: 16)!] = String(sides[1])
    }
    var wrong: [String] = []
    let scalars = Self.scalars.filter { $0 != "\n" && !(0xAC00...0xD7A3 ~= $0.value) && !(strips && BertCharacters.isNonspacingMark($0)) }
    // One text, a character a line: a line end separates as any character that is no mark does.
    var text = ""
    for scalar in scalars {
      text.unicodeScalars.append(scalar)
      text += "\n"
    }
    let lines = normalizer.normalized(text).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (scalar, line) in zip(scalars, lines) {
      let found = String(decoding: line, as: UTF8.self).unicodeScalars.map { String($0.value, radix: 16, uppercase: true) }.joined(separator: ".")
      if found != expected[scalar.value] ?? String(scalar.value, radix: 16, uppercase: true) { wrong.append(found) }
    }
    #expect(lines.count == scalars.count + 1)
    #expect(wrong.isEmpty, "\(wrong.count) differ: \(wrong.prefix(10))")
  }

  @Test(arguments: [
    // Hangul by arithmetic; marks in canonical order; a mark that is no accent (U+302E) keeps its place in that order.
    ("각", "\u{1100}\u{1161}\u{11A8}"), ("가", "\u{1100}\u{1161}"), ("e\u{301}\u{327}x", "ex"), ("a\u{302E}\u{323}b", "a\u{302E}b"),
  ])
  func sequencesInCanonicalOrder(_ text: String, _ expected: String) {
    let normalizer = BertNormalizer(cleansText: false, spacesChinese: false, stripsAccents: true, lowercases: false)
    #expect(normalizer.normalized(text) == Array(expected.utf8))
  }
}
