import Datasets
public import Files
import Metrics
import Reports

extension CorrelationStudy {
  public var json: JSON {
    let groups = groups.map { group -> JSON in ["name": .string(group.name), "correlations": .array(group.pairs.map(\.json))] }
    let agreement = agreement.map { item -> JSON in ["aspect": .string(item.aspect), "krippendorff_alpha_ordinal": number(item.alpha)] }
    return [
      "groups": .array(groups), "aspects": .array(aspects.map(\.json)), "annotator_agreement": .array(agreement),
      "only_scored": .integer(onlyScored), "only_annotated": .integer(onlyAnnotated),
    ]
  }

  /// A table a group, the aspects among each other, and how far the annotators agree.
  public var text: String {
    var lines: [String] = []
    for group in groups { lines += ["\(group.name):", table(group.pairs, "metric")] }
    lines += ["aspects among each other:", table(aspects, "aspect")]
    let alphas = agreement.map { "\($0.aspect) \(Format.fixed($0.alpha, 3))" }.joined(separator: ", ")
    lines += ["annotators' agreement (Krippendorff's α, ordinal): \(alphas)"]
    if onlyScored > 0 { lines.append("\(onlyScored) scored rows have no annotation") }
    if onlyAnnotated > 0 { lines.append("\(onlyAnnotated) annotated rows have no score") }
    return lines.joined(separator: "\n")
  }

  /// `correlations.csv`, `aspects.csv`, `correlations.json`, figures and `report.html` in `folder`, which is made where it is missing.
  public func write(to folder: String) throws(InputError) {
    try AtomicWrite.createFolder(folder)
    var table = CSVWriter()
    table.write(["group", "metric", "aspect", "rows", "coefficient", "value", "low", "high", "p"])
    for group in groups { for pair in group.pairs { for line in pair.records { table.write([group.name] + line) } } }
    try AtomicWrite.file("\(folder)/correlations.csv", table.bytes)
    var among = CSVWriter()
    among.write(["aspect", "other", "rows", "coefficient", "value", "low", "high", "p"])
    for pair in aspects { for line in pair.records { among.write(line) } }
    try AtomicWrite.file("\(folder)/aspects.csv", among.bytes)
    try AtomicWrite.file("\(folder)/correlations.json", json.encoded(indent: 2) + "\n")
    try report.write(into: folder)
  }

  /// What is drawn: the first group, all files together where there are several.
  var report: CorrelationReport {
    let pairs = groups.first?.pairs ?? []
    let rows = pairs.map { pair in
      let (test, interval) = pair.results[1]  // Spearman's
      return CorrelationFigure.Row(
        metric: pair.first, aspect: pair.second,
        point: CorrelationFigure.Point(value: test.statistic, low: interval?.lowerBound, high: interval?.upperBound))
    }
    let metrics = pairs.map(\.first).distinct
    let plots = metrics.map { metric in
      ScatterFigure(metric: metric, panels: pairs.filter { $0.first == metric }.map { pair in
        ScatterFigure.Panel(aspect: pair.second, points: pair.points.map { (rating: $0.y, score: $0.x) })
      })
    }
    let names = groups.count > 1 ? groups.dropFirst().map(\.name) : groups.map(\.name)
    return CorrelationReport(rows: rows, plots: plots, note: "\(pairs.first?.rows ?? 0) rows of \(names.joined(separator: ", ")); ratings are the mean of the annotators.")
  }

  private func table(_ pairs: [Pair], _ first: String) -> String {
    var table = TextTable([first, "aspect", "rows"] + Correlation.allCases.map(\.rawValue), leading: 2)
    for pair in pairs { table.add([pair.first, pair.second, "\(pair.rows)"] + pair.cells) }
    return table.text
  }
}

extension CorrelationStudy.Pair {
  fileprivate var json: JSON {
    var object: JSONObject = ["first": .string(first), "second": .string(second), "rows": .integer(rows)]
    for (kind, result) in zip(Correlation.allCases, results) {
      object[kind.rawValue] = [
        "value": number(result.test.statistic), "p": number(result.test.p), "low": number(result.interval?.lowerBound),
        "high": number(result.interval?.upperBound),
      ]
    }
    return .object(object)
  }

  /// `0.31 [0.12, 0.47]` by coefficient.
  fileprivate var cells: [String] {
    results.map { result in
      let interval = result.interval.map { " [\(Format.fixed($0.lowerBound, 2)), \(Format.fixed($0.upperBound, 2))]" } ?? ""
      return Format.fixed(result.test.statistic, 2) + interval
    }
  }

  fileprivate var records: [[String]] {
    zip(Correlation.allCases, results).map { kind, result in
      let numbers = [result.test.statistic, result.interval?.lowerBound, result.interval?.upperBound, result.test.p]
      return [first, second, "\(rows)", kind.rawValue] + numbers.map { $0.map { $0.isFinite ? "\($0)" : "" } ?? "" }
    }
  }
}

/// JSON has no NaN: what is undefined is null.
private func number(_ value: Double?) -> JSON { value.map { $0.isFinite ? JSON.number($0) : .null } ?? .null }
