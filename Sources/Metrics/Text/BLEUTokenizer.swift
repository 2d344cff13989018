/// How a text becomes the words that BLEU counts; the names are sacrebleu's.
public enum BLEUTokenization: String, Sendable, CaseIterable {
  /// mteval-v13a, the default everywhere.
  case mteval13a = "13a"
  /// mteval-v14 with `--international-tokenization`: every punctuation mark and symbol of Unicode stands alone.
  case international = "intl"
  /// Every character but white space.
  case characters = "char"
  /// Every Chinese character, and the rest as `13a` does.
  case chinese = "zh"
  /// What white space separates.
  case none
}

/// Turns texts into word numbers. Holds the buffers and the vocabulary of one run; not for sharing between threads.
struct BLEUTokenizer {
  let tokenization: BLEUTokenization
  let lowercase: Bool
  /// sacrebleu cuts white space off the end before anything else; `evaluate` does not.
  let trimsEnd: Bool
  private var words = WordTable()
  private let rules = MTEvalRules()
  private var ids: [Int32] = []

  init(_ tokenization: BLEUTokenization, lowercase: Bool = false, trimsEnd: Bool = true) {
    (self.tokenization, self.lowercase, self.trimsEnd) = (tokenization, lowercase, trimsEnd)
  }

  /// The words of `text` as numbers.
  mutating func tokenize(_ text: String) -> [Int32] {
    ids.removeAll(keepingCapacity: true)
    var text = lowercase ? lowercased(text) : text
    text.withUTF8 { bytes in
      let line = trimsEnd ? WhiteSpace.trimmedEnd(bytes) : bytes
      switch tokenization {
      case .mteval13a: rules.apply(mteval: line) { split($0) }
      case .chinese:
        let spaced = spacedChinese(line)
        spaced.withUnsafeBufferPointer { line in rules.apply(punctuation: line, padded: false) { split($0) } }
      case .international:
        let separated = separatedSymbols(line)
        separated.withUnsafeBufferPointer { split($0) }
      case .characters:
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars where !WhiteSpace.contains(scalar.value) {
          Array(scalar.utf8).withUnsafeBufferPointer { ids.append(words.id(of: $0)) }
        }
      case .none: split(line)
      }
    }
    return ids
  }

  /// The words themselves.
  mutating func strings(_ text: String) -> [String] { tokenize(text).map { String(decoding: words.word($0), as: UTF8.self) } }

  private mutating func split(_ line: UnsafeBufferPointer<UInt8>) {
    WhiteSpace.split(line) { ids.append(words.id(of: $0)) }
  }

  private func spacedChinese(_ line: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var scalars = Array(String(decoding: line, as: UTF8.self).unicodeScalars)[...]
    while let first = scalars.first, WhiteSpace.contains(first.value) { scalars.removeFirst() }
    var result: [UInt8] = []
    for scalar in scalars {
      let isChinese = Self.chinese.contains { $0.contains(scalar.value) }
      if isChinese { result.append(32) }
      result.append(contentsOf: scalar.utf8)
      if isChinese { result.append(32) }
    }
    return result
  }

  /// The three substitutions of mteval-v14: punctuation away from what precedes it unless that is a number, from what follows
  /// it unless that is one, and every symbol from both.
  private func separatedSymbols(_ line: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var scalars = Array(String(decoding: line, as: UTF8.self).unicodeScalars)
    scalars = substituted(scalars) { $0 != .number && $1 == .punctuation ? [.first, .space, .second, .space] : nil }
    scalars = substituted(scalars) { $0 == .punctuation && $1 != .number ? [.space, .first, .space, .second] : nil }
    var result: [UInt8] = []
    for scalar in scalars {
      let isSymbol = Kind(scalar) == .symbol
      if isSymbol { result.append(32) }
      result.append(contentsOf: scalar.utf8)
      if isSymbol { result.append(32) }
    }
    return result
  }

  private enum Piece { case first, second, space }

  /// Replaces neighbours from left to right; the second of a pair that matched begins no other pair, as in `re.sub`.
  private func substituted(_ scalars: [Unicode.Scalar], _ rule: (Kind, Kind) -> [Piece]?) -> [Unicode.Scalar] {
    let kinds = scalars.map(Kind.init)
    var result: [Unicode.Scalar] = []
    var i = 0
    while i < scalars.count {
      guard i + 1 < scalars.count, let pieces = rule(kinds[i], kinds[i + 1]) else {
        result.append(scalars[i])
        i += 1
        continue
      }
      for piece in pieces {
        switch piece {
        case .first: result.append(scalars[i])
        case .second: result.append(scalars[i + 1])
        case .space: result.append(" ")
        }
      }
      i += 2
    }
    return result
  }

  /// Unicode's \p{N}, \p{P}, \p{S}, and the rest.
  private enum Kind {
    case number, punctuation, symbol, other

    init(_ scalar: Unicode.Scalar) {
      self = switch scalar.properties.generalCategory {
      case .decimalNumber, .letterNumber, .otherNumber: .number
      case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation:
        .punctuation
      case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: .symbol
      default: .other
      }
    }
  }

  /// What sacrebleu takes for Chinese. Two of its ranges are meant for planes above U+FFFF, but are spelled so that Python reads them as U+2001
  /// to U+2A6D and U+2F81 to U+2FA1: dashes, quotation marks and arrows count as Chinese too, and rare characters do not.
  private static let chinese: [ClosedRange<UInt32>] = [
    0x3400...0x4DB5, 0x4E00...0x9FA5, 0x9FA6...0x9FBB, 0xF900...0xFA2D, 0xFA30...0xFA6A, 0xFA70...0xFAD9, 0x2001...0x2A6D, 0x2F81...0x2FA1,
    0xFF00...0xFFEF, 0x2E80...0x2EFF, 0x3000...0x303F, 0x31C0...0x31EF, 0x2F00...0x2FDF, 0x2FF0...0x2FFF, 0x3100...0x312F, 0x31A0...0x31BF,
    0xFE10...0xFE1F, 0xFE30...0xFE4F, 0x2600...0x26FF, 0x2700...0x27BF, 0x3200...0x32FF, 0x3300...0x33FF,
  ]
}
