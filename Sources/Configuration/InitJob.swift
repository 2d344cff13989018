/// Makes a randomly initialised checkpoint: `attune init`.
public struct InitJob: Sendable {
  /// The families that can be made; raw values are those of `--arch`.
  public enum Architecture: String, Sendable, CaseIterable {
    case bert, roberta, llama, mistral, deberta, bart, t5
  }

  public var architecture: Architecture
  public var output: String
  /// A name of `ModelShape`: tiny, 15M, 110M, 1.1B, 7B, …
  public var size: String
  /// `model.KEY=VALUE`: members of config.json.
  public var settings: [String]
  /// Files of text to train the tokenizer on; empty uses a text of Attune's own.
  public var texts: [String]
  /// A folder whose tokenizer is taken instead.
  public var tokenizer: String?
  public var precision: Precision
  public var seed: UInt64
  public var overwrite: Bool
  public var console: ConsoleOptions

  public init(
    architecture: Architecture, output: String, size: String = "tiny", settings: [String] = [], texts: [String] = [], tokenizer: String? = nil,
    precision: Precision = .fp32, seed: UInt64 = 42, overwrite: Bool = false, console: ConsoleOptions = .init()
  ) {
    (self.architecture, self.output, self.size, self.settings, self.texts) = (architecture, output, size, settings, texts)
    (self.tokenizer, self.precision, self.seed, self.overwrite, self.console) = (tokenizer, precision, seed, overwrite, console)
  }
}
