/// Texts as chrF sees them: characters, and words with one mark of punctuation set apart from each.
struct CHRFReader {
  struct Text {
    /// Code points.
    var characters: [Int32] = []
    /// Numbers of words; empty for chrF without words.
    var words: [Int32] = []
  }

  private let settings: CHRF
  private var table = WordTable()

  init(_ settings: CHRF) { self.settings = settings }

  mutating func read(_ text: String) -> Text {
    var text = settings.lowercase ? lowercased(text) : text
    var result = Text()
    result.characters.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars where settings.whiteSpace || !WhiteSpace.contains(scalar.value) {
      result.characters.append(Int32(bitPattern: scalar.value))
    }
    if settings.wordOrder > 0 {
      text.withUTF8 { bytes in WhiteSpace.split(bytes) { add($0, to: &result.words) } }
    }
    return result
  }

  /// A mark at the end goes its own way; only where there is none does one at the start: `(hi)` is `(hi` and `)`.
  private mutating func add(_ word: UnsafeBufferPointer<UInt8>, to words: inout [Int32]) {
    let isOneCharacter = word.count == 1 || word.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
    var cut = 0
    if !isOneCharacter {
      if Self.isMark(word[word.count - 1]) { cut = word.count - 1 } else if Self.isMark(word[0]) { cut = 1 }
    }
    if cut > 0 { words.append(table.id(of: UnsafeBufferPointer(rebasing: word[..<cut]))) }
    words.append(table.id(of: UnsafeBufferPointer(rebasing: word[cut...])))
  }

  /// The punctuation of ASCII.
  private static func isMark(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
}
