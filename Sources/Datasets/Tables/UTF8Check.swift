internal import Files

/// Strict UTF-8 for whole files, with the line of the first bad byte.
enum UTF8Check {
  /// Checks every byte once; ASCII runs go eight bytes at a time.
  /// - Throws: `InputError` naming the line and byte offset of the first sequence that is not UTF-8 (overlong forms,
  ///   surrogates, cut-off sequences), or saying that the file is UTF-16.
  static func validate(_ bytes: UnsafeRawBufferPointer, path: String) throws(InputError) {
    if bytes.count >= 2, bytes[0] == 0xFF && bytes[1] == 0xFE || bytes[0] == 0xFE && bytes[1] == 0xFF {
      throw InputError(path, at: "line 1", "found a UTF-16 byte order mark, expected UTF-8", advice: "Convert it with: iconv -f UTF-16 -t UTF-8")
    }
    guard let bad = firstInvalidByte(bytes) else { return }
    throw InputError(
      path, at: "line \(line(of: bad, in: bytes))", "byte \(bad) is not UTF-8",
      advice: "Save the file as UTF-8, for instance with: iconv -f LATIN1 -t UTF-8")
  }

  /// The offset of the first byte of the first ill-formed sequence (Unicode 16, table 3-7), nil when there is none.
  static func firstInvalidByte(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let count = bytes.count
    var i = 0
    while i < count {
      if i + 8 <= count, bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
        i += 8
        continue
      }
      let lead = bytes[i]
      if lead < 0x80 {
        i += 1
        continue
      }
      // Length, and the range of the second byte, which rules out overlong forms, surrogates and values past U+10FFFF.
      let length: Int
      var second: ClosedRange<UInt8> = 0x80...0xBF
      switch lead {
      case 0xC2...0xDF: length = 2
      case 0xE0: (length, second) = (3, 0xA0...0xBF)
      case 0xED: (length, second) = (3, 0x80...0x9F)
      case 0xE1...0xEF: length = 3
      case 0xF0: (length, second) = (4, 0x90...0xBF)
      case 0xF1...0xF3: length = 4
      case 0xF4: (length, second) = (4, 0x80...0x8F)
      default: return i
      }
      guard i + length <= count, second.contains(bytes[i + 1]) else { return i }
      for k in 2..<max(length, 2) where bytes[i + k] & 0xC0 != 0x80 { return i }
      i += length
    }
    return nil
  }

  /// The 1-based line of `offset`; LF, CRLF and CR each end a line.
  static func line(of offset: Int, in bytes: UnsafeRawBufferPointer) -> Int {
    var line = 1
    for i in 0..<offset where bytes[i] == 0x0A || bytes[i] == 0x0D && !(i + 1 < bytes.count && bytes[i + 1] == 0x0A) { line += 1 }
    return line
  }
}
