/// Checks that look at one row, or one file, at a time.
extension DataCheck {
  func readability(_ file: DataFile, _ report: Report) -> [Finding?] {
    let unmatched = file.rows.filter { $0.reading == .unmatched }.map(\.id)
    let ambiguous = file.rows.filter { if case .ambiguous = $0.reading { true } else { false } }.map(\.id)
    return [
      report(.unmatchedLabel, .error, unmatched, "no label can be read in \(counted(unmatched.count)) of \(file.split.rawValue)"),
      report(.ambiguousLabel, .error, ambiguous, "several labels are named in \(counted(ambiguous.count)) of \(file.split.rawValue)"),
    ]
  }

  func emptyTexts(_ files: [DataFile], _ report: Report) -> Finding? {
    let rows = inputs(files).filter { $0.first[...].trimmed.isEmpty && ($0.second ?? "")[...].trimmed.isEmpty }.map(\.row.id)
    return report(.emptyText, .error, rows, "nothing to read (\(view.rawValue)) in \(counted(rows.count))")
  }

  func overLength(_ files: [DataFile], _ report: Report) -> Finding? {
    guard let tokenCount else { return nil }
    var rows: [ExampleID] = []
    var (lost, worst) = (0, 0)
    for input in inputs(files) {
      let excess = tokenCount(input.first, input.second) - maximumLength
      guard excess > 0 else { continue }
      rows.append(input.row.id)
      (lost, worst) = (lost + excess, max(worst, excess))
    }
    return report(
      .overLength, .warning, rows,
      "more than \(maximumLength) tokens in \(counted(rows.count)): cut by \(lost / max(rows.count, 1)) on average and \(worst) at most")
  }

  func mojibake(_ rows: [DataFile.Row], _ report: Report) -> Finding? {
    var places = 0
    var damaged: [ExampleID] = []
    for row in rows {
      let count = Mojibake.count(row.post) + Mojibake.count(row.question) + ([row.post, row.question].contains(row.text) ? 0 : Mojibake.count(row.text))
      if count > 0 { damaged.append(row.id) }
      places += count
    }
    return report(.mojibake, .warning, damaged, "text decoded with the wrong encoding in \(counted(damaged.count)) (\(counted(places, "place")))")
  }

  /// Classes without a row, and classes ten times rarer than the commonest.
  func balance(_ file: DataFile, _ report: Report) -> [Finding?] {
    let stats = DataStats(file)
    let names = file.labels.names
    let first = file.rows.prefix(1).map(\.id)
    let absent = stats.labelCounts.indices.filter { stats.labelCounts[$0] == 0 }.map { names[$0] }
    let most = stats.labelCounts.max() ?? 0
    let rare = stats.labelCounts.indices.filter { stats.labelCounts[$0] > 0 && stats.labelCounts[$0] * 10 < most }.map { names[$0] }
    return [
      report(
        .missingClass, .warning, absent.isEmpty ? [] : first,
        "\(file.split.rawValue) has no row of \(counted(absent.count, "class")): \(absent.joined(separator: ", "))"),
      report(
        .imbalance, .note, rare.isEmpty ? [] : first,
        "\(file.split.rawValue) has less than a tenth of the commonest class in: \(rare.joined(separator: ", "))"),
    ]
  }

  /// Turns of a dialogue whose speaker is not said: the tags are what tells a model who speaks.
  func speakers(_ files: [DataFile], _ report: Report) -> Finding? {
    let rows = files.filter { $0.format == .dialogue }.flatMap(\.rows).filter { row in
      !DialogueSafety.tags.contains(where: row.post.hasPrefix) || !row.text.hasPrefix(DialogueSafety.supporter)
    }
    return report(
      .speaker, .warning, rows.map(\.id),
      "a context that begins with no speaker, or a response that is not the \(DialogueSafety.supporter)'s, in \(counted(rows.count))")
  }

  /// What the classifier would read of every row, labelled or not.
  private func inputs(_ files: [DataFile]) -> [(row: DataFile.Row, first: String, second: String?)] {
    files.flatMap { file in
      file.rows.map { row in
        let example = Example(id: row.id, post: row.post, question: row.question, text: row.text, label: row.reading.label ?? 0)
        let segments = (file.format == .dialogue ? .dialogue : view).segments(of: example, labels: file.labels)
        return (row, segments.first, segments.second)
      }
    }
  }
}
