public import Files
public import Reports

/// A run of the benchmark: every set, what it is compared with, and what could not be used.
public struct IMHIEvaluation: Sendable {
  /// `imhi`, `imhi-completion` or `expert`; for stored answers what they were said to be.
  public let dataset: String
  public let sets: [IMHISet]
  /// What was run and on what.
  public let facts: [ClassifierReport.Fact]
  public var comparison: IMHIComparison?
  /// Automatic scores against people's annotations of the same rows.
  public var correlation: CorrelationStudy?
  /// Files and rows that could not be used; the rest is in `sets`.
  public let problems: [InputError]

  public init(
    dataset: String, sets: [IMHISet], facts: [ClassifierReport.Fact], comparison: IMHIComparison? = nil, correlation: CorrelationStudy? = nil,
    problems: [InputError] = []
  ) {
    (self.dataset, self.sets, self.facts) = (dataset, sets, facts)
    (self.comparison, self.correlation, self.problems) = (comparison, correlation, problems)
  }

  /// Published numbers belong beside answers to the sets they were measured on: the paper's test sets, not the experts' 35 rows.
  public var showsPublished: Bool { dataset != "expert" }

  /// `table.csv`, `results.json`, `report.html` and its figures, into an existing folder.
  public func write(into folder: String) throws(InputError) {
    try AtomicWrite.file("\(folder)/table.csv", table)
    if comparison != nil { try AtomicWrite.file("\(folder)/comparison.csv", comparisonTable) }
    try AtomicWrite.file("\(folder)/results.json", json.encoded(indent: 2) + "\n")
    try IMHIPage.write(report, into: folder)
  }
}
