/// The pieces of recent words: natural text repeats a few thousand words, so nearly every word is one probe.
///
/// A fixed table of 2^14 entries of 32 bytes; a new word replaces the one in its place. Words of more than 16 bytes or
/// three pieces are not kept.
final class WordCache {
  static let longestWord = 16
  static let mostPieces = 3

  struct Key {
    var low: UInt64
    var high: UInt64
    var length: UInt32

    /// - Parameter word: `length` bytes, 1 to 16, followed by at least 16 readable ones.
    @inline(__always)
    init(_ word: UnsafePointer<UInt8>, _ length: Int) {
      let raw = UnsafeRawPointer(word)
      let first = UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
      let unused = UInt64(truncatingIfNeeded: (8 &- length) &* 8)
      if length <= 8 {
        low = first & (UInt64.max &>> unused)
        high = 0
      } else {
        let second = UInt64(littleEndian: (raw + 8).loadUnaligned(as: UInt64.self))
        low = first
        high = second & (UInt64.max &>> UInt64(truncatingIfNeeded: (16 &- length) &* 8))
      }
      self.length = UInt32(truncatingIfNeeded: length)
    }

    @inline(__always)
    var slot: Int {
      let mixed = (low ^ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15 ^ high &* 0xC2B2_AE3D_27D4_EB4F
      return Int(truncatingIfNeeded: ((mixed ^ mixed &>> 29) &* 0xBF58_476D_1CE4_E5B9) &>> 50)
    }
  }

  struct Entry {
    var low: UInt64 = 0
    var high: UInt64 = 0
    /// 0: empty.
    var length: UInt16 = 0
    var count: UInt16 = 0
    var pieces: (Int32, Int32, Int32) = (0, 0, 0)
  }

  private static let slots = 1 << 14
  private let entries: UnsafeMutablePointer<Entry>

  init() {
    entries = .allocate(capacity: Self.slots)
    entries.initialize(repeating: Entry(), count: Self.slots)
  }

  deinit { entries.deallocate() }

  /// The entry of `key`; nil when another word or none is in its place.
  @inline(__always)
  private func find(_ key: Key) -> UnsafeMutablePointer<Entry>? {
    let entry = entries + key.slot
    return entry.pointee.low == key.low && entry.pointee.high == key.high && UInt32(entry.pointee.length) == key.length ? entry : nil
  }

  /// Appends the pieces of `key` and returns true, or false when it is not here.
  @inline(__always)
  func append(_ key: Key, to ids: inout [Int32]) -> Bool {
    guard let entry = find(key) else { return false }
    ids.append(entry.pointee.pieces.0)
    if entry.pointee.count > 1 { ids.append(entry.pointee.pieces.1) }
    if entry.pointee.count > 2 { ids.append(entry.pointee.pieces.2) }
    return true
  }

  func insert(_ key: Key, _ pieces: ArraySlice<Int32>) {
    guard 1...Self.mostPieces ~= pieces.count else { return }
    func piece(_ index: Int) -> Int32 { index < pieces.count ? pieces[pieces.startIndex + index] : 0 }
    entries[key.slot] = Entry(
      low: key.low, high: key.high, length: UInt16(key.length), count: UInt16(pieces.count), pieces: (piece(0), piece(1), piece(2)))
  }
}
