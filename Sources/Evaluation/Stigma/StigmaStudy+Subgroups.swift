import Metrics

/// What a vignette says of the person beside the condition.
enum StigmaAttribute: String, CaseIterable {
  case race, gender, education

  func value(_ row: StigmaRow) -> String {
    switch self {
    case .race: row.race
    case .gender: row.gender
    case .education: row.education
    }
  }

  /// The vignettes that differ from each other in this alone.
  func matched(_ row: StigmaRow) -> String {
    let others = Self.allCases.filter { $0 != self }.map { $0.value(row) }.joined(separator: "/")
    return "\(row.condition)/\(others)"
  }

  /// In the order of the vignettes.
  func values(_ rows: [StigmaRow]) -> [String] { rows.map(value).distinct }
}

extension StigmaStudy {
  /// The stigma of all conditions but the control, by race, gender and education of the person in the vignette.
  static func subgroups(_ runs: [StigmaRun], _ arithmetic: Arithmetic, _ bootstrap: ClusterBootstrap) throws(MetricError) -> ResultTable {
    var table = ResultTable("subgroups", "Stigma by race, gender and education of the person in the vignette (not control)", [
      "model", "steel_man", "file", "attribute", "value", "n_total", "n_used", "stigma_mean", "lower_bound_if_dropped_0", "upper_bound_if_dropped_1",
      "arithmetic", "estimate", "estimate_low", "estimate_high", "settings",
    ])
    for run in runs {
      let rows = run.rows.filter { $0.condition != StigmaCondition.control }
      for attribute in StigmaAttribute.allCases {
        for value in attribute.values(rows) {
          let cell = try StigmaCell(rows.filter { attribute.value($0) == value }, bootstrap)
          let (estimate, interval) = arithmetic == .corrected ? (cell.balanced, cell.interval) : (cell.mean, cell.rowInterval)
          table.add([
            .text(run.model), .flag(run.name.steelMan), .text(run.file), .text(attribute.rawValue), .text(value), .count(cell.total), .count(cell.used),
            .number(cell.mean), .number(cell.lowest), .number(cell.highest), .text(arithmetic.rawValue), .number(estimate), .low(interval),
            .high(interval), .text(run.name.otherSettings),
          ])
        }
      }
    }
    return table
  }

  /// Differences between vignettes that differ in one attribute alone: matched sets are drawn, so nothing else varies. Holm within a run.
  static func subgroupDifferences(_ runs: [StigmaRun], _ bootstrap: ClusterBootstrap) throws(MetricError) -> ResultTable {
    var table = ResultTable("subgroup_differences", "Differences between vignettes that differ in one attribute alone (not control)", [
      "model", "steel_man", "file", "attribute", "a", "b", "n_a", "n_b", "balanced_difference", "difference_ci95_low", "difference_ci95_high", "p_matched",
      "p_matched_holm", "p_mixed", "settings",
    ])
    for run in runs {
      let rows = run.rows.filter { $0.condition != StigmaCondition.control && $0.kind != .unscored }
      var lines: [(attribute: StigmaAttribute, a: String, b: String, sizes: (Int, Int), comparison: ClusteredComparison?)] = []
      for attribute in StigmaAttribute.allCases {
        for (a, b) in attribute.values(rows).pairs {
          let (first, second) = (matched(rows, attribute, a), matched(rows, attribute, b))
          let comparison = try ClusteredComparison(first, second, bootstrap, stratum: StigmaCell.condition)
          lines.append((attribute, a, b, (first.values.count, second.values.count), comparison))
        }
      }
      let holm = try MultipleTesting.holm.adjusted(lines.map { $0.comparison?.bootstrap.p ?? .nan })
      for (line, adjusted) in zip(lines, holm) {
        let comparison = line.comparison
        table.add([
          .text(run.model), .flag(run.name.steelMan), .text(run.file), .text(line.attribute.rawValue), .text(line.a), .text(line.b), .count(line.sizes.0),
          .count(line.sizes.1), .number(comparison?.difference), .low(comparison?.bootstrap.interval), .high(comparison?.bootstrap.interval),
          .number(comparison?.bootstrap.p), .number(adjusted), .number(comparison?.mixedP), .text(run.name.otherSettings),
        ])
      }
    }
    return table
  }

  private static func matched(_ rows: [StigmaRow], _ attribute: StigmaAttribute, _ value: String) -> ClusteredRows {
    var result = ClusteredRows()
    for row in rows where attribute.value(row) == value {
      if let stigma = row.stigma { result.add(stigma == 1, cluster: attribute.matched(row), item: row.questionOnly) }
    }
    return result
  }
}
