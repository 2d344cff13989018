public import Files

/// Text to ids and back, exactly as the model was trained with.
///
/// Every tokenizer may be used from many threads at once.
public protocol Tokenizer: Sendable {
  /// One more than the largest id: the rows that an embedding needs.
  var vocabularySize: Int { get }
  /// `model_max_length` of `tokenizer_config.json`; nil when it is missing or is the "no limit" of older files (1e30).
  var maximumLength: Int? { get }
  /// The ids of the tokens that have a role.
  var specialTokens: SpecialTokens { get }

  /// The id of `token`, spelled as in the vocabulary (`##ing`); nil when there is none.
  func id(of token: String) -> Int32?
  /// The token of `id`, spelled as in the vocabulary; nil when the id is unused.
  func token(of id: Int32) -> String?

  /// The ids of one text or of a pair, with what `options` asks for.
  /// - Throws: `TokenizationError` when the truncation cannot be done.
  func encode(_ text: String, pair: String?, options: EncodingOptions) throws(TokenizationError) -> Encoding
  /// The ids of `text` without special tokens and without truncation: the fast path.
  func ids(of text: String) -> [Int32]
  /// The id of an added token, which in running text is found before anything else; nil for a token of the vocabulary alone.
  func addedTokenID(of token: String) -> Int32?
  /// The ids of a text in which nothing is a special token, whatever it spells, and where each is in it (code points).
  /// - Parameter startsText: false for what follows other tokens: some tokenizers treat the very beginning apart.
  func plainTokens(of text: String, startsText: Bool) -> (ids: [Int32], offsets: [Range<Int>])
  /// Decodes ids as they arrive.
  func streamingDecoder(skipSpecialTokens: Bool) -> StreamingDecoder

  /// Writes the files from which transformers and `Tokenizers.load` read this tokenizer again.
  /// - Throws: `InputError` naming the file that could not be written.
  func writeFiles(to folder: String) throws(InputError)
}

extension Tokenizer {
  public func encode(_ text: String, pair: String? = nil) throws(TokenizationError) -> Encoding {
    try encode(text, pair: pair, options: EncodingOptions())
  }

  /// The text of `ids` without special tokens.
  public func decode(_ ids: [Int32]) -> String { decode(ids, skipSpecialTokens: true) }
}

/// Ids of the tokens that have a role in the model; nil where the tokenizer has none.
public struct SpecialTokens: Sendable, Hashable {
  public var unknown: Int32?
  public var padding: Int32?
  /// `[CLS]`: its last hidden state is what a classifier reads.
  public var classifier: Int32?
  public var separator: Int32?
  public var mask: Int32?
  /// `<s>`, `<|begin_of_text|>`: what a language model's text begins with.
  public var beginOfSequence: Int32?
  /// `</s>`, `<|eot_id|>`: after which generation stops.
  public var endOfSequence: Int32?
}
