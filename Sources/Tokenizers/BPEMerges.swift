/// The merges of a byte-pair encoding: which two neighbouring tokens become one, and in what order.
///
/// An open-addressing table from a pair of ids to the rank of its merge and the id that it makes.
struct BPEMerges: Sendable {
  /// Rank and result of a merge. The lower rank goes first.
  struct Merge {
    var rank: UInt32
    var id: Int32
  }

  private var pairs: [UInt64]
  private var merges: [Merge]
  private static let free = UInt64.max  // no pair: ids are not negative

  /// - Parameter expected: how many merges will be added.
  init(expected: Int) {
    var count = 16
    while count < 2 * expected { count *= 2 }
    pairs = Array(repeating: Self.free, count: count)
    merges = Array(repeating: Merge(rank: 0, id: 0), count: count)
  }

  /// Adds a merge. A pair that is there already keeps its place and takes the new rank, as in a dictionary filled in order.
  mutating func add(_ left: Int32, _ right: Int32, _ merge: Merge) {
    let pair = Self.pair(left, right)
    var slot = Self.slot(pair, pairs.count)
    while pairs[slot] != Self.free && pairs[slot] != pair { slot = (slot + 1) & (pairs.count - 1) }
    pairs[slot] = pair
    merges[slot] = merge
  }

  @inline(__always)
  func find(_ left: Int32, _ right: Int32) -> Merge? {
    let pair = Self.pair(left, right)
    return pairs.withUnsafeBufferPointer { pairs in
      var slot = Self.slot(pair, pairs.count)
      while true {
        let found = pairs[slot]
        if found == pair { return merges[slot] }
        if found == Self.free { return nil }
        slot = (slot &+ 1) & (pairs.count &- 1)
      }
    }
  }

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) &<< 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private static func slot(_ pair: UInt64, _ count: Int) -> Int {
    let mixed = pair &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed ^ mixed &>> 32) & (count &- 1)
  }
}
