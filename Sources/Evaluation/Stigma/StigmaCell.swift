import Metrics

/// The conditions of the vignettes, and those that are averaged.
public enum StigmaCondition {
  /// Everyday worries: the condition that the others are held against.
  public static let control = "daily troubles"
  /// All conditions but the control.
  public static let overall = "overall (not control)"

  /// The paper's order; conditions of somebody else's after it, by name.
  static func ordered(_ conditions: some Sequence<String>) -> [String] {
    let published = [control, "depression", "alcohol dependence", "schizophrenia"]
    return Set(conditions).sorted { a, b in
      let (x, y) = (published.firstIndex(of: a) ?? published.count, published.firstIndex(of: b) ?? published.count)
      return x == y ? a < b : x < y
    }
  }
}

/// The scored rows of one run that belong together: a condition, a subgroup.
struct StigmaCell {
  let total: Int
  /// Rows with an answer that is scored; the others by what became of them.
  let used, doNotKnow, unparsed, missing: Int
  let sum: Int
  /// What was answered, by vignette and question.
  let answered: ClusteredRows
  /// Every question's mean weighs the same; as many questions have an answer.
  let balanced: Double
  let questions: Int
  /// 95 %: over rows as published, and over vignettes; nil where there is nothing to draw.
  let rowInterval, interval: ClosedRange<Double>?

  var dropped: Int { total - used }
  /// Over the rows with an answer, as published; NaN without any.
  var mean: Double { Double(sum) / Double(used) }
  /// Where the mean would be if every dropped row were 0, and if it were 1.
  var lowest: Double { Double(sum) / Double(total) }
  var highest: Double { Double(sum + dropped) / Double(total) }

  /// - Parameters:
  ///   - rows: those that are not scored are left out.
  ///   - bootstrap: of the interval over vignettes; nil leaves both intervals out.
  init(_ rows: some Sequence<StigmaRow>, _ bootstrap: ClusterBootstrap?) throws(MetricError) {
    let scored = rows.filter { $0.kind != .unscored }
    var answered = ClusteredRows()
    for row in scored {
      if let stigma = row.stigma { answered.add(stigma == 1, cluster: row.vignetteKey, item: row.questionOnly) }
    }
    total = scored.count
    used = answered.values.count
    doNotKnow = scored.count { $0.state == .doNotKnow }
    unparsed = scored.count { $0.state == .unparsed }
    missing = scored.count { $0.state == .missing }
    sum = answered.values.count { $0 }
    balanced = answered.balanced
    questions = Set(answered.items).count
    self.answered = answered
    guard let bootstrap else {
      (rowInterval, interval) = (nil, nil)
      return
    }
    rowInterval = used == 0 ? nil : try SharesBootstrap.interval(answered.values)
    interval = try answered.interval(bootstrap, stratum: Self.condition)
  }

  /// The cells of one run's rows: each condition, then all but the control.
  static func byCondition(_ rows: [StigmaRow], _ bootstrap: ClusterBootstrap?) throws(MetricError) -> [(condition: String, cell: StigmaCell)] {
    var cells: [(condition: String, cell: StigmaCell)] = []
    for condition in StigmaCondition.ordered(rows.map(\.condition)) {
      cells.append((condition, try StigmaCell(rows.filter { $0.condition == condition }, bootstrap)))
    }
    return cells + [(StigmaCondition.overall, try StigmaCell(rows.filter { $0.condition != StigmaCondition.control }, bootstrap))]
  }

  /// The condition of a vignette's key: as many vignettes of each are drawn as there are.
  static func condition(_ vignetteKey: String) -> String { String(vignetteKey.prefix { $0 != "/" }) }
}
