public import Datasets
public import Files
public import Metrics

/// Automatic scores against what people said of the same rows.
public struct CorrelationStudy: Sendable {
  /// Two columns compared over the rows that have both.
  public struct Pair: Sendable {
    public let first, second: String
    public let rows: Int
    /// In the order of `Correlation.allCases`; the interval is nil where too few rows or a constant side allow none.
    public let results: [(test: TestResult, interval: ClosedRange<Double>?)]
  }

  public struct Group: Sendable {
    /// A file's name, or `all`.
    public let name: String
    /// Every metric with every aspect.
    public fileprivate(set) var pairs: [Pair]
  }

  public private(set) var groups: [Group] = []
  /// Every two aspects, over all annotated rows.
  public private(set) var aspects: [Pair] = []
  /// Krippendorff's α on the ordinal scale, by aspect.
  public private(set) var agreement: [(aspect: String, alpha: Double)] = []
  /// Rows scored but not annotated, and annotated but not scored.
  public private(set) var onlyScored = 0
  public private(set) var onlyAnnotated = 0

  /// Matches rows by the file's name and the row's number.
  /// - Throws: `InputError` when no row matches, or a scored row is beyond the end of its annotations.
  public init(_ scores: ScoreTable, path: String, _ annotations: [HumanAnnotations], bootstrap: Bootstrap) throws(InputError) {
    let files = Dictionary(annotations.map { ($0.dataset, $0) }, uniquingKeysWith: { first, _ in first })
    var matched: [(dataset: String, values: [Double?], ratings: [Double])] = []
    for row in scores.rows {
      guard let file = files[row.dataset] else {
        onlyScored += 1
        continue
      }
      guard row.number <= file.ratings.count else {
        throw InputError(
          path, "row \(row.number) of \(row.dataset) is scored, but \(file.path) has \(file.ratings.count) rows",
          advice: "Score the file that was annotated, rows in the same order")
      }
      matched.append((row.dataset, row.values, file.aspects.indices.map { file.score(row: row.number - 1, aspect: $0) }))
    }
    guard let aspectNames = annotations.first?.aspects, !matched.isEmpty else {
      let names = annotations.map(\.dataset).joined(separator: ", ")
      throw InputError(path, "no scored file has annotations; there are annotations of \(names)", advice: "Name the scored files as the annotated ones")
    }
    onlyAnnotated = annotations.reduce(0) { $0 + $1.ratings.count } - Set(scores.rows.filter { files[$0.dataset] != nil }.map { "\($0.dataset)/\($0.number)" }).count
    let present = annotations.map(\.dataset).filter { name in matched.contains { $0.dataset == name } }
    for name in present.count > 1 ? ["all"] + present : present {
      let rows = matched.filter { name == "all" && present.count > 1 || $0.dataset == name }
      var group = Group(name: name, pairs: [])
      for metric in scores.metrics.indices {
        for aspect in aspectNames.indices {
          let both = rows.compactMap { row in row.values[metric].map { ($0, row.ratings[aspect]) } }
          group.pairs.append(Self.pair(scores.metrics[metric], aspectNames[aspect], both.map(\.0), both.map(\.1), bootstrap))
        }
      }
      groups.append(group)
    }
    for a in aspectNames.indices {
      let all = annotations.flatMap { file in file.ratings.indices.map { file.score(row: $0, aspect: a) } }
      for b in aspectNames.indices where b > a {
        let other = annotations.flatMap { file in file.ratings.indices.map { file.score(row: $0, aspect: b) } }
        aspects.append(Self.pair(aspectNames[a], aspectNames[b], all, other, bootstrap))
      }
      let ratings = annotations.flatMap { $0.ratings.map { $0[a].map(Optional.some) } }
      agreement.append((aspectNames[a], (try? Krippendorff.alpha(ratings, .ordinal)) ?? .nan))
    }
  }

  private static func pair(_ first: String, _ second: String, _ x: [Double], _ y: [Double], _ bootstrap: Bootstrap) -> Pair {
    let results = Correlation.allCases.map { kind in
      let test = (try? kind.test(x, y)) ?? TestResult(statistic: .nan, p: .nan)
      return (test: test, interval: test.statistic.isNaN ? nil : (try? kind.interval(x, y, bootstrap)))
    }
    return Pair(first: first, second: second, rows: x.count, results: results)
  }
}
