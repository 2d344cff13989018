import Metrics

/// Two groups of replies that a reader compares.
struct InterjectionPair {
  enum Family: String {
    /// Models, all live bots together, and therapists.
    case overall
    /// Models and therapists, condition by condition.
    case conditions = "by_condition_no_live_bots"
    /// The bots among each other.
    case bots = "live_bots_overall"
  }

  let family: Family
  /// The models' settings; nil for bots.
  let group: PromptSetting?
  let condition: String
  let a, b: String
  let correct, total: (Int, Int)
  let z: TestResult
  let clustered: ClusteredComparison?

  private struct Side {
    let name: String
    let outcomes: [InterjectionOutcome]
  }

  /// Every pair that the published figures test, for each setting of the models.
  static func all(
    _ runs: [InterjectionRun], _ arithmetic: Arithmetic, _ bootstrap: ClusterBootstrap
  ) throws(MetricError) -> [InterjectionPair] {
    var result: [InterjectionPair] = []
    let models = runs.filter { $0.kind == .model }
    let bots = runs.filter { $0.kind == .bot }
    let people = runs.filter { $0.kind == .therapists }.map { Side(name: $0.model, outcomes: $0.outcomes) }
    let together = bots.isEmpty ? [] : [Side(name: "live bots", outcomes: bots.flatMap(\.outcomes))]
    for group in models.map(\.group).distinct {
      let members = models.filter { $0.group == group }
      let sides = members.map { run in
        Side(name: members.count { $0.model == run.model } > 1 ? "\(run.model) \(run.file)" : run.model, outcomes: run.outcomes)
      }
      for (a, b) in (sides + together + people).pairs { try add(.overall, group, "overall", a, b, arithmetic, bootstrap, to: &result) }
      for condition in InterjectionCondition.ordered(members.flatMap { $0.outcomes.map(\.condition) }) {
        let parts = (sides + people).map { Side(name: $0.name, outcomes: $0.outcomes.filter { $0.condition == condition }) }
        for (a, b) in parts.pairs { try add(.conditions, group, condition, a, b, arithmetic, bootstrap, to: &result) }
      }
    }
    for (a, b) in bots.map({ Side(name: $0.model, outcomes: $0.outcomes) }).pairs {
      try add(.bots, nil, "overall", a, b, arithmetic, bootstrap, to: &result)
    }
    return result
  }

  /// The z test is the published one: a row that nobody judged is a row, and no appropriate one. The comparison over clusters is of the judged rows.
  private static func add(
    _ family: Family, _ group: PromptSetting?, _ condition: String, _ a: Side, _ b: Side, _ arithmetic: Arithmetic, _ bootstrap: ClusterBootstrap,
    to pairs: inout [InterjectionPair]
  ) throws(MetricError) {
    let total = (a.outcomes.count, b.outcomes.count)
    let correct = (a.outcomes.count { $0.isAppropriate == true }, b.outcomes.count { $0.isAppropriate == true })
    let z: TestResult
    if total.0 > 0, total.1 > 0 {
      z = try Proportion.zTest(successes: correct, trials: total)
    } else {
      // Upstream counts a comparison without rows as one with p 1.
      guard arithmetic == .upstream, family == .conditions else { return }
      z = TestResult(statistic: .nan, p: 1)
    }
    func judged(_ side: Side) -> ClusteredRows {
      var rows = ClusteredRows()
      for outcome in side.outcomes { if let value = outcome.isAppropriate { rows.add(value, cluster: outcome.cluster) } }
      return rows
    }
    pairs.append(InterjectionPair(
      family: family, group: group, condition: condition, a: a.name, b: b.name, correct: correct, total: total, z: z,
      clustered: try ClusteredComparison(judged(a), judged(b), bootstrap)))
  }
}

extension InterjectionPair: StudyPair {
  struct Corrected: Hashable {
    let family: Family
    let group: PromptSetting?
  }

  var corrected: Corrected { Corrected(family: family, group: group) }
  var published: TestResult { z }
}

extension InterjectionStudy {
  /// Tests are corrected within a family and the models' settings.
  static func pairwise(_ pairs: [InterjectionPair]) throws(MetricError) -> ResultTable {
    var table = ResultTable(
      "pairwise", "Models, bots and therapists against each other",
      ["family", "condition", "a", "b", "correct_a", "n_a", "correct_b", "n_b", "z"]
        + StudyPairColumns.names(difference: "difference", clusters: "clusters") + ["contextualize", "steel_man", "settings"])
    for (pair, tests) in try pairs.tested() {
      let head: [ResultTable.Cell] = [
        .text(pair.family.rawValue), .text(pair.condition), .text(pair.a), .text(pair.b), .count(pair.correct.0), .count(pair.total.0),
        .count(pair.correct.1), .count(pair.total.1), .number(pair.z.statistic),
      ]
      table.add(
        head + tests + [
          pair.group.map { .flag($0.isContextualized) } ?? .empty, pair.group.map { .flag($0.steelMan) } ?? .empty, .text(pair.group?.other ?? ""),
        ])
    }
    return table
  }
}
