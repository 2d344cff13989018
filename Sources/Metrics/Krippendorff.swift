/// Krippendorff's α: agreement of any number of raters, with ratings missing, on any scale.
public enum Krippendorff {
  /// What the distance of two ratings is.
  public enum Scale: String, Sendable, CaseIterable {
    /// 0 or 1.
    case nominal
    /// By how many ratings lie between.
    case ordinal
    /// (a − b)²
    case interval
    /// ((a − b) / (a + b))²
    case ratio
  }

  /// 1 − observed / expected disagreement. Items with fewer than two ratings say nothing and are left out.
  /// - Parameter ratings: one row an item, one column a rater, nil where a rater gave none.
  /// - Returns: NaN when every rating is the same.
  /// - Throws: `MetricError` when no item has two ratings, or for a rating that is not finite.
  public static func alpha(_ ratings: [[Double?]], _ scale: Scale) throws(MetricError) -> Double {
    var items: [[Double]] = []
    for (index, row) in ratings.enumerated() {
      let given = row.compactMap(\.self)
      guard given.allSatisfy(\.isFinite) else { throw .outOfRange("ratings", index: index, expected: "finite numbers") }
      if given.count > 1 { items.append(given) }
    }
    guard !items.isEmpty else { throw .undefined("no item has two ratings; agreement needs at least two raters on an item") }
    let values = Set(items.joined()).sorted()
    let position = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
    let counts = items.map { item in
      item.reduce(into: [Double](repeating: 0, count: values.count)) { $0[position[$1] ?? 0] += 1 }
    }
    let totals = values.indices.map { value in counts.reduce(0) { $0 + $1[value] } }
    let all = totals.reduce(0, +)
    let distances = distances(values, totals, scale)
    var (observed, expected) = (0.0, 0.0)
    for a in values.indices {
      for b in values.indices where a != b {
        let together = counts.reduce(0) { $0 + $1[a] * $1[b] / ($1.reduce(0, +) - 1) }
        observed += together * distances[a][b]
        expected += totals[a] * totals[b] / (all - 1) * distances[a][b]
      }
    }
    return expected == 0 ? .nan : 1 - observed / expected
  }

  private static func distances(_ values: [Double], _ totals: [Double], _ scale: Scale) -> [[Double]] {
    values.indices.map { a in
      values.indices.map { b in
        if a == b { return 0 }
        switch scale {
        case .nominal: return 1
        case .ordinal:
          let between = totals[min(a, b)...max(a, b)].reduce(0, +) - (totals[a] + totals[b]) / 2
          return between * between
        case .interval: return (values[a] - values[b]) * (values[a] - values[b])
        case .ratio:
          let share = (values[a] - values[b]) / (values[a] + values[b])
          return share * share
        }
      }
    }
  }
}
