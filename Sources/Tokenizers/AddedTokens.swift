/// A token that is found in the text before anything else is done to it, such as `[MASK]`.
struct AddedToken: Sendable {
  var content: String
  var id: Int32
  /// Left out by `decode` when special tokens are skipped.
  var isSpecial = false
  /// Only where no word character is beside it.
  var isSingleWord = false
  /// Takes the white space before or after it along.
  var stripsLeft = false
  var stripsRight = false
  /// Searched in the normalised text, with its own content normalised, instead of in the text as it is.
  var isNormalized = false
  /// Only between white space or ends of the text (`never_split`).
  var isDelimited = false
}

/// Finds added tokens: leftmost first, of several at one place the longest.
///
/// Source of the rules: `AddedVocabulary::find_matches` of the `tokenizers` library.
struct AddedTokenFinder: Sendable {
  struct Match {
    var range: Range<Int>
    var token: AddedToken
  }

  /// By first byte; longest first.
  private let patterns: [[(bytes: [UInt8], token: AddedToken)]]
  let isEmpty: Bool

  init(_ tokens: [(bytes: [UInt8], token: AddedToken)]) {
    var patterns: [[(bytes: [UInt8], token: AddedToken)]] = Array(repeating: [], count: 256)
    for pattern in tokens.sorted(by: { $0.bytes.count > $1.bytes.count }) {
      if let first = pattern.bytes.first { patterns[Int(first)].append(pattern) }
    }
    self.patterns = patterns
    isEmpty = patterns.allSatisfy(\.isEmpty)
  }

  func matches(in text: UnsafeBufferPointer<UInt8>) -> [Match] {
    guard !isEmpty, let bytes = text.baseAddress else { return [] }
    var result: [Match] = []
    var index = 0
    var free = 0  // where the text not yet taken begins
    patterns.withUnsafeBufferPointer { patterns in
      while index < text.count {
        let candidates = patterns[Int(bytes[index])]
        guard !candidates.isEmpty, let found = candidates.first(where: { text[index...].starts(with: $0.bytes) }) else {
          index &+= 1
          continue
        }
        let end = index + found.bytes.count
        if var range = accepted(index..<end, found.token, text) {
          if found.token.stripsLeft { range = max(spaceBefore(range.lowerBound, text), free)..<range.upperBound }
          if found.token.stripsRight { range = range.lowerBound..<spaceAfter(range.upperBound, text) }
          result.append(Match(range: range, token: found.token))
          free = range.upperBound
        }
        index = max(end, free)
      }
    }
    return result
  }

  private func accepted(_ range: Range<Int>, _ token: AddedToken, _ text: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    let before = scalar(before: range.lowerBound, text)
    let after = range.upperBound < text.count ? decodeScalar(text.baseAddress! + range.upperBound).scalar : nil
    if token.isSingleWord, before.map(BertCharacters.isWord) == true || after.map(BertCharacters.isWord) == true { return nil }
    if token.isDelimited, before.map(BertCharacters.isWhitespace) == false || after.map(BertCharacters.isWhitespace) == false { return nil }
    return range
  }

  private func scalar(before index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
    guard index > 0 else { return nil }
    var start = index - 1
    while text[start] & 0xC0 == 0x80 { start -= 1 }
    return decodeScalar(text.baseAddress! + start).scalar
  }

  private func spaceBefore(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    var index = index
    while let scalar = scalar(before: index, text), BertCharacters.isWhitespace(scalar) { index -= UTF8.width(scalar) }
    return index
  }

  private func spaceAfter(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    var index = index
    while index < text.count, case let (scalar, width) = decodeScalar(text.baseAddress! + index), BertCharacters.isWhitespace(scalar) {
      index += width
    }
    return index
  }
}
