internal import Files
import Glibc

/// The tokens of a WordPiece model, found by their bytes, and the greedy search for the pieces of a word.
///
/// An open-addressing table keyed by FNV-1a, whose state after each byte is the hash of that prefix: the pieces of a
/// word are tried from the longest down without hashing again and without making a string.
struct WordPieceVocabulary: Sendable {
  /// What a piece inside a word begins with, normally `##`.
  let continuation: [UInt8]
  let unknown: Int32
  /// Longer words, in code points, are unknown.
  let longestWord: Int
  /// One more than the largest id.
  let size: Int

  /// The tokens' bytes, one after the other.
  private let text: [UInt8]
  /// Where each token begins in `text`; one entry more at the end.
  private let starts: [Int32]
  private let ids: [Int32]
  /// Position of a token in `ids`, or -1. The number of slots is a power of two.
  private let slots: [Int32]
  /// Position in `ids` of each id, or -1.
  private let positions: [Int32]
  private let longestToken: Int

  /// - Throws: `InputError` naming `file` when an id occurs twice, is negative, or is far beyond the number of tokens,
  ///   when a token occurs twice, or when `unknownToken` is not among them.
  init(
    _ tokens: [(token: String, id: Int)], unknownToken: String, continuation: String, longestWord: Int, file: String
  ) throws(InputError) {
    guard !tokens.isEmpty else { throw InputError(file, "the vocabulary is empty, expected one token or more") }
    // An id is a row of the embedding: a table with more gaps than tokens is a damaged file, not a vocabulary.
    let limit = 4 * tokens.count + 1024
    var text: [UInt8] = []
    var starts: [Int32] = [0]
    var positions = [Int32](repeating: -1, count: (tokens.map(\.id).max() ?? 0).clamped(to: 0...limit) + 1)
    var longest = 0
    for (position, (token, id)) in tokens.enumerated() {
      let place = "token \(JSON.string(token).encoded())"
      guard 0...limit ~= id else {
        throw InputError(file, at: place, "found id \(id), expected 0...\(limit) for a vocabulary of \(tokens.count) tokens")
      }
      guard positions[id] < 0 else { throw InputError(file, at: place, "found id \(id), which another token has") }
      positions[id] = Int32(position)
      text.append(contentsOf: token.utf8)
      starts.append(Int32(text.count))
      longest = max(longest, token.utf8.count)
    }
    var slots = [Int32](repeating: -1, count: Self.slotCount(tokens.count))
    for position in tokens.indices {
      let token = text[Int(starts[position])..<Int(starts[position + 1])]
      var slot = Int(truncatingIfNeeded: token.reduce(Self.seed, Self.mix)) & (slots.count - 1)
      while slots[slot] >= 0 {
        let other = Int(slots[slot])
        if text[Int(starts[other])..<Int(starts[other + 1])].elementsEqual(token) {
          throw InputError(file, at: "token \(JSON.string(tokens[position].token).encoded())", "found twice, with ids \(tokens[other].id) and \(tokens[position].id)")
        }
        slot = (slot + 1) & (slots.count - 1)
      }
      slots[slot] = Int32(position)
    }
    guard let unknown = tokens.first(where: { $0.token.utf8.elementsEqual(unknownToken.utf8) }) else {
      throw InputError(
        file, "the unknown token \(JSON.string(unknownToken).encoded()) is not in the vocabulary",
        advice: "Add it, or name the right token as unk_token")
    }
    self.continuation = Array(continuation.utf8)
    self.unknown = Int32(unknown.id)
    self.longestWord = longestWord
    size = positions.count
    self.text = text
    self.starts = starts
    self.slots = slots
    self.positions = positions
    longestToken = longest
    ids = tokens.map { Int32($0.id) }
  }

  func id(of token: String) -> Int32? {
    var token = token
    return token.withUTF8 { bytes in
      // An empty token is possible: an empty line of vocab.txt.
      guard let base = bytes.baseAddress else { return nil }
      return find(base, bytes.count, hash: bytes.reduce(Self.seed, Self.mix), inside: false)
    }
  }

  func token(of id: Int32) -> String? { bytes(of: id).map { String(decoding: $0, as: UTF8.self) } }

  /// The bytes that token `id` covers inside a word: without the continuation prefix unless it is the first piece.
  func length(of id: Int32, isFirst: Bool) -> Int {
    (bytes(of: id)?.count ?? 0) - (isFirst ? 0 : continuation.count)
  }

  private func bytes(of id: Int32) -> ArraySlice<UInt8>? {
    guard positions.indices.contains(Int(id)), case let position = Int(positions[Int(id)]), position >= 0 else { return nil }
    return text[Int(starts[position])..<Int(starts[position + 1])]
  }

  /// Appends the pieces of a word to `output`: at every place the longest token, or one unknown token for the whole
  /// word when some place has none.
  func appendPieces(_ word: UnsafePointer<UInt8>, _ count: Int, to output: inout [Int32]) {
    if count > longestWord, codePoints(word, count) > longestWord { return output.append(unknown) }
    let first = output.count
    var start = 0
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: longestToken) { hashes in
      while start < count {
        let inside = start > 0
        let longest = min(count - start, longestToken)
        var hash = inside ? continuation.reduce(Self.seed, Self.mix) : Self.seed
        for index in 0..<longest {
          hash = Self.mix(hash, word[start + index])
          hashes[index] = hash
        }
        var length = longest
        while length > 0 {
          if let id = find(word + start, length, hash: hashes[length - 1], inside: inside) {
            output.append(id)
            break
          }
          length -= 1
        }
        if length == 0 {
          output.removeSubrange(first...)
          output.append(unknown)
          return
        }
        start += length
      }
    }
  }

  @inline(__always)
  private func find(_ bytes: UnsafePointer<UInt8>, _ count: Int, hash: UInt64, inside: Bool) -> Int32? {
    let prefix = inside ? continuation.count : 0
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while case let position = Int(slots[slot]), position >= 0 {
      let start = Int(starts[position])
      if Int(starts[position + 1]) - start == prefix + count {
        let matches = text.withUnsafeBufferPointer { text in
          continuation.withUnsafeBufferPointer { memcmp(text.baseAddress! + start, $0.baseAddress ?? bytes, prefix) == 0 }
            && memcmp(text.baseAddress! + start + prefix, bytes, count) == 0
        }
        if matches { return ids[position] }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private func codePoints(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    UnsafeBufferPointer(start: bytes, count: count).count { $0 & 0xC0 != 0x80 }
  }

  /// FNV-1a (Fowler, Noll and Vo), 64 bits.
  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
  @inline(__always) private static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

  private static func slotCount(_ tokens: Int) -> Int {
    var count = 16
    while count < 3 * tokens { count *= 2 }
    return count
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int { Swift.min(Swift.max(self, range.lowerBound), range.upperBound) }
}
