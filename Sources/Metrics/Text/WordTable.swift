import Glibc

/// Words as small numbers, given in the order of first sight: n-grams are counted over these, never over strings.
struct WordTable {
  private var bytes: [UInt8] = []
  /// Where word `id` ends in `bytes`; it starts where the one before ends.
  private var ends: [Int] = []
  /// Open addressing: an id, or -1.
  private var slots = [Int32](repeating: -1, count: 1 << 12)
  private var hashes: [UInt64] = []

  var count: Int { ends.count }

  /// The id of `word`, new when it was never seen.
  mutating func id(of word: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = Self.hash(word)
    var slot = Int(truncatingIfNeeded: hash >> 20) & (slots.count - 1)
    while slots[slot] >= 0 {
      let id = Int(slots[slot])
      if hashes[id] == hash && equals(id, word) { return Int32(id) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let id = Int32(ends.count)
    slots[slot] = id
    hashes.append(hash)
    bytes.append(contentsOf: word)
    ends.append(bytes.count)
    if ends.count * 2 > slots.count { grow() }
    return id
  }

  /// The bytes of word `id`.
  func word(_ id: Int32) -> ArraySlice<UInt8> { bytes[start(Int(id))..<ends[Int(id)]] }

  private func start(_ id: Int) -> Int { id == 0 ? 0 : ends[id - 1] }

  private func equals(_ id: Int, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = start(id)
    guard ends[id] - start == word.count else { return false }
    return bytes.withUnsafeBufferPointer { known in
      word.isEmpty || memcmp(known.baseAddress! + start, word.baseAddress!, word.count) == 0
    }
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 4)
    for (id, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash >> 20) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(id)
    }
  }

  /// FNV-1a with a last mix, because the high bits choose the slot.
  private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in word { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash ^ (hash << 21) &* 0x9E37_79B9_7F4A_7C15
  }
}
