/// Adds an adapter to its base model's weights: `attune merge`.
public struct MergeJob: Sendable {
  /// How an update becomes a number of the base model's precision; see `AdapterMerge.Rounding`.
  public enum Rounding: String, Sendable, CaseIterable {
    case peft, fp32
  }

  public var base: String
  public var adapter: String
  /// The folder of the merged model.
  public var output: String
  public var rounding: Rounding
  /// Rows on which merged and adapted model are compared; 0 compares none.
  public var verify: Int
  /// Texts of those rows, one a line or JSONL; nil makes rows up.
  public var data: String?
  public var overwrite: Bool
  public var runtime: RuntimeOptions
  public var console: ConsoleOptions

  public init(
    base: String, adapter: String, output: String, rounding: Rounding = .peft, verify: Int = 0, data: String? = nil, overwrite: Bool = false,
    runtime: RuntimeOptions = .init(), console: ConsoleOptions = .init()
  ) {
    (self.base, self.adapter, self.output, self.rounding, self.verify) = (base, adapter, output, rounding, verify)
    (self.data, self.overwrite, self.runtime, self.console) = (data, overwrite, runtime, console)
  }
}
