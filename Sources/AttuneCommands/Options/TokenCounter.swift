import Files
import Tokenizers

/// Lengths in tokens as the model of a folder sees them, special tokens included.
struct TokenCounter: Sendable {
  let tokenizer: any Tokenizer

  init(model: String) throws(InputError) { tokenizer = try Tokenizers.load(model) }

  func count(_ first: String, _ second: String? = nil) -> Int {
    // Without truncation encoding cannot fail.
    (try? tokenizer.encode(first, pair: second, options: EncodingOptions()).count) ?? 0
  }
}
