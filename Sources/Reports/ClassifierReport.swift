/// Everything that `results.json` holds and `report.html` shows about trained or evaluated classifiers.
///
/// Scores are shares from 0 to 1. Nothing here holds a post's text.
public struct ClassifierReport: Sendable, Equatable {
  public var title: String
  /// What was run and on what: command, base model, device, libtorch, seeds, revision. Shown in this order.
  public var facts: [Fact]
  public var datasets: [DatasetReport]

  public init(title: String, facts: [Fact], datasets: [DatasetReport]) {
    self.title = title
    self.facts = facts
    self.datasets = datasets
  }

  public struct Fact: Sendable, Equatable {
    public var name: String
    public var value: String
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }
}

/// One dataset's scores and what explains them. Empty lists and nils leave their part out of the page.
public struct DatasetReport: Sendable, Equatable {
  public var name: String
  /// By id; the order of `confusion`'s rows and columns.
  public var labels: [String]
  public var rows: Int
  /// The model's test scores, over seeds.
  public var accuracy: Score
  public var weightedF1: Score
  public var macroF1: Score
  /// What the model must beat: `majority class`, `TF-IDF + logistic regression`.
  public var baselines: [Baseline] = []
  /// The same rows in other forms: `with verdict`, `verdict removed`.
  public var forms: [Form] = []
  public var classes: [ClassScore] = []
  /// `confusion[gold][predicted]`, counts of the first seed.
  public var confusion: [[Int]] = []
  public var calibration: Calibration?
  public var curves: Curves?
  /// One sentence on what to know before reading the scores, for instance that the encoder does not beat the baseline.
  public var notes: [String] = []

  public init(name: String, labels: [String], rows: Int, accuracy: Score, weightedF1: Score, macroF1: Score) {
    self.name = name
    self.labels = labels
    self.rows = rows
    self.accuracy = accuracy
    self.weightedF1 = weightedF1
    self.macroF1 = macroF1
  }
}

/// A mean over seeds with its spread.
public struct Score: Sendable, Equatable {
  public var mean: Double
  /// Sample standard deviation; nil for one seed.
  public var deviation: Double?
  /// 95 % interval, if one was computed.
  public var low: Double?
  public var high: Double?

  public init(_ mean: Double, deviation: Double? = nil, low: Double? = nil, high: Double? = nil) {
    self.mean = mean
    self.deviation = deviation
    self.low = low
    self.high = high
  }
}

/// A simple method's scores on the same test rows.
public struct Baseline: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case majority, linear
  }
  public var kind: Kind
  public var accuracy: Double
  public var weightedF1: Double
  public var macroF1: Double

  public init(_ kind: Kind, accuracy: Double, weightedF1: Double, macroF1: Double) {
    self.kind = kind
    self.accuracy = accuracy
    self.weightedF1 = weightedF1
    self.macroF1 = macroF1
  }
}

/// Scores on one form of the test rows.
public struct Form: Sendable, Equatable {
  public var name: String
  public var rows: Int
  public var accuracy: Score
  public var weightedF1: Score

  public init(name: String, rows: Int, accuracy: Score, weightedF1: Score) {
    self.name = name
    self.rows = rows
    self.accuracy = accuracy
    self.weightedF1 = weightedF1
  }
}

/// One label's scores.
public struct ClassScore: Sendable, Equatable {
  public var label: String
  public var precision: Double
  public var recall: Double
  /// With the interval of the F1, if one was computed.
  public var f1: Score
  /// Test rows with this gold.
  public var support: Int

  public init(label: String, precision: Double, recall: Double, f1: Score, support: Int) {
    self.label = label
    self.precision = precision
    self.recall = recall
    self.f1 = f1
    self.support = support
  }
}

/// How far confidence can be trusted, before and after temperature scaling (Guo et al., 2017).
public struct Calibration: Sendable, Equatable {
  public struct Bin: Sendable, Equatable {
    public var confidence: Double
    public var accuracy: Double
    public var count: Int
    public init(confidence: Double, accuracy: Double, count: Int) {
      self.confidence = confidence
      self.accuracy = accuracy
      self.count = count
    }
  }
  /// Divides the logits; fitted on validation rows.
  public var temperature: Double
  /// Expected calibration error on test rows.
  public var errorBefore: Double
  public var errorAfter: Double
  /// Bins that hold rows, by confidence.
  public var before: [Bin]
  public var after: [Bin]

  public init(temperature: Double, errorBefore: Double, errorAfter: Double, before: [Bin], after: [Bin]) {
    self.temperature = temperature
    self.errorBefore = errorBefore
    self.errorAfter = errorAfter
    self.before = before
    self.after = after
  }
}

/// The course of the first seed's training, by optimizer step.
public struct Curves: Sendable, Equatable {
  public struct Point: Sendable, Equatable {
    public var step: Int
    public var value: Double
    public init(_ step: Int, _ value: Double) {
      self.step = step
      self.value = value
    }
  }
  public var trainingLoss: [Point]
  public var validationLoss: [Point]
  /// `weighted_f1` and the like.
  public var metricName: String
  public var validationMetric: [Point]
  public var learningRate: [Point]
  /// The step of the checkpoint that was tested.
  public var bestStep: Int?

  public init(
    trainingLoss: [Point], validationLoss: [Point], metricName: String, validationMetric: [Point], learningRate: [Point], bestStep: Int? = nil
  ) {
    self.trainingLoss = trainingLoss
    self.validationLoss = validationLoss
    self.metricName = metricName
    self.validationMetric = validationMetric
    self.learningRate = learningRate
    self.bestStep = bestStep
  }
}
