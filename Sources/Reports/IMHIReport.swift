/// What the page of an IMHI evaluation shows. Scores are shares from 0 to 1 unless said otherwise; nothing holds a post's text.
public struct IMHIReport: Sendable {
  public var title: String
  public var facts: [ClassifierReport.Fact]
  public var sets: [Set]
  /// Weighted F1 in percent, a column each of `sets`.
  public var systems: [System]
  /// What to say of the published numbers; nil where there are none.
  public var source: String?
  public var comparison: Comparison?
  public var correlation: CorrelationReport?
  /// What could not be used.
  public var problems: [String]

  public init(title: String, facts: [ClassifierReport.Fact], sets: [Set], systems: [System], source: String?, problems: [String]) {
    (self.title, self.facts, self.sets, self.systems, self.source, self.problems) = (title, facts, sets, systems, source, problems)
  }

  /// One test set.
  public struct Set: Sendable {
    public var name: String
    public var rows: Int
    /// Rows by what became of them, in the order shown: `answered`, `empty`, …
    public var states: [(name: String, rows: Int)]
    /// The share of answers that a rule reads a label from.
    public var read: Double?
    public var byRule, labelled: Score?
    public var majority: Double?
    /// In percent, of the best published system.
    public var best: (name: String, score: Double)?
    /// BLEU, ROUGE and chrF as they are shown.
    public var texts: [(name: String, value: String)]
    /// How the classes and the matrix are judged: `as labelled` or `by rule`.
    public var judged: String
    public var classes: [ClassScore] = []
    /// Names of the rows; the columns are these and then `no label`.
    public var labels: [String] = []
    public var confusion: [[Int]] = []
    public var notes: [String]

    public init(
      name: String, rows: Int, states: [(name: String, rows: Int)], read: Double?, byRule: Score?, labelled: Score?, majority: Double?,
      best: (name: String, score: Double)?, texts: [(name: String, value: String)], judged: String, notes: [String]
    ) {
      (self.name, self.rows, self.states, self.read, self.byRule, self.labelled) = (name, rows, states, read, byRule, labelled)
      (self.majority, self.best, self.texts, self.judged, self.notes) = (majority, best, texts, judged, notes)
    }

    /// What the set is judged by.
    var main: Score? { labelled ?? byRule }
  }

  /// A line of the table over the sets.
  public struct System: Sendable {
    public var name: String
    public var isPublished: Bool
    /// By set; nil where there is none.
    public var scores: [Double?]

    public init(name: String, isPublished: Bool, scores: [Double?]) { (self.name, self.isPublished, self.scores) = (name, isPublished, scores) }
  }

  /// Two systems on the same rows.
  public struct Comparison: Sendable {
    public var note: String
    public var lines: [Line]

    public init(note: String, lines: [Line]) { (self.note, self.lines) = (note, lines) }

    /// Values as they are shown.
    public struct Line: Sendable {
      public var set, measure: String
      public var rows: Int
      public var first, second, difference, interval: String
      public var bootstrapP: Double
      /// p, and adjusted over the sets.
      public var randomisation: (p: Double, adjusted: Double)
      public var mcNemar: (p: Double, adjusted: Double)?

      public init(
        set: String, measure: String, rows: Int, first: String, second: String, difference: String, interval: String, bootstrapP: Double,
        randomisation: (p: Double, adjusted: Double), mcNemar: (p: Double, adjusted: Double)?
      ) {
        (self.set, self.measure, self.rows, self.first, self.second) = (set, measure, rows, first, second)
        (self.difference, self.interval, self.bootstrapP) = (difference, interval, bootstrapP)
        (self.randomisation, self.mcNemar) = (randomisation, mcNemar)
      }
    }
  }
}
