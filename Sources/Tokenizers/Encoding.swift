/// One row of model input. All arrays are as long as `ids`, but `offsets`, which is empty unless it was asked for.
public struct Encoding: Sendable, Hashable {
  public var ids: [Int32] = []
  /// Segment of each token: 0 for the first text, 1 for its pair.
  public var typeIDs: [Int32] = []
  /// 1 for tokens, 0 for padding.
  public var attentionMask: [Int32] = []
  /// 1 for tokens that the template or the padding added, 0 for tokens of the text.
  public var specialTokensMask: [Int32] = []
  /// Where in the text each token is, in Unicode code points from 0; empty ranges at 0 for added tokens.
  public var offsets: [Range<Int>] = []
  /// The other windows of a truncated text, in order, when `Truncation.stride` asks for them.
  public var overflow: [Encoding] = []

  public init() {}
  public var count: Int { ids.count }
}

/// What `encode` does beyond looking tokens up.
public struct EncodingOptions: Sendable, Hashable {
  /// Add what the model expects around the text (`[CLS]` … `[SEP]`).
  public var addSpecialTokens = true
  /// Nil keeps every token.
  public var truncation: Truncation?
  /// Fill `Encoding.offsets`; encoding is then some times slower.
  public var offsets = false

  public init(addSpecialTokens: Bool = true, truncation: Truncation? = nil, offsets: Bool = false) {
    self.addSpecialTokens = addSpecialTokens
    self.truncation = truncation
    self.offsets = offsets
  }
}

/// An end of a text.
public enum TextSide: String, Sendable, Hashable { case left, right }

/// How a text that is too long is cut.
public struct Truncation: Sendable, Hashable {
  /// Which of a pair gives way.
  public enum Strategy: String, Sendable, Hashable {
    case longestFirst = "longest_first"
    case onlyFirst = "only_first"
    case onlySecond = "only_second"
  }

  /// The largest number of tokens, special ones included.
  public var maximumLength: Int
  public var strategy: Strategy
  /// The side that is cut off.
  public var side: TextSide
  /// When set, the cut-off tokens follow as `Encoding.overflow`, each window sharing this many tokens with the one before.
  public var stride: Int?

  public init(maximumLength: Int, strategy: Strategy = .longestFirst, side: TextSide = .right, stride: Int? = nil) {
    self.maximumLength = maximumLength
    self.strategy = strategy
    self.side = side
    self.stride = stride
  }
}

/// Why a text could not be encoded as asked. Names lengths, never text.
public enum TokenizationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `onlySecond` was asked for and there is no second text.
  case noSecondText
  /// The text that may be cut is too short to make the whole fit.
  case textTooShortToTruncate(tokens: Int, toRemove: Int)
  /// The special tokens alone, or with the stride, do not fit.
  case noRoom(maximumLength: Int, specialTokens: Int, stride: Int)

  public var description: String {
    switch self {
    case .noSecondText: "truncation only_second needs a second text, found one text; use only_first or longest_first"
    case .textTooShortToTruncate(let tokens, let toRemove):
      "cannot remove \(toRemove) tokens from the \(tokens) of the text that may be truncated; use longest_first or a larger maximum length"
    case .noRoom(let maximumLength, let specialTokens, let stride):
      "a maximum length of \(maximumLength) leaves no room beside \(specialTokens) special tokens and a stride of \(stride); use a larger maximum length"
    }
  }
}
