/// How much of a language model is trained.
public enum FinetuneMethod: String, Sendable, CaseIterable {
  /// Low-rank updates of a frozen model.
  case lora
  /// Every weight.
  case full
}

/// Which of IMHI's two forms a data folder is read in.
public enum DataForm: String, SettingChoice { case instruction, completion }

/// What the loss is taken on.
public enum LossScope: String, SettingChoice {
  /// Completions and what the assistant says.
  case completion
  /// Every token.
  case all
}

/// What happens to a row that would lose part of what is learned.
public enum TruncationPolicy: String, SettingChoice {
  /// Stop and list the rows.
  case error
  /// Leave the rows out and say how many.
  case drop
  /// Learn what is left of them.
  case keep
}

/// The end of a long prompt that is cut off.
public enum CutSide: String, SettingChoice { case left, right }

/// The validation figure that decides which checkpoint is best.
public enum FinetuneMetric: String, SettingChoice {
  case loss
  /// Of the labels read from generated answers; needs `training.eval_generate`.
  case weightedF1 = "weighted_f1"
}

/// One path or several: `a.csv`, or `[a.csv, b.jsonl]`.
public struct PathList: SettingValue {
  public var paths: [String]
  public init(_ paths: [String] = []) { self.paths = paths }

  public static var expectation: String { "a path or a list of paths" }
  public init?(spelling: SettingSpelling) {
    if let list = [String](spelling: spelling) {
      paths = list
    } else {
      guard let text = spelling.text, !text.isEmpty else { return nil }
      paths = [text]
    }
  }
  public var yaml: String { paths.yaml }
}
