/// One `tensorflow.Event`, encoded by hand: four of its fields are all that scalars need.
///
/// Field numbers from `tensorboard/compat/proto/event.proto` and `summary.proto`.
enum TensorBoardEvent {
  /// The first record of every file.
  static func header(wallTime: Double) -> [UInt8] {
    doubleField(1, wallTime) + bytesField(3, Array("brain.Event:2".utf8))
  }

  /// `Event { wall_time, step, summary { value { tag, simple_value } … } }`.
  static func scalars(_ scalars: [(tag: String, value: Double)], step: Int, wallTime: Double) -> [UInt8] {
    let summary = scalars.flatMap { bytesField(1, bytesField(1, Array($0.tag.utf8)) + floatField(2, Float($0.value))) }
    return doubleField(1, wallTime) + varintField(2, UInt64(bitPattern: Int64(step))) + bytesField(5, summary)
  }

  /// A TFRecord: length, its checksum, the data, its checksum; little-endian.
  static func record(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
  }

  private static func doubleField(_ number: UInt64, _ value: Double) -> [UInt8] { varint(number << 3 | 1) + littleEndian(value.bitPattern) }
  private static func floatField(_ number: UInt64, _ value: Float) -> [UInt8] { varint(number << 3 | 5) + littleEndian(value.bitPattern) }
  private static func varintField(_ number: UInt64, _ value: UInt64) -> [UInt8] { varint(number << 3) + varint(value) }
  private static func bytesField(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] { varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
