internal import Files
import Glibc

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
  /// Whether Chinese characters delimit too, because the tokenizer puts spaces around them first.
  var isDelimitedByChinese = false
}

/// The added tokens of a tokenizer, by id, by text, and as what is searched for.
struct AddedTokens: Sendable {
  /// By id; of two with one id the first.
  let byID: [Int32: AddedToken]
  /// Searched in the text as it is.
  let raw: AddedTokenFinder
  /// Searched in the normalised text.
  let normalized: AddedTokenFinder
  /// One more than the largest id; 0 without tokens.
  let size: Int
  private let ids: [[UInt8]: Int32]

  /// - Parameter normalize: the bytes that a token's text becomes.
  init(_ tokens: [AddedToken], normalize: (String) -> [UInt8]) {
    byID = Dictionary(tokens.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    ids = Dictionary(tokens.map { (Array($0.content.utf8), $0.id) }, uniquingKeysWith: { first, _ in first })
    raw = AddedTokenFinder(tokens.filter { !$0.isNormalized }.map { (Array($0.content.utf8), $0) })
    normalized = AddedTokenFinder(tokens.filter(\.isNormalized).map { (normalize($0.content), $0) })
    size = (tokens.map { Int($0.id) }.max() ?? -1) + 1
  }

  func id(of token: String) -> Int32? { ids.isEmpty ? nil : ids[Array(token.utf8)] }
  func isSpecial(_ id: Int32) -> Bool { byID[id]?.isSpecial ?? false }

  /// Refuses a token that contradicts the vocabulary or `others`: an added token is one of the vocabulary under the same
  /// id, or a new one under a free id.
  static func check(_ token: AddedToken, against vocabulary: TokenTable, and others: [AddedToken], _ node: JSONNode) throws(InputError) {
    let name = JSON.string(token.content).encoded()
    guard !token.content.isEmpty else { throw node.failure("found an empty added token") }
    guard token.id < vocabulary.size + 65_536 else {
      throw node.failure("the token \(name) has id \(token.id), far beyond the vocabulary of \(vocabulary.size)")
    }
    if let id = vocabulary.id(of: token.content) {
      guard id == token.id else { throw node.failure("the token \(name) has id \(token.id) here and \(id) in the vocabulary") }
    } else if let other = vocabulary.token(of: token.id) {
      throw node.failure("the token \(name) has id \(token.id), which is that of \(JSON.string(other).encoded())")
    }
    if others.contains(where: { $0.id == token.id || $0.content.utf8.elementsEqual(token.content.utf8) }) {
      throw node.failure("the token \(name) or its id \(token.id) is there twice")
    }
  }
}

/// Finds added tokens: leftmost first, of several at one place the longest.
///
/// Source of the rules: `AddedVocabulary::find_matches` of the `tokenizers` library.
struct AddedTokenFinder: Sendable {
  struct Match {
    /// With the white space that the token takes along.
    var range: Range<Int>
    /// The token alone.
    var content: Range<Int>
    var token: AddedToken
  }

  /// By first byte; longest first.
  private let patterns: [[(bytes: [UInt8], token: AddedToken)]]
  /// Whether some token begins with a byte.
  private let begins: [Bool]
  /// The first byte of every token, when there is only one: memchr is faster than a loop.
  private let onlyFirst: UInt8?
  let isEmpty: Bool

  init(_ tokens: [(bytes: [UInt8], token: AddedToken)]) {
    var patterns: [[(bytes: [UInt8], token: AddedToken)]] = Array(repeating: [], count: 256)
    for pattern in tokens.sorted(by: { $0.bytes.count > $1.bytes.count }) {
      if let first = pattern.bytes.first { patterns[Int(first)].append(pattern) }
    }
    self.patterns = patterns
    let begins = patterns.map { !$0.isEmpty }
    let firsts = begins.indices.filter { begins[$0] }
    self.begins = begins
    isEmpty = firsts.isEmpty
    onlyFirst = firsts.count == 1 ? UInt8(firsts[0]) : nil
  }

  func matches(in text: UnsafeBufferPointer<UInt8>) -> [Match] {
    guard !isEmpty, let bytes = text.baseAddress else { return [] }
    var result: [Match] = []
    var index = 0
    var free = 0  // where the text not yet taken begins
    while let next = candidate(in: bytes, from: index, to: text.count) {
      guard let found = patterns[Int(bytes[next])].first(where: { text[next...].starts(with: $0.bytes) }) else {
        index = next + 1
        continue
      }
      let end = next + found.bytes.count
      if var range = accepted(next..<end, found.token, text) {
        if found.token.stripsLeft { range = max(spaceBefore(range.lowerBound, text), free)..<range.upperBound }
        if found.token.stripsRight { range = range.lowerBound..<spaceAfter(range.upperBound, text) }
        result.append(Match(range: range, content: next..<end, token: found.token))
        free = range.upperBound
      }
      index = max(end, free)
    }
    return result
  }

  /// The next place at which some token may begin.
  private func candidate(in bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
    guard start < end else { return nil }
    if let onlyFirst {
      guard let found = memchr(bytes + start, Int32(onlyFirst), end - start) else { return nil }
      return UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
    }
    return begins.withUnsafeBufferPointer { begins in
      var index = start
      while index < end {
        if begins[Int(bytes[index])] { return index }
        index &+= 1
      }
      return nil
    }
  }

  private func accepted(_ range: Range<Int>, _ token: AddedToken, _ text: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    let before = scalar(before: range.lowerBound, text)
    let after = scalar(at: range.upperBound, text)
    if token.isSingleWord, before.map(BertCharacters.isWord) == true || after.map(BertCharacters.isWord) == true { return nil }
    if token.isDelimited {
      func delimits(_ scalar: Unicode.Scalar) -> Bool {
        BertCharacters.isWhitespace(scalar) || token.isDelimitedByChinese && BertCharacters.isChinese(scalar)
      }
      // Characters that the normaliser drops delimit nothing.
      var (start, end) = (range.lowerBound, range.upperBound)
      while let scalar = scalar(before: start, text), BertCharacters.isRemoved(scalar) { start -= UTF8.width(scalar) }
      while let scalar = scalar(at: end, text), BertCharacters.isRemoved(scalar) { end += UTF8.width(scalar) }
      if scalar(before: start, text).map(delimits) == false || scalar(at: end, text).map(delimits) == false { return nil }
    }
    return range
  }

  private func scalar(at index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
    index < text.count ? decodeScalar(text.baseAddress! + index).scalar : nil
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
