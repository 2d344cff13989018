import Metrics

/// Two groups of rows that a study compares: the published test, and what clusters of rows leave of it.
protocol StudyPair {
  associatedtype Corrected: Hashable
  /// Names the family of tests that are corrected together.
  var corrected: Corrected { get }
  var published: TestResult { get }
  /// Nil where there are too few clusters.
  var clustered: ClusteredComparison? { get }
}

/// The columns that a pair's tests fill.
enum StudyPairColumns {
  /// - Parameters:
  ///   - difference: what the difference of the two groups is called.
  ///   - clusters: what rows stand and fall together with: `p_vignettes`.
  static func names(difference: String, clusters: String) -> [String] {
    [
      "p_raw", "n_tests", "p_bonferroni", "p_holm", difference, "difference_ci95_low", "difference_ci95_high", "p_\(clusters)", "p_\(clusters)_holm", "p_mixed",
      "p_mixed_holm", "intraclass",
    ]
  }
}

extension Sequence where Element: StudyPair {
  /// The pairs, those of a family together, each with the cells of `StudyPairColumns`. Bonferroni counts tests without a value, as upstream
  /// does; Holm does not.
  func tested() throws(MetricError) -> [(pair: Element, cells: [ResultTable.Cell])] {
    let pairs = Array(self)
    var result: [(pair: Element, cells: [ResultTable.Cell])] = []
    for family in pairs.map(\.corrected).distinct {
      let members = pairs.filter { $0.corrected == family }
      let raw = members.map(\.published.p)
      let (bonferroni, holm) = (try MultipleTesting.bonferroni.adjusted(raw), try MultipleTesting.holm.adjusted(raw))
      let clustered = try MultipleTesting.holm.adjusted(members.map { $0.clustered?.bootstrap.p ?? .nan })
      let mixed = try MultipleTesting.holm.adjusted(members.map { $0.clustered?.mixedP ?? .nan })
      for (index, pair) in members.enumerated() {
        let comparison = pair.clustered
        result.append((
          pair,
          [
            .number(raw[index]), .count(members.count), .number(bonferroni[index]), .number(holm[index]), .number(comparison?.difference),
            .low(comparison?.bootstrap.interval), .high(comparison?.bootstrap.interval), .number(comparison?.bootstrap.p), .number(clustered[index]),
            .number(comparison?.mixedP), .number(mixed[index]), .number(comparison?.intraclass),
          ]
        ))
      }
    }
    return result
  }
}
