/// Numbers byte strings 0, 1, 2, … in order of first sight. Open addressing; the strings lie end to end in one array.
struct WordTable: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int32] = []  // one past the last byte of each word
  private var hashes: [UInt32] = []
  private var slots: [Int32] = Array(repeating: -1, count: 1024)

  var count: Int { ends.count }

  subscript(_ id: Int) -> ArraySlice<UInt8> { bytes[(id == 0 ? 0 : Int(ends[id - 1]))..<Int(ends[id])] }

  /// The number of `word`, or -1.
  func find(_ word: UnsafeBufferPointer<UInt8>) -> Int32 { slots[slot(of: word, Self.hash(word))] }

  /// The number of `word`, new if need be.
  mutating func insert(_ word: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = Self.hash(word)
    let slot = slot(of: word, hash)
    if slots[slot] >= 0 { return slots[slot] }
    let id = Int32(ends.count)
    bytes.append(contentsOf: word)
    ends.append(Int32(bytes.count))
    hashes.append(hash)
    slots[slot] = id
    if ends.count * 2 > slots.count { grow() }
    return id
  }

  /// Where `word` is, or the empty slot where it belongs.
  private func slot(of word: UnsafeBufferPointer<UInt8>, _ hash: UInt32) -> Int {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] >= 0 {
      let id = Int(slots[slot])
      if hashes[id] == hash && isEqual(id, word) { return slot }
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func isEqual(_ id: Int, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = id == 0 ? 0 : Int(ends[id - 1])
    guard Int(ends[id]) - start == word.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      for i in 0..<word.count where bytes[start + i] != word[i] { return false }
      return true
    }
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: slots.count * 4)
    let mask = slots.count - 1
    for id in hashes.indices {
      var slot = Int(hashes[id]) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(id)
    }
  }

  /// FNV-1a with a final mix, because the table uses the low bits.
  private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in word { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }
}

/// Numbers pairs of word numbers 0, 1, 2, … in order of first sight. Keys and numbers lie together, one cache line a look-up.
struct PairTable: Sendable {
  private struct Slot { var key: UInt64, id: Int32 }
  private static let empty = UInt64.max
  private var slots: [Slot] = Array(repeating: Slot(key: empty, id: -1), count: 4096)
  private(set) var keys: [UInt64] = []

  static func key(_ first: Int32, _ second: Int32) -> UInt64 { UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second)) }

  /// The number of `key`, or -1.
  func find(_ key: UInt64) -> Int32 { slots[slot(of: key)].id }

  /// The number of `key`, new if need be.
  mutating func insert(_ key: UInt64) -> Int32 {
    let slot = slot(of: key)
    if slots[slot].id >= 0 { return slots[slot].id }
    let id = Int32(keys.count)
    slots[slot] = Slot(key: key, id: id)
    keys.append(key)
    if keys.count * 2 > slots.count { grow() }
    return id
  }

  private func slot(of key: UInt64) -> Int {
    let mask = slots.count - 1
    var slot = Self.hash(key) & mask
    while slots[slot].key != key && slots[slot].key != Self.empty { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    slots = Array(repeating: Slot(key: Self.empty, id: -1), count: slots.count * 4)
    for (id, key) in keys.enumerated() { slots[slot(of: key)] = Slot(key: key, id: Int32(id)) }
  }

  /// Fibonacci hashing of the product's high bits.
  private static func hash(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20) }
}
