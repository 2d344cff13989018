/// Base64 with padding (RFC 4648, section 4).
public enum Base64 {
  /// The bytes that `text` stands for; nil when it is not base64.
  public static func decode(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count / 4 * 3)
    var (bits, count, padding, length) = (UInt32(0), 0, 0, 0)
    for byte in text.utf8 {
      length += 1
      let value: UInt32
      switch byte {
      case 0x41...0x5A where padding == 0: value = UInt32(byte - 0x41)
      case 0x61...0x7A where padding == 0: value = UInt32(byte - 0x61 + 26)
      case 0x30...0x39 where padding == 0: value = UInt32(byte - 0x30 + 52)
      case UInt8(ascii: "+") where padding == 0: value = 62
      case UInt8(ascii: "/") where padding == 0: value = 63
      case UInt8(ascii: "="):
        padding += 1
        continue
      default: return nil
      }
      (bits, count) = (bits << 6 | value, count + 6)
      if count >= 8 {
        count -= 8
        result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return length % 4 == 0 && padding <= 2 ? result : nil
  }
}
