import Tokenizers

/// The text of tokens that come one by one, in whole characters: a token may be part of a character, and its text may depend on
/// the token before it (a leading blank).
struct TextStream {
  private let tokenizer: any Tokenizer
  private var ids: [Int32] = []
  /// Tokens from `context` on are decoded again; those before `shown` have been given out.
  private var context = 0
  private var shown = 0

  init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

  /// The text that became complete with this token.
  mutating func append(_ id: Int32) -> String {
    ids.append(id)
    let (before, after) = decoded
    guard after.utf8.count > before.utf8.count, !after.unicodeScalars.reversed().starts(with: ["\u{FFFD}"]) else { return "" }
    (context, shown) = (shown, ids.count)
    return String(decoding: after.utf8.dropFirst(before.utf8.count), as: UTF8.self)
  }

  /// What was held back when the tokens end.
  mutating func finish() -> String {
    let (before, after) = decoded
    (context, shown) = (ids.count, ids.count)
    return after.utf8.count > before.utf8.count ? String(decoding: after.utf8.dropFirst(before.utf8.count), as: UTF8.self) : ""
  }

  private var decoded: (before: String, after: String) {
    (tokenizer.decode(Array(ids[context..<shown])), tokenizer.decode(Array(ids[context...])))
  }
}
