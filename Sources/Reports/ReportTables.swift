/// The page's tables.
enum ReportTables {
  /// One row a dataset: the model's three scores, then each baseline's weighted F1. The best weighted F1 is bold.
  static func scores(_ datasets: [DatasetReport]) -> String {
    let kinds = Baseline.Kind.allCases.filter { kind in datasets.contains { $0.baselines.contains { $0.kind == kind } } }
    var rows = ""
    for dataset in datasets {
      let baselines = kinds.map { kind in dataset.baselines.first { $0.kind == kind } }
      let best = max(dataset.weightedF1.mean, baselines.compactMap { $0?.weightedF1 }.max() ?? 0)
      rows += "<tr><td>\(escaped(dataset.name))</td><td>\(Format.count(dataset.rows))</td>"
      rows += "<td>\(dataset.accuracy.html)</td><td\(dataset.weightedF1.mean == best ? " class=\"best\"" : "")>\(dataset.weightedF1.html)</td><td>\(dataset.macroF1.html)</td>"
      for baseline in baselines {
        rows += "<td\(baseline?.weightedF1 == best ? " class=\"best\"" : "")>\(baseline.map { Format.percent($0.weightedF1) } ?? "–")</td>"
      }
      rows += "</tr>\n"
    }
    let heads = ["dataset", "rows", "accuracy", "weighted F1", "macro F1"] + kinds.map { "\($0.name) (weighted F1)" }
    return table("Test scores", heads, rows)
  }

  static func forms(_ dataset: DatasetReport) -> String {
    let rows = dataset.forms.map {
      "<tr><td>\(escaped($0.name))</td><td>\(Format.count($0.rows))</td><td>\($0.accuracy.html)</td><td>\($0.weightedF1.html)</td></tr>\n"
    }
    return table("By form of the text", ["form", "rows", "accuracy", "weighted F1"], rows.joined())
  }

  static func classes(_ dataset: DatasetReport) -> String { classes(dataset.classes) }

  static func classes(_ classes: [ClassScore]) -> String {
    let rows = classes.map {
      "<tr><td>\(escaped($0.label))</td><td>\(Format.count($0.support))</td><td>\(Format.percent($0.precision))</td><td>\(Format.percent($0.recall))</td><td>\($0.f1.html)</td></tr>\n"
    }
    return table("By label", ["label", "rows", "precision", "recall", "F1"], rows.joined())
  }

  /// - Parameter words: positions of the columns that begin at the left, beside the first, which always does.
  static func table(_ caption: String, _ heads: [String], _ rows: String, words: Set<Int> = []) -> String {
    let heads = heads.enumerated().map { "<th scope=\"col\"\(words.contains($0) ? " class=\"words\"" : "")>\(escaped($1))</th>" }
    return """
    <div class="scroll"><table><caption>\(escaped(caption))</caption>
    <thead><tr>\(heads.joined())</tr></thead>
    <tbody>
    \(rows)</tbody></table></div>

    """
  }
}

extension Score {
  /// `95.3 ± 0.4 [94.9, 95.7]`, as far as known; percentages.
  var text: String {
    var text = Format.percent(mean)
    if let deviation { text += " ± \(Format.percent(deviation))" }
    if let low, let high { text += " [\(Format.percent(low)), \(Format.percent(high))]" }
    return text
  }

  var html: String {
    var text = Format.percent(mean)
    if let deviation { text += " ± \(Format.percent(deviation))" }
    if let low, let high { text += " <small>[\(Format.percent(low)), \(Format.percent(high))]</small>" }
    return text
  }
}
