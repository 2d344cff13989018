/// UTF-8 that was read as another encoding and saved again: `don‚Äôt`, `donâ€™t`, `cafÃ©`.
enum Mojibake {
  /// How many damaged sequences `text` holds, replacement characters (U+FFFD) included.
  ///
  /// The three forms seen in the wild: UTF-8 punctuation read as Mac Roman (`‚Ä` and one more), as Windows-1252 (`â€`), as Latin-1
  /// (`â` and a C1 control); and accented letters read as Windows-1252 or Latin-1 (`Ã` or `Â` and a character from U+0080 to U+00BF).
  static func count(_ text: String) -> Int {
    // Every form holds a non-ASCII character; most texts hold none.
    guard text.utf8.contains(where: { $0 >= 0x80 }) else { return 0 }
    var count = 0
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      switch (previous.value, scalar.value) {
      case (0x201A, 0xC4), (0xE2, 0x20AC), (0xE2, 0x80): count += 1
      case (0xC3, 0x80...0xBF), (0xC2, 0x80...0xBF): count += 1
      case (0xF0, 0x178), (0xEF, 0xBF): count += 1  // ðŸ… : an emoji read as Windows-1252; ï¿½ : a replacement character, again
      case (_, 0xFFFD): count += 1
      default: break
      }
      previous = scalar
    }
    return count
  }
}
