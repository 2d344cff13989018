/// Checks that compare rows with each other.
extension DataCheck {
  /// Rows of one file that repeat the post and question of an earlier row.
  func duplicates(_ file: DataFile, _ report: Report) -> Finding? {
    var seen: Set<UInt64> = []
    let repeated = file.rows.filter { !seen.insert(Self.key($0)).inserted }.map(\.id)
    return report(
      .duplicate, .warning, repeated,
      "the post and question of an earlier row again in \(counted(repeated.count)) of \(file.split.rawValue)")
  }

  /// Test rows whose post is in the training or validation rows, question or not.
  func exactLeaks(_ rows: [DataFile.Row], _ report: Report) -> Finding? {
    var learnt: [UInt64: DataFile.Row] = [:]
    for row in rows where row.id.split != .test {
      let key = contentDigest(Self.normalized(row.post))
      if learnt[key] == nil { learnt[key] = row }
    }
    var pairs: [ExampleID] = []
    for row in rows where row.id.split == .test {
      if let source = learnt[contentDigest(Self.normalized(row.post))] { pairs += [source.id, row.id] }
    }
    return report(
      .leak, .warning, pairs, "the post of a train or validation row in \(counted(pairs.count / 2, "test row")): their scores are not honest")
  }

  /// Test rows whose post is almost one of the training or validation rows, but not exactly.
  func nearLeaks(_ rows: [DataFile.Row], _ report: Report) -> Finding? {
    // One row per post: sets that ask several questions repeat each post.
    var seen: [String: Int] = [:]
    var unique: [DataFile.Row] = []
    var inTest: [Bool] = []
    for row in rows {
      let post = Self.normalized(row.post)
      if seen[post] != nil { continue }
      seen[post] = unique.count
      unique.append(row)
      inTest.append(row.id.split == .test)
    }
    guard inTest.contains(true), inTest.contains(false) else { return nil }
    let pairs = NearDuplicates(threshold: nearThreshold).pairs(unique.map(\.post)) { inTest[$0] != inTest[$1] }
    // `run` puts test files last, so `first` is always the learnt side.
    let ids = pairs.flatMap { [unique[$0.first].id, unique[$0.second].id] }
    return report(
      .nearLeak, .warning, ids,
      "nearly the same post on both sides (at least \(Int((nearThreshold * 100).rounded())) % of three-word runs) in "
        + "\(counted(pairs.count, "pair")) of a train or validation row and a test row")
  }

  /// The same post and question with different labels.
  func conflicts(_ rows: [DataFile.Row], _ keys: [UInt64], _ report: Report) -> Finding? {
    var groups: [UInt64: [DataFile.Row]] = [:]
    for (row, key) in zip(rows, keys) where row.reading.label != nil { groups[key, default: []].append(row) }
    let conflicting = groups.values.filter { Set($0.compactMap(\.reading.label)).count > 1 }
    let ids = conflicting.flatMap { $0 }.map(\.id).sorted { ($0.split.order, $0.row) < ($1.split.order, $1.row) }
    return report(
      .conflictingLabel, .warning, ids, "different labels for the same question about \(counted(conflicting.count, "post")) (\(counted(ids.count)))")
  }
}

extension Split {
  fileprivate var order: Int { switch self { case .train: 0; case .validation: 1; case .test: 2 } }
}
