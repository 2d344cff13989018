/// What `report.html` shows of systems that were judged on dialogue safety. Shares from 0 to 1; no text of a conversation.
public struct SafetyReport: Sendable, Equatable {
  /// One run of a system: a seed, a round.
  public struct Run: Sendable, Equatable {
    public var name: String
    public var accuracy, weightedF1, macroF1: Double
    /// Of safe or unsafe.
    public var binaryAccuracy, binaryMacroF1: Double
    public var unparsed: Int

    public init(name: String, accuracy: Double, weightedF1: Double, macroF1: Double, binaryAccuracy: Double, binaryMacroF1: Double, unparsed: Int) {
      (self.name, self.accuracy, self.weightedF1, self.macroF1) = (name, accuracy, weightedF1, macroF1)
      (self.binaryAccuracy, self.binaryMacroF1, self.unparsed) = (binaryAccuracy, binaryMacroF1, unparsed)
    }
  }

  public struct System: Sendable, Equatable {
    public var name: String
    public var rows: Int
    public var runs: [Run]
    /// Means over runs by published name: `accuracy`, `macro_precision`, … of the eight labels, and of safe or unsafe.
    public var fine: [String: Score]
    public var binary: [String: Score]
    /// F1 with its interval.
    public var classes: [ClassScore]
    /// Mean rows answered with each label.
    public var answered: [Double]
    /// `confusion[gold][answer]`, summed over runs; the last column is answers without a label.
    public var confusion: [[Int]]
    public var unparsed: Int

    public init(
      name: String, rows: Int, runs: [Run], fine: [String: Score], binary: [String: Score], classes: [ClassScore], answered: [Double],
      confusion: [[Int]], unparsed: Int
    ) {
      (self.name, self.rows, self.runs, self.fine, self.binary) = (name, rows, runs, fine, binary)
      (self.classes, self.answered, self.confusion, self.unparsed) = (classes, answered, confusion, unparsed)
    }
  }

  public var title: String
  public var facts: [ClassifierReport.Fact]
  /// What to know before reading the scores.
  public var notes: [String]
  public var labels: [String]
  public var systems: [System]
  /// The course of the first run's training, where one was trained.
  public var curves: Curves?

  public init(title: String, facts: [ClassifierReport.Fact], notes: [String], labels: [String], systems: [System], curves: Curves? = nil) {
    (self.title, self.facts, self.notes, self.labels, self.systems, self.curves) = (title, facts, notes, labels, systems, curves)
  }
}
