internal import Reports

extension IMHIEvaluation {
  /// The table for terminals, one line a set, and below it what was compared and what could not be used.
  public var text: String {
    let published = showsPublished ? ["ChatGPT_ZS", "MentaLLaMA-chat-13B"] : []
    let all = [("bleu", "BLEU", 1.0, 1), ("rougeL", "ROUGE-L", 100, 1), ("chrf", "chrF", 1, 1), ("bert_score_f1", "BERTScore", 100, 1), ("bart_score", "BARTScore", 1, 2)]
    let methods = all.filter { name, _, _, _ in sets.contains { $0.texts[name] != nil } }
    var table = TextTable(
      ["set", "rows", "answered", "read", "F1 by rule", "F1 labelled", "95 %", "majority"] + methods.map(\.1) + published.map { "\($0) *" }
        + (showsPublished ? ["best *"] : []))
    for set in sets {
      let answered = (set.counts[.answered] ?? 0)
      let read = set.rules.map { Format.percent(Double($0.covered) / Double($0.rows)) } ?? "–"
      let cells = [set.name, "\(set.rows)", "\(answered)", read] + [set.rules, set.labelled].map { $0.map { Format.percent($0.weightedF1) } ?? "–" }
      let interval = set.main.map { "\(Format.percent($0.interval.lowerBound))–\(Format.percent($0.interval.upperBound))" } ?? "–"
      let texts = methods.map { name, _, factor, digits in set.texts[name].map { Format.fixed(factor * $0, digits) } ?? "–" }
      let papers = published.map { PublishedScores.system($0)?.weightedF1[set.name].map { Format.fixed($0, 1) } ?? "–" }
      let best = showsPublished ? [PublishedScores.best(on: set.name)?.weightedF1[set.name].map { Format.fixed($0, 1) } ?? "–"] : []
      table.add(cells + [interval, set.majority.map { Format.percent($0.weightedF1) } ?? "–"] + texts + papers + best)
    }
    var text = table.text + "\nF1 is weighted, in percent; read: answers that a rule reads a label from; 95 %: bootstrap interval of the labelled F1, else of that by rule.\n"
    if showsPublished { text += "* \(PublishedScores.source).\n" }
    for method in NetworkScores.methods {
      let signatures = Set(sets.compactMap { $0.texts.signatures[method] }).sorted()
      if !signatures.isEmpty { text += "\(method): \(signatures.joined(separator: ", "))\n" }
    }
    if let comparison { text += "\n" + comparison.text }
    for set in sets { for note in set.notes { text += "\(set.name): \(note)\n" } }
    return text + "\n\(ReportPage.notice)\n"
  }
}

extension IMHIComparison {
  /// One line a set and measure.
  var text: String {
    var table = TextTable(["set", "measure", "rows", "this", "other", "difference", "95 %", "bootstrap p", "exchange p", "(Holm)", "McNemar p", "(Holm)"], leading: 2)
    for line in lines {
      let shown = line.shown
      let cells = [shown(line.first), shown(line.second), shown(line.difference), "\(shown(line.interval.lowerBound)) to \(shown(line.interval.upperBound))"]
      let tests = [line.bootstrapP, line.randomisationP, line.adjustedP, line.mcNemar?.p ?? .nan, line.mcNemar?.adjustedP ?? .nan].map(Format.chance)
      table.add([line.set, line.measure, "\(line.rows)"] + cells + tests)
    }
    let left = self.left.isEmpty ? "" : "Not compared, no row in common: \(self.left.joined(separator: ", ")).\n"
    return "Compared with \(other), labels \(basis), on the rows that both have:\n\(table.text)\(left)"
  }
}

extension IMHIComparison {
  /// Which labels are compared.
  var basis: String { comparesLabelled ? "as labelled where both runs are, else by rule" : "by rule" }
}

extension IMHIComparison.Line {
  /// What reports call the measure.
  var title: String {
    let titles = [
      "weighted_f1": "weighted F1", "sentence_bleu": "sentence BLEU", "rougeL": "ROUGE-L", "chrf": "chrF", "bert_score_f1": "BERTScore",
      "bart_score": "BARTScore",
    ]
    return titles[measure] ?? measure
  }

  /// `value` as tables show this measure: shares from 0 to 1 in percent, log-probabilities with another digit.
  func shown(_ value: Double) -> String {
    let isShare = ["accuracy", "weighted_f1", "rougeL", "bert_score_f1"].contains(measure)
    return Format.fixed(isShare ? 100 * value : value, measure == "bart_score" ? 2 : 1)
  }
}
