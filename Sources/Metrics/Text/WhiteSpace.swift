/// What Python's `str.split()` and `str.strip()` take for white space, in code points and in UTF-8.
enum WhiteSpace {
  static func contains(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 9...13, 28...32, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  /// The number of bytes of the white space character that starts at `i`; 0 when another character does.
  @inline(__always)
  static func length(_ bytes: UnsafeBufferPointer<UInt8>, at i: Int) -> Int {
    let byte = bytes[i]
    if byte < 0x80 { return byte == 32 || (byte >= 9 && byte <= 13) || (byte >= 28 && byte <= 31) ? 1 : 0 }
    switch byte {
    case 0xC2: return i + 1 < bytes.count && (bytes[i + 1] == 0x85 || bytes[i + 1] == 0xA0) ? 2 : 0
    case 0xE1, 0xE2, 0xE3:
      guard i + 2 < bytes.count else { return 0 }
      return contains(UInt32(byte & 0xF) << 12 | UInt32(bytes[i + 1] & 0x3F) << 6 | UInt32(bytes[i + 2] & 0x3F)) ? 3 : 0
    default: return 0
    }
  }

  /// Calls `body` with each run of bytes between white space.
  @inline(__always)
  static func split(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    var (start, i) = (0, 0)
    while i < bytes.count {
      let length = length(bytes, at: i)
      if length == 0 {
        i += 1
        continue
      }
      if i > start { body(UnsafeBufferPointer(rebasing: bytes[start..<i])) }
      i += length
      start = i
    }
    if i > start { body(UnsafeBufferPointer(rebasing: bytes[start..<i])) }
  }

  /// `bytes` without the white space at its end.
  static func trimmedEnd(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var end = bytes.count
    while end > 0 {
      // A character of white space is one to three bytes long and ends where the text ends.
      guard let length = (1...3).first(where: { $0 <= end && self.length(bytes, at: end - $0) == $0 }) else { break }
      end -= length
    }
    return UnsafeBufferPointer(rebasing: bytes[..<end])
  }
}

/// Python's `str.lower()`: Unicode's full mapping, with the final form of sigma at the end of a word.
func lowercased(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return asciiLowercased(text) }
  let scalars = Array(text.unicodeScalars)
  var result = String.UnicodeScalarView()
  for (i, scalar) in scalars.enumerated() {
    if scalar == "\u{3A3}" {
      result.append(isFinalSigma(scalars, i) ? "\u{3C2}" : "\u{3C3}")
    } else {
      result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
    }
  }
  return String(result)
}

private func asciiLowercased(_ text: String) -> String {
  String(unsafeUninitializedCapacity: text.utf8.count) { target in
    var i = 0
    for byte in text.utf8 {
      target[i] = byte >= 65 && byte <= 90 ? byte | 0x20 : byte
      i += 1
    }
    return i
  }
}

/// A cased letter before, none after, case-ignorable characters between not counting (Unicode 3.13, Final_Sigma).
private func isFinalSigma(_ scalars: [Unicode.Scalar], _ i: Int) -> Bool {
  let before = scalars[..<i].last { !$0.properties.isCaseIgnorable }
  let after = scalars[(i + 1)...].first { !$0.properties.isCaseIgnorable }
  return before?.properties.isCased == true && after?.properties.isCased != true
}
