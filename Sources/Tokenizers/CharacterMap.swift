internal import Files

/// sentencepiece's `precompiled_charsmap`: what characters and short sequences are replaced by before anything else, such as
/// "ﬁ" by "fi". A Darts double array over UTF-8 leads to strings that end in NUL.
///
/// Source of the rules: `normalizers/precompiled.rs` of the `tokenizers` library with the crate `spm_precompiled`, whose
/// shortest match counts, also where a longer one exists.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let replacements: [UInt8]
  /// The ASCII characters that stay.
  private let keeps: [Bool]

  /// - Throws: `InputError` naming `file` when the table would lead out of its bounds.
  init(_ bytes: [UInt8], file: String) throws(InputError) {
    try CharacterMapCheck.check(bytes, file: file)
    func word(_ index: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[4 * index + $1]) << (8 * UInt32($1)) } }
    let count = Int(word(0)) / 4
    units = (1...count).map(word)
    replacements = Array(bytes[(4 + 4 * count)...])
    var keeps = [Bool](repeating: false, count: 128)
    for byte in 0..<128 as Range<UInt8> {
      keeps[Int(byte)] = Self.find([byte], units) == nil
    }
    self.keeps = keeps
  }

  /// Whether nothing of the text is replaced; false when that takes a closer look.
  func leaves(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    keeps.withUnsafeBufferPointer { keeps in text.allSatisfy { $0 < 0x80 && keeps[Int($0)] } }
  }

  /// What stands for `text`; nil when it stays.
  func replacement(for text: some Sequence<UInt8>) -> String? {
    guard let start = Self.find(text, units) else { return nil }
    return String(decoding: replacements[start...].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The value of the shortest key that `text` begins with.
  private static func find(_ text: some Sequence<UInt8>, _ units: [UInt32]) -> Int? {
    var node = offset(units[0])
    for byte in text where byte != 0 {
      node ^= Int(byte)
      let unit = units[node]
      guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
      node ^= offset(unit)
      if unit >> 8 & 1 == 1 { return Int(units[node] & 0x7FFF_FFFF) }
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
