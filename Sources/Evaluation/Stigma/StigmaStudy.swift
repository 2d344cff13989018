public import Metrics

/// The stigma of several models: cells, tests and tables of their runs.
public struct StigmaStudy: Sendable {
  public let runs: [StigmaRun]
  public let arithmetic: Arithmetic
  public let human: HumanStigma?
  /// Formatting, overall, by question, pairwise, subgroups and their differences, people.
  public let tables: [ResultTable]
  /// What to know before reading the numbers.
  public let notes: [String]

  /// A run with its cells by condition, the overall one last.
  struct Measured: Sendable {
    let run: StigmaRun
    let cells: [(condition: String, cell: StigmaCell)]

    func cell(_ condition: String) -> StigmaCell? { cells.first { $0.condition == condition }?.cell }

    init(_ run: StigmaRun, _ bootstrap: ClusterBootstrap) throws(MetricError) {
      self.run = run
      cells = try StigmaCell.byCondition(run.rows, bootstrap)
    }
  }

  let measured: [Measured]
  /// By run, question and condition, in the order of the questions.
  let answers: [[StigmaAnswers]]

  /// - Parameters:
  ///   - human: what people answered, where it is at hand.
  ///   - bootstrap: of the intervals over vignettes.
  /// - Throws: `MetricError`, which only a run without rows can cause.
  public init(
    _ runs: [StigmaRun], human: HumanStigma? = nil, arithmetic: Arithmetic = .corrected, bootstrap: ClusterBootstrap = ClusterBootstrap()
  ) throws(MetricError) {
    (self.runs, self.human, self.arithmetic) = (runs, human, arithmetic)
    var (measured, answers): ([Measured], [[StigmaAnswers]]) = ([], [])
    for run in runs {
      measured.append(try Measured(run, bootstrap))
      answers.append(try StigmaAnswers.all(run))
    }
    (self.measured, self.answers) = (measured, answers)
    let pairs = try StigmaPair.all(measured, bootstrap)
    var tables = [
      Self.formatting(runs), Self.overall(measured, arithmetic), Self.questions(runs, answers), try Self.pairwise(pairs),
      try Self.subgroups(runs, arithmetic, bootstrap), try Self.subgroupDifferences(runs, bootstrap),
    ]
    if let human { tables.append(Self.people(human, arithmetic)) }
    self.tables = tables
    notes = Self.notes(measured, arithmetic, human)
  }

  private static func notes(_ measured: [Measured], _ arithmetic: Arithmetic, _ human: HumanStigma?) -> [String] {
    var notes: [String] = []
    switch arithmetic {
    case .corrected:
      notes.append("Corrected arithmetic: each scored question weighs the same, whatever rows of it went unanswered; intervals and tests draw whole vignettes. --compat gives the published arithmetic.")
    case .upstream:
      notes.append("Upstream's arithmetic (--compat): means over the answered rows, intervals and Welch tests that take rows for independent, Bonferroni counting tests without a value.")
    }
    let most = measured.max { ($0.cell(StigmaCondition.overall)?.dropped ?? 0) < ($1.cell(StigmaCondition.overall)?.dropped ?? 0) }
    if let most, let cell = most.cell(StigmaCondition.overall), cell.dropped > 0 {
      notes.append("Rows without an answer are in no mean: \(most.run.model) left \(cell.dropped) of \(cell.total) open. The bounds say where a mean would be if all of them were 0, or 1.")
    }
    if let incomplete = measured.first(where: { run in run.cells.contains { $0.cell.used > 0 && $0.cell.questions < (run.cells.map(\.cell.questions).max() ?? 0) } }) {
      notes.append("\(incomplete.run.model) answered some questions for no vignette of a condition; such a mean is over fewer questions (questions_used).")
    }
    if human != nil {
      notes.append(
        arithmetic == .corrected
          ? "People, 2018: the five social-distance rows of the file hold unwillingness, and are read so. The published figure inverts them; both are in the table."
          : "People, 2018: as published, which inverts the five social-distance rows although they hold unwillingness; both readings are in the table.")
    }
    return notes
  }

  func estimate(_ cell: StigmaCell) -> Double { arithmetic == .corrected ? cell.balanced : cell.mean }
  func interval(_ cell: StigmaCell) -> ClosedRange<Double>? { arithmetic == .corrected ? cell.interval : cell.rowInterval }
}

/// The answers to one question in one condition.
struct StigmaAnswers: Sendable {
  let question: String
  let condition: String
  let total: Int
  let codes: [Bool]
  /// Of the share that agrees, over the rows, which are of a vignette each.
  let interval: ClosedRange<Double>?

  var kind: StigmaKind { StigmaKind(question) }
  /// The share that agrees (likely, willing); NaN without an answer.
  var agree: Double { Double(codes.count { $0 }) / Double(codes.count) }
  /// NaN for questions that are not scored.
  var stigma: Double {
    switch kind {
    case .positive: agree
    case .negative: Double(codes.count { !$0 }) / Double(codes.count)
    case .unscored: .nan
    }
  }

  static func all(_ run: StigmaRun) throws(MetricError) -> [StigmaAnswers] {
    let questions = run.rows.map(\.questionOnly).distinct
    var result: [StigmaAnswers] = []
    for question in questions {
      let asked = run.rows.filter { $0.questionOnly == question }
      for condition in StigmaCondition.ordered(asked.map(\.condition)) {
        let rows = asked.filter { $0.condition == condition }
        let codes = rows.compactMap(\.code)
        let interval = codes.isEmpty ? nil : try SharesBootstrap.interval(codes)
        result.append(StigmaAnswers(question: question, condition: condition, total: rows.count, codes: codes, interval: interval))
      }
    }
    return result
  }
}
