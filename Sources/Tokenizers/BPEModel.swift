internal import Files

/// A byte-pair encoding: the vocabulary, the merges, and what becomes of characters that are not in it.
///
/// Source of the rules: `models/bpe` of the `tokenizers` library.
struct BPEModel: Sendable {
  let table: TokenTable
  let merges: BPEMerges
  /// Words are made of bytes, spelled in `ByteAlphabet`; else of characters.
  let isByteLevel: Bool
  /// A space in the text is a token's "▁".
  let marksSpaces: Bool
  /// A word that is a token as a whole is not merged.
  let ignoresMerges: Bool
  let unknown: Int32?
  /// Unknown characters in a row make one unknown token.
  let fusesUnknown: Bool
  /// The ids of `<0x00>` to `<0xFF>`, -1 for a missing one; empty without byte fallback.
  let byteTokens: [Int32]
  /// The first symbol of each byte, or of each ASCII character; -1 where there is none.
  private let firstSymbols: [Int32]

  static let mark = "▁"

  init(
    table: TokenTable, merges: BPEMerges, isByteLevel: Bool, marksSpaces: Bool, ignoresMerges: Bool, unknown: Int32?,
    fusesUnknown: Bool, fallsBackToBytes: Bool
  ) {
    self.table = table
    self.merges = merges
    self.isByteLevel = isByteLevel
    self.marksSpaces = marksSpaces
    self.ignoresMerges = ignoresMerges
    self.unknown = unknown
    self.fusesUnknown = fusesUnknown
    byteTokens = fallsBackToBytes ? (0...255).map { table.id(of: Self.byteToken($0)) ?? -1 } : []
    firstSymbols = (0...255 as ClosedRange<UInt8>).map { byte in
      if isByteLevel { return table.id(of: String(ByteAlphabet.characters[Int(byte)])) ?? -1 }
      if byte == 0x20 && marksSpaces { return table.id(of: Self.mark) ?? -1 }
      return byte < 0x80 ? table.id(of: String(Unicode.Scalar(byte))) ?? -1 : -1
    }
  }

  /// `<0x0A>`
  static func byteToken(_ byte: Int) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
  }

  /// Leaves the tokens of a word in `space`.
  @inline(__always)
  func merge(_ word: UnsafePointer<UInt8>, _ count: Int, _ space: MergeSpace) {
    space.reset(capacity: count &+ 1)
    if ignoresMerges, let id = wholeWord(word, count) { return space.append(id, length: count) }
    if isByteLevel {
      for index in 0..<count where firstSymbols[Int(word[index])] >= 0 { space.append(firstSymbols[Int(word[index])], length: 1) }
    } else {
      appendCharacters(word, count, space)
    }
    space.merge(merges)
  }

  private func wholeWord(_ word: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    guard count <= table.longest else { return nil }
    let bytes = UnsafeBufferPointer(start: word, count: count)
    if isByteLevel { return table.id(of: ByteAlphabet.spell(bytes)) }
    guard marksSpaces else { return table.find(word, count) }
    let spelled = bytes.flatMap { $0 == 0x20 ? Array(Self.mark.utf8) : [$0] }
    return table.find(spelled, spelled.count)
  }

  private func appendCharacters(_ word: UnsafePointer<UInt8>, _ count: Int, _ space: MergeSpace) {
    var pending = 0  // bytes of an unknown token not yet appended
    var index = 0
    while index < count {
      let byte = word[index]
      let width = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      let id = byte < 0x80 ? firstSymbols[Int(byte)] : table.find(word + index, width) ?? -1
      if id >= 0 {
        flush(&pending, space)
        space.append(id, length: width)
      } else if !byteTokens.isEmpty, (0..<width).allSatisfy({ byteTokens[Int(word[index + $0])] >= 0 }) {
        for offset in 0..<width { space.append(byteTokens[Int(word[index + offset])], length: 1) }
      } else if unknown != nil {
        if !fusesUnknown { flush(&pending, space) }
        pending += width
      }
      index += width
    }
    flush(&pending, space)
  }

  private func flush(_ pending: inout Int, _ space: MergeSpace) {
    guard pending > 0, let unknown else { return }
    space.append(unknown, length: pending)
    pending = 0
  }
}
