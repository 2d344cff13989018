/// Trains and evaluates label classifiers: `attune train classifier`.
public struct ClassifierJob: Sendable {
  public typealias ExistingRun = Configuration.ExistingRun

  public var settings: ClassifierSettings
  /// `settings` with origins, for the run folder.
  public var configuration: ResolvedConfiguration
  public var existing: ExistingRun
  /// Print configuration, schedule, predicted memory and time; train nothing, write nothing.
  public var dryRun: Bool
  public var console: ConsoleOptions

  public init(
    settings: ClassifierSettings, configuration: ResolvedConfiguration, existing: ExistingRun = .resume, dryRun: Bool = false,
    console: ConsoleOptions = .init()
  ) {
    (self.settings, self.configuration, self.existing, self.dryRun, self.console) = (settings, configuration, existing, dryRun, console)
  }
}

/// Which label rules and which rounding.
public enum Compatibility: String, Sendable, CaseIterable {
  /// The rules that match every released gold.
  case corrected
  /// The upstream repository's substring rules, defaults and rounding, to reproduce its numbers.
  case imhi
}

/// Labels folders of generated explanations with one classifier a dataset: `attune label`.
public struct LabelJob: Sendable {
  /// The folder with one model folder a dataset; nil scores the labels that the files have.
  public var models: String?
  /// The folder with `DATASET.csv`, columns `goldens,generated_text`.
  public var data: String
  /// The folder for labelled files; nil with `models`.
  public var output: String?
  /// Also compute the metrics against the golds.
  public var calculate: Bool
  public var compatibility: Compatibility
  public var onUnmatched: UnmatchedPolicy
  /// Texts in one forward pass; nil chooses by length.
  public var batchSize: Int?
  /// Replace labelled files that exist.
  public var overwrite: Bool
  public var runtime: RuntimeOptions
  public var console: ConsoleOptions

  public init(
    models: String?, data: String, output: String?, calculate: Bool = false, compatibility: Compatibility = .corrected,
    onUnmatched: UnmatchedPolicy = .error, batchSize: Int? = nil, overwrite: Bool = false, runtime: RuntimeOptions = .init(),
    console: ConsoleOptions = .init()
  ) {
    (self.models, self.data, self.output, self.calculate, self.compatibility) = (models, data, output, calculate, compatibility)
    (self.onUnmatched, self.batchSize, self.overwrite, self.runtime, self.console) = (onUnmatched, batchSize, overwrite, runtime, console)
  }
}

/// Classifies single texts: `attune predict`. Texts come from a file or standard input, never from the command line, where
/// every process of the machine could read them.
public struct PredictJob: Sendable {
  public enum Source: Sendable, Equatable {
    case standardInput
    /// One text a line, or JSONL with a `text` key where the name ends in `.jsonl`.
    case file(String)
  }

  public var model: String
  public var source: Source
  public var batchSize: Int?
  public var runtime: RuntimeOptions
  public var console: ConsoleOptions

  public init(model: String, source: Source, batchSize: Int? = nil, runtime: RuntimeOptions = .init(), console: ConsoleOptions = .init()) {
    (self.model, self.source, self.batchSize, self.runtime, self.console) = (model, source, batchSize, runtime, console)
  }
}

/// One text's answer. The text itself is not part of it.
public struct Prediction: Sendable, Equatable {
  /// Position in the input, from 0.
  public var index: Int
  public var label: String
  /// Every label with its probability after temperature scaling, in the order of the model's ids.
  public var probabilities: [(label: String, probability: Double)]

  public init(index: Int, label: String, probabilities: [(label: String, probability: Double)]) {
    (self.index, self.label, self.probabilities) = (index, label, probabilities)
  }

  public static func == (a: Prediction, b: Prediction) -> Bool {
    a.index == b.index && a.label == b.label && a.probabilities.elementsEqual(b.probabilities) { $0 == $1 }
  }
}

/// Measures a saved classifier on labelled rows: `attune eval classifier`.
public struct EvaluateClassifierJob: Sendable {
  public var model: String
  /// A CSV or JSONL file with texts and golds.
  public var data: String
  /// The folder for `results.json`, `predictions.jsonl` and `report.html`; nil prints only.
  public var output: String?
  /// Nil reads what the model was trained on.
  public var input: InputView?
  public var onUnmatched: UnmatchedPolicy
  public var batchSize: Int?
  public var overwrite: Bool
  public var runtime: RuntimeOptions
  public var console: ConsoleOptions

  public init(
    model: String, data: String, output: String? = nil, input: InputView? = nil, onUnmatched: UnmatchedPolicy = .error,
    batchSize: Int? = nil, overwrite: Bool = false, runtime: RuntimeOptions = .init(),
    console: ConsoleOptions = .init()
  ) {
    (self.model, self.data, self.output, self.input, self.onUnmatched) = (model, data, output, input, onUnmatched)
    (self.batchSize, self.overwrite, self.runtime, self.console) = (batchSize, overwrite, runtime, console)
  }
}
