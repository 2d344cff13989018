/// Joins WordPiece tokens into text: continuation pieces close up, other tokens follow a space.
struct WordPieceDecoder: Sendable {
  let prefix: String
  /// Undo the spaces before punctuation and English contractions.
  let cleansUp: Bool

  /// The text that `token` adds.
  func text(_ token: String, isFirst: Bool) -> String {
    var piece = token
    if !isFirst {
      if token.utf8.starts(with: prefix.utf8) {
        piece = String(decoding: token.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
      } else {
        piece = " " + token
      }
    }
    return cleansUp ? Self.cleaned(piece) : piece
  }

  /// The replacements of the library's WordPiece decoder, in its order, on one token.
  private static let replacements: [(String, String)] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
    (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ]

  private static func cleaned(_ token: String) -> String {
    guard token.utf8.contains(UInt8(ascii: " ")) else { return token }
    var bytes = Array(token.utf8)
    for (old, new) in replacements { bytes = replacing(Array(old.utf8), Array(new.utf8), in: bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func replacing(_ old: [UInt8], _ new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: old) {
        result += new
        index += old.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }
}
