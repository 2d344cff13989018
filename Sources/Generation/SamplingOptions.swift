/// How the next token is chosen, under transformers' names and with its neutral values.
public struct SamplingOptions: Sendable, Hashable {
  /// `do_sample`: draw from the distribution; false takes the likeliest token and leaves the warpers below out.
  public var isSampled = false
  public var temperature = 1.0
  /// Keeps the k likeliest; 0 keeps all.
  public var topK = 0
  /// Keeps the smallest set of likeliest tokens whose probabilities reach this sum; 1 keeps all.
  public var topP = 1.0
  /// Keeps tokens at least this share as likely as the likeliest; nil keeps all.
  public var minP: Double?
  /// `typical_p` (Meister et al. 2022); 1 keeps all.
  public var typicalP = 1.0
  /// Keeps tokens at least this likely (Hewitt et al. 2022); 0 keeps all.
  public var epsilonCutoff = 0.0
  /// `eta_cutoff`: a threshold that falls with the entropy (Hewitt et al. 2022); 0 keeps all.
  public var etaCutoff = 0.0

  /// Divides scores of tokens that occurred by this where positive, multiplies where negative (Keskar et al. 2019).
  public var repetitionPenalty = 1.0
  /// No run of this many tokens occurs twice; 0 allows it.
  public var noRepeatNgramSize = 0
  /// Sequences that are never completed.
  public var badWords: [[Int32]] = []
  /// Tokens, prompt included, before the end is allowed.
  public var minimumLength = 0
  /// New tokens before the end is allowed.
  public var minimumNewTokens = 0
  /// `forced_bos_token_id`: the first new token.
  public var forcedFirst: Int32?
  /// `forced_eos_token_id`: one of them is the last token that is allowed.
  public var forcedLast: [Int32] = []
  /// Tokens that are never produced.
  public var suppressed: [Int32] = []

  public init() {}

  /// True when the likeliest token as the model gives it is the answer.
  var isPlainGreedy: Bool { !isSampled && self == SamplingOptions() }
}
