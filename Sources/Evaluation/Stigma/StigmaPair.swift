import Metrics

/// Two groups of scored rows that a reader compares: two models in one condition, or two conditions of one model.
struct StigmaPair {
  enum Family: String, CaseIterable {
    case models = "across_models_within_condition"
    case conditions = "across_conditions_within_model"
  }

  let family: Family
  let group: PromptSetting
  /// The condition, or the model.
  let within: String
  let a, b: String
  let first, second: StigmaCell
  let welch: TestResult
  let degrees: Double
  let clustered: ClusteredComparison?

  /// Every pair that the published figures test, and only those: both sides with two answers or more, and within a model not two without any spread.
  static func all(_ measured: [StigmaStudy.Measured], _ bootstrap: ClusterBootstrap) throws(MetricError) -> [StigmaPair] {
    var result: [StigmaPair] = []
    for group in measured.map(\.run.group).distinct {
      let runs = measured.filter { $0.run.group == group }
      for condition in StigmaCondition.ordered(runs.flatMap { $0.cells.map(\.condition) }.filter { $0 != StigmaCondition.overall }) + [StigmaCondition.overall] {
        let cells = runs.compactMap { run in run.cell(condition).map { (name: label(run.run, among: runs), cell: $0) } }
        for (a, b) in cells.pairs { try add(.models, group, condition, a, b, bootstrap, to: &result) }
      }
      for run in runs {
        let cells = run.cells.filter { $0.condition != StigmaCondition.overall }.map { (name: $0.condition, cell: $0.cell) }
        for (a, b) in cells.pairs where varies(a.cell) || varies(b.cell) {
          try add(.conditions, group, label(run.run, among: runs), a, b, bootstrap, to: &result)
        }
      }
    }
    return result
  }

  /// The model, with the file where a model has several.
  private static func label(_ run: StigmaRun, among runs: [StigmaStudy.Measured]) -> String {
    runs.count { $0.run.model == run.model } > 1 ? "\(run.model) \(run.file)" : run.model
  }

  private static func varies(_ cell: StigmaCell) -> Bool { cell.sum > 0 && cell.sum < cell.used }

  private static func add(
    _ family: Family, _ group: PromptSetting, _ within: String, _ a: (name: String, cell: StigmaCell), _ b: (name: String, cell: StigmaCell),
    _ bootstrap: ClusterBootstrap, to pairs: inout [StigmaPair]
  ) throws(MetricError) {
    guard a.cell.used > 1, b.cell.used > 1 else { return }
    let (x, y) = (a.cell.answered.values.map { $0 ? 1.0 : 0 }, b.cell.answered.values.map { $0 ? 1.0 : 0 })
    pairs.append(StigmaPair(
      family: family, group: group, within: within, a: a.name, b: b.name, first: a.cell, second: b.cell, welch: try TwoSampleTests.welch(x, y),
      degrees: try TwoSampleTests.welchDegrees(x, y),
      clustered: try ClusteredComparison(a.cell.answered, b.cell.answered, bootstrap, stratum: StigmaCell.condition)))
  }
}

extension StigmaPair: StudyPair {
  struct Corrected: Hashable {
    let family: Family
    let group: PromptSetting
  }

  var corrected: Corrected { Corrected(family: family, group: group) }
  var published: TestResult { welch }
}

extension StigmaStudy {
  /// Tests are corrected within a family and a group of runs on the same prompts.
  static func pairwise(_ pairs: [StigmaPair]) throws(MetricError) -> ResultTable {
    var table = ResultTable(
      "pairwise", "Models against each other, and conditions within a model",
      ["family", "steel_man", "condition", "a", "b", "n_a", "n_b", "mean_a", "mean_b", "welch_t", "df"]
        + StudyPairColumns.names(difference: "balanced_difference", clusters: "vignettes") + ["settings"])
    for (pair, tests) in try pairs.tested() {
      let head: [ResultTable.Cell] = [
        .text(pair.family.rawValue), .flag(pair.group.steelMan), .text(pair.within), .text(pair.a), .text(pair.b), .count(pair.first.used),
        .count(pair.second.used), .number(pair.first.mean), .number(pair.second.mean), .number(pair.welch.statistic), .number(pair.degrees),
      ]
      table.add(head + tests + [.text(pair.group.other)])
    }
    return table
  }
}
