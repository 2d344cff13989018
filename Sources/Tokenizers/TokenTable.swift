internal import Files
import Glibc

/// The tokens of a vocabulary, by id and by bytes.
///
/// An open-addressing table keyed by FNV-1a, whose state after each byte is the hash of that prefix: a caller that grows a
/// candidate byte by byte never hashes twice and never makes a string.
struct TokenTable: Sendable {
  /// One more than the largest id.
  let size: Int
  /// Bytes of the longest token.
  let longest: Int

  /// The tokens' bytes, one after the other.
  private let text: [UInt8]
  /// Where each token begins in `text`; one entry more at the end.
  private let starts: [Int32]
  private let ids: [Int32]
  /// Position of a token in `ids`, or -1. The number of slots is a power of two.
  private let slots: [Int32]
  /// Position in `ids` of each id, or -1.
  private let positions: [Int32]

  /// - Throws: `InputError` naming `file` when an id occurs twice, is negative, or is far beyond the number of tokens, or
  ///   when a token occurs twice.
  init(_ tokens: [(token: String, id: Int)], file: String) throws(InputError) {
    guard !tokens.isEmpty else { throw InputError(file, "the vocabulary is empty, expected one token or more") }
    // An id is a row of the embedding: a table with more gaps than tokens is a damaged file, not a vocabulary.
    let limit = 4 * tokens.count + 1024
    var text: [UInt8] = []
    var starts: [Int32] = [0]
    var positions = [Int32](repeating: -1, count: min(max(tokens.map(\.id).max() ?? 0, 0), limit) + 1)
    var longest = 0
    for (position, (token, id)) in tokens.enumerated() {
      guard 0...limit ~= id else {
        throw InputError(file, at: Self.place(token), "found id \(id), expected 0...\(limit) for a vocabulary of \(tokens.count) tokens")
      }
      guard positions[id] < 0 else { throw InputError(file, at: Self.place(token), "found id \(id), which another token has") }
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
          throw InputError(file, at: Self.place(tokens[position].token), "found twice, with ids \(tokens[other].id) and \(tokens[position].id)")
        }
        slot = (slot + 1) & (slots.count - 1)
      }
      slots[slot] = Int32(position)
    }
    size = positions.count
    self.longest = longest
    self.text = text
    self.starts = starts
    self.slots = slots
    self.positions = positions
    ids = tokens.map { Int32($0.id) }
  }

  private static func place(_ token: String) -> String { "token \(JSON.string(token).encoded())" }

  /// The ids in use, ascending.
  var usedIDs: [Int32] { positions.indices.filter { positions[$0] >= 0 }.map(Int32.init) }

  func id(of token: String) -> Int32? {
    var token = token
    return token.withUTF8 { bytes in
      // An empty token is possible: an empty line of vocab.txt.
      guard let base = bytes.baseAddress else { return nil }
      return find(base, bytes.count)
    }
  }

  func token(of id: Int32) -> String? { bytes(of: id).map { String(decoding: $0, as: UTF8.self) } }

  func bytes(of id: Int32) -> ArraySlice<UInt8>? {
    guard positions.indices.contains(Int(id)), case let position = Int(positions[Int(id)]), position >= 0 else { return nil }
    return text[Int(starts[position])..<Int(starts[position + 1])]
  }

  /// The token of these bytes.
  func find(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    find(bytes, count, hash: UnsafeBufferPointer(start: bytes, count: count).reduce(Self.seed, Self.mix), after: [], 0)
  }

  /// The token that is the first `prefixCount` bytes of `prefix` and then these bytes, whose common hash is `hash`.
  @inline(__always)
  func find(_ bytes: UnsafePointer<UInt8>, _ count: Int, hash: UInt64, after prefix: [UInt8], _ prefixCount: Int) -> Int32? {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while case let position = Int(slots[slot]), position >= 0 {
      let start = Int(starts[position])
      if Int(starts[position + 1]) - start == prefixCount + count {
        let matches = text.withUnsafeBufferPointer { text in
          prefix.withUnsafeBufferPointer { memcmp(text.baseAddress! + start, $0.baseAddress ?? bytes, prefixCount) == 0 }
            && memcmp(text.baseAddress! + start + prefixCount, bytes, count) == 0
        }
        if matches { return ids[position] }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// FNV-1a (Fowler, Noll and Vo), 64 bits.
  static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
  @inline(__always) static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

  private static func slotCount(_ tokens: Int) -> Int {
    var count = 16
    while count < 3 * tokens { count *= 2 }
    return count
  }
}
