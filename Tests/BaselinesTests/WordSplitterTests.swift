@testable import Baselines
import Files
import TestSupport
import Testing

@Suite struct WordSplitterTests {
  private func split(_ text: String) -> [String] {
    var words: [String] = []
    var splitter = WordSplitter()
    splitter.forEachWord(in: text) { words.append(String(decoding: $0, as: UTF8.self)) }
    return words
  }

  @Test func splitsOddTextAsScikitLearnDoes() {
    for item in Golden.words["split"]!.array! {
      let words = split(item["text"]!.string!).map { Array($0.utf8) }
      #expect(words == item["words"]!.strings.map { Array($0.utf8) }, "\(item["text"]!.string!)")
    }
  }

  /// Every code point between two words that would swallow it, against Python's `\w` and `str.lower`; characters that Python's
  /// Unicode version (14) does not have yet are left to Swift's.
  @Test func everyCodePointIsAWordCharacterExactlyWhenPythonSaysSo() {
    var word = Set<UInt32>()
    for range in Golden.words["ranges"]!.array!.map(\.ints) { word.formUnion(UInt32(range[0])...UInt32(range[1])) }
    let lower = Golden.words["lower"]!.object!
    var wrong: [UInt32] = []
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value), let age = scalar.properties.age, age <= (14, 0) else { continue }
      let mapped = lower[String(value, radix: 16, uppercase: true)]?.string
      let expected = (mapped?.split(separator: " ").map { UInt32($0, radix: 16)! } ?? [value]).map { Unicode.Scalar($0)! }
      // "xx" + lowered + "yy", cut where a scalar is no word character
      let text = "xx" + expected.map { word.contains($0.value) ? String(String.UnicodeScalarView([$0])) : " " }.joined() + "yy"
      let words = text.unicodeScalars.split(separator: " ").map { Array($0) }
      let found = split("xx\(String(String.UnicodeScalarView([scalar])))yy").map { Array($0.unicodeScalars) }
      if found != words.filter({ $0.count >= 2 }) { wrong.append(value) }
    }
    #expect(wrong.isEmpty, "\(wrong.count) code points, first U+\(String(wrong.first ?? 0, radix: 16))")
  }
}
