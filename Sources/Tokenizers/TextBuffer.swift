import Glibc

/// UTF-8 of a text between the stages of tokenization, with where each byte came from.
///
/// Memory is kept between uses up to a limit. `padding` readable bytes follow the text, so that words are read in whole
/// machine words.
final class TextBuffer {
  static let padding = 16
  private static let kept = 1 << 20

  private(set) var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  var count = 0
  /// Where the text begins: 1 when a byte is free before it.
  private(set) var start = 0
  /// For each byte, the code point of the original text that it came from, when `recordsPositions`.
  var positions: [Int32] = []
  var recordsPositions = false

  init() {
    capacity = 4096
    bytes = .allocate(capacity: capacity + Self.padding)
    bytes.initialize(repeating: 0, count: capacity + Self.padding)
  }

  deinit { bytes.deallocate() }

  /// Empties the buffer and makes room for `needed` bytes.
  func reset(capacity needed: Int, recordsPositions: Bool) {
    count = 0
    start = 0
    positions.removeAll(keepingCapacity: positions.capacity < Self.kept)
    self.recordsPositions = recordsPositions
    guard needed > capacity || capacity > Self.kept && needed <= Self.kept else { return }
    bytes.deallocate()
    capacity = max(needed, 4096)
    bytes = .allocate(capacity: capacity + Self.padding)
    bytes.initialize(repeating: 0, count: capacity + Self.padding)
  }

  /// Makes room for `needed` bytes, where that is more than was asked for at `reset`, and keeps what is there.
  func reserve(_ needed: Int) {
    guard needed > capacity else { return }
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: needed + Self.padding)
    larger.initialize(repeating: 0, count: needed + Self.padding)
    memcpy(larger, bytes, count)
    bytes.deallocate()
    (bytes, capacity) = (larger, needed)
  }

  /// Appends one character; room for it was asked for at `reset`.
  @inline(__always)
  func append(_ scalar: Unicode.Scalar, position: Int32) {
    let start = count
    UTF8.encode(scalar).unsafelyUnwrapped.forEach {  // every Unicode.Scalar has an encoding
      bytes[count] = $0
      count += 1
    }
    if recordsPositions { positions.append(contentsOf: repeatElement(position, count: count - start)) }
  }

  /// Leaves a byte free before the text, which stands at the code point `position`.
  func leaveByte(position: Int32) {
    bytes[0] = 0
    count = 1
    start = 1
    if recordsPositions { positions.append(position) }
  }

  func dropTrailingSpaces() {
    while count > start, bytes[count - 1] == 0x20 { count -= 1 }
    if recordsPositions { positions.removeLast(positions.count - count) }
  }

  /// Appends `text` as it is, or with a space for every "▁" (U+2581). Moves `position` behind it.
  func append(_ text: UnsafeBufferPointer<UInt8>, replacingMarks: Bool, position: inout Int32) {
    guard let source = text.baseAddress else { return }
    let hasMarks = replacingMarks && memchr(source, 0xE2, text.count) != nil
    guard recordsPositions || hasMarks else {
      memcpy(bytes + count, source, text.count)
      return count += text.count
    }
    var index = 0
    while index < text.count {
      let (scalar, width) = decodeScalar(source + index)
      append(replacingMarks && scalar == "▁" ? " " : scalar, position: position)
      index += width
      position += 1
    }
  }
}

/// Reads one character of valid UTF-8 that is not ASCII.
@inline(__always)
func decodeScalar(_ bytes: UnsafePointer<UInt8>) -> (scalar: Unicode.Scalar, width: Int) {
  let first = UInt32(bytes[0])
  func next(_ index: Int) -> UInt32 { UInt32(bytes[index]) & 0x3F }
  // The input is a String's UTF-8, so every sequence is whole and valid.
  if first < 0x80 { return (Unicode.Scalar(UInt8(first)), 1) }
  if first < 0xE0 { return (Unicode.Scalar((first & 0x1F) << 6 | next(1)).unsafelyUnwrapped, 2) }
  if first < 0xF0 { return (Unicode.Scalar((first & 0x0F) << 12 | next(1) << 6 | next(2)).unsafelyUnwrapped, 3) }
  return (Unicode.Scalar((first & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3)).unsafelyUnwrapped, 4)
}
