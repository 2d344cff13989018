/// Rows dealt into folds so that every label is spread as evenly as can be and rows that belong together stay together.
///
/// Groups are shuffled by `seed`, those with the rarest label dealt first; each goes to the fold that has the fewest rows of that
/// label, of equals the smallest. The same input gives the same folds on every machine.
public struct StratifiedFolds: Sendable, Hashable {
  /// For each fold the positions of its rows, ascending; every row is in exactly one.
  public let folds: [[Int]]

  /// - Parameters:
  ///   - labels: of the rows.
  ///   - groups: a key a row; rows with equal keys are never divided.
  ///   - count: at least 2.
  public init(labels: [Int], groups: [String], count: Int, seed: UInt64) {
    precondition(labels.count == groups.count && count >= 2, "StratifiedFolds: \(labels.count) labels, \(groups.count) groups, \(count) folds")
    let frequency = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +)
    var members: [String: [Int]] = [:]
    for (row, group) in groups.enumerated() { members[group, default: []].append(row) }
    // A group goes by its rarest label; in a shuffled order that depends on keys and seed alone.
    let dealt = members.map { key, rows in
      let rarest = rows.map { labels[$0] }.min { (frequency[$0] ?? 0, $0) < (frequency[$1] ?? 0, $1) } ?? 0
      return (label: rarest, rank: contentDigest(key, String(seed)), first: rows[0], rows: rows)
    }.sorted { a, b in
      let (left, right) = (frequency[a.label] ?? 0, frequency[b.label] ?? 0)
      if left != right { return left < right }
      if a.label != b.label { return a.label < b.label }
      return a.rank == b.rank ? a.first < b.first : a.rank < b.rank
    }
    var folds = [[Int]](repeating: [], count: count)
    var held = [[Int: Int]](repeating: [:], count: count)
    for group in dealt {
      let fold = folds.indices.min { a, b in
        let (left, right) = (held[a][group.label] ?? 0, held[b][group.label] ?? 0)
        if left != right { return left < right }
        return folds[a].count == folds[b].count ? a < b : folds[a].count < folds[b].count
      } ?? 0
      folds[fold] += group.rows
      for row in group.rows { held[fold][labels[row], default: 0] += 1 }
    }
    self.folds = folds.map { $0.sorted() }
  }
}
