/// What the split patterns of byte-level BPE tell apart: `\p{L}`, `\p{N}`, `\s` and everything else.
///
/// The library's regular expressions have tables of Unicode 16; a younger character is of class `other`.
enum CharacterClass: UInt8, Sendable {
  case other, letter, number, space

  init(_ scalar: Unicode.Scalar) {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      self = BertCharacters.isKnown(scalar, in: 16) ? .letter : .other
    case .decimalNumber, .letterNumber, .otherNumber: self = BertCharacters.isKnown(scalar, in: 16) ? .number : .other
    default: self = properties.isWhitespace ? .space : .other
    }
  }

  /// The first 12,288 code points: European and Indic scripts, punctuation, symbols.
  private static let table: [CharacterClass] = (0..<0x3000 as Range<UInt32>).map { CharacterClass(Unicode.Scalar($0).unsafelyUnwrapped) }

  /// Reads classes without touching a global for each character.
  struct Reader {
    private let table: UnsafeBufferPointer<CharacterClass>

    /// The class of the character at `bytes`, and its length.
    @inline(__always)
    func read(_ bytes: UnsafePointer<UInt8>) -> (class: CharacterClass, width: Int) {
      if bytes[0] < 0x80 { return (table[Int(bytes[0])], 1) }
      let (scalar, width) = decodeScalar(bytes)
      switch scalar.value {
      case 0..<0x3000: return (table[Int(scalar.value)], width)
      case 0x4E00...0x9FFF, 0xAC00...0xD7A3: return (.letter, width)  // ideographs and hangul syllables, all assigned
      default: return (CharacterClass(scalar), width)
      }
    }

    static func with<Result>(_ body: (Reader) -> Result) -> Result {
      CharacterClass.table.withUnsafeBufferPointer { body(Reader(table: $0)) }
    }
  }
}
