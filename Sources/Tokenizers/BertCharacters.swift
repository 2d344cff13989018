@_spi(_Unicode) internal import Swift  // for String._nfd, the standard library's canonical decomposition

/// The character classes of the `tokenizers` library's BERT normaliser and pre-tokeniser.
///
/// The library takes categories from tables of Unicode 8 and decompositions from tables of Unicode 12; the standard
/// library's are newer. A character that those tables do not know is here what it is there: an ordinary letter. Seven
/// characters have changed category since and are named.
enum BertCharacters {
  /// Control, format and private-use characters, which `clean_text` drops. Unassigned ones stay.
  static func isRemoved(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\n", "\r": return false
    case "\0", "\u{FFFD}": return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .privateUse: return true
    case .format: return isKnown(scalar, in: 8)
    default: return false
    }
  }

  static func isWhitespace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

  /// The blocks that BERT calls Chinese: ideographs, without kana and hangul. The bounds are the library's, whose fifth
  /// block begins 0x100 later than BERT's.
  static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F, 0x2B920...0x2CEAF, 0x2F800...0x2FA1F: true
    default: false
    }
  }

  /// Accents that `strip_accents` drops after decomposition.
  static func isNonspacingMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1885, 0x1886, 0xA9BD, 0x111C9: return false
    case 0x1734, 0x1171E: return true
    default: return scalar.properties.generalCategory == .nonspacingMark && isKnown(scalar, in: 8)
    }
  }

  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return switch scalar.value {
      case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
      default: false
      }
    }
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
      .otherPunctuation:
      return isKnown(scalar, in: 8)
    default: return scalar.value == 0x166D || scalar.value == 0x111C9
    }
  }

  /// `\w` of the library's regular expressions, whose tables are of Unicode 16.
  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: return isKnown(scalar, in: 16)
    default: return (properties.isAlphabetic || properties.isJoinControl) && isKnown(scalar, in: 16)
    }
  }

  /// The canonical decomposition, in canonical order; nil when the character stands for itself.
  static func decomposition(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
    switch scalar.value {
    case 0..<0xC0, 0x2010...0x20CF, 0x4E00...0x9FFF, 0x1F000...0x1FAFF: return nil  // most of what occurs
    default: break
    }
    let scalars = Array(String(Character(scalar))._nfd)
    return scalars == [scalar] || !isKnown(scalar, in: 12) ? nil : scalars
  }

  /// 0 for a character that starts a sequence, else its rank among the marks that follow one.
  static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
    scalar.value < 0x300 || !isKnown(scalar, in: 12) ? 0 : scalar.properties.canonicalCombiningClass.rawValue
  }

  static func isKnown(_ scalar: Unicode.Scalar, in version: Int) -> Bool {
    guard let age = scalar.properties.age else { return true }  // no category either
    return age.major < version || age.major == version && age.minor == 0
  }
}
