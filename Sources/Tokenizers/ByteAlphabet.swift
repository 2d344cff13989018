/// GPT-2's spelling of bytes as visible characters: a vocabulary file says `Ġthe` for the bytes of " the".
///
/// Printable characters of Latin-1 stand for themselves, the other 68 bytes for the code points from U+0100 on.
/// Source: `bytes_to_unicode` of openai/gpt-2.
enum ByteAlphabet {
  /// The character of each byte.
  static let characters: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (0...255 as ClosedRange<UInt8>).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { next += 1 }
        return Unicode.Scalar(next).unsafelyUnwrapped  // 0x100 to 0x143
      }
    }
  }()

  /// The byte of each code point below 0x144; -1 where there is none.
  private static let bytes: [Int16] = {
    var result = [Int16](repeating: -1, count: 0x144)
    for (byte, character) in characters.enumerated() { result[Int(character.value)] = Int16(byte) }
    return result
  }()

  static func byte(_ character: Unicode.Scalar) -> UInt8? {
    guard character.value < 0x144, case let byte = bytes[Int(character.value)], byte >= 0 else { return nil }
    return UInt8(byte)
  }

  static func spell(_ bytes: some Sequence<UInt8>) -> String {
    var result = String.UnicodeScalarView()
    for byte in bytes { result.append(characters[Int(byte)]) }
    return String(result)
  }

  /// The bytes that `token` spells; its own UTF-8 when it holds a character that is not in the alphabet.
  static func bytes(of token: String) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(token.utf8.count)
    for character in token.unicodeScalars {
      guard let byte = byte(character) else { return Array(token.utf8) }
      result.append(byte)
    }
    return result
  }
}
