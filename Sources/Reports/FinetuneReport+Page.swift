extension FinetuneReport {
  /// The page as text.
  public var html: String {
    var body = "<h1>\(escaped(title))</h1>\n<p class=\"notice\">\(escaped(ReportPage.notice))</p>\n"
    for note in notes { body += "<p class=\"note\">\(escaped(note))</p>\n" }
    body += ReportPage.list(summary)
    let drawings = figures.map { ReportPage.figure($0.caption, $0.drawing) }.joined()
    if !drawings.isEmpty { body += "<div class=\"figures\">\n\(drawings)</div>\n" }
    if !validations.isEmpty { body += "<h2>Validation</h2>\n" + validationTable }
    if let memory { body += "<h2>Memory</h2>\n" + Self.table(memory) }
    body += ReportPage.facts(facts)
    let footer = "Losses are means over learned tokens; a validation's perplexity is e to its loss. Weighted F1 is of the labels that are read by rule from "
      + "answers the model generates to validation prompts. Each step's record is in metrics.jsonl."
    return ReportPage.document(title, body, footer: footer)
  }

  var figures: [(name: String, caption: String, drawing: SVG)] {
    typealias Series = LineFigure.Series
    func validated(_ value: (Validation) -> Double?) -> [Curves.Point] { validations.compactMap { v in value(v).map { Curves.Point(v.step, $0) } } }
    func line(_ caption: String, _ yName: String, _ series: [Series], mark: Bool, fromZero: Bool) -> SVG {
      LineFigure(title: "\(caption) by optimizer step", yName: yName, series: series, mark: mark ? best.map { ($0.step, "best") } : nil, fromZero: fromZero).drawn()
    }
    var result: [(name: String, caption: String, drawing: SVG)] = []
    if !trainingLoss.isEmpty {
      let series = [
        Series(name: "training", style: "first", points: trainingLoss),
        Series(name: "validation", style: "second", points: validated(\.loss), isMarked: true),
      ]
      result.append(("loss", "Loss", line("Loss", "loss", series, mark: true, fromZero: true)))
    }
    let f1 = validated(\.weightedF1)
    if !f1.isEmpty {
      let series = [
        Series(name: "F1", style: "first", points: f1, isMarked: true),
        Series(name: "readable", style: "second", points: validated(\.answered), isMarked: true),
      ]
      result.append(("answers", "Labels read from generated answers: weighted F1", line("Generated labels", "share", series, mark: true, fromZero: true)))
    }
    if !learningRate.isEmpty {
      let series = [Series(name: "learning rate", style: "first", points: learningRate)]
      result.append(("schedule", "Learning rate", line("Learning rate", "learning rate", series, mark: false, fromZero: true)))
    }
    if !tokensPerSecond.isEmpty {
      let series = [Series(name: "tokens/s", style: "first", points: tokensPerSecond)]
      result.append(("speed", "Tokens a second", line("Tokens a second", "tokens/s", series, mark: false, fromZero: true)))
    }
    return result
  }

  private var validationTable: String {
    let asks = validations.contains { $0.weightedF1 != nil }
    let heads = ["step", "epoch", "loss", "perplexity"] + (asks ? ["weighted F1 of answers", "readable answers"] : [])
    let rows = validations.map { v in
      var cells = ["\(v.step)", Format.fixed(v.epoch, 2), Format.fixed(v.loss, 4), v.perplexity.map { Format.short($0, 4) } ?? "–"]
      if asks { cells += [v.weightedF1, v.answered].map { $0.map { Format.percent($0) } ?? "–" } }
      let isKept = v.step == best?.step
      return "<tr\(isKept ? " class=\"best\"" : "")>\(cells.map { "<td>\($0)</td>" }.joined())</tr>\n"
    }
    return ReportTables.table("Scores by step; the state that is kept is bold", heads, rows.joined())
  }

  private static func table(_ memory: Memory) -> String {
    let parts = memory.predicted + [("predicted in all", memory.total), ("measured at most", memory.measured)]
    let rows = parts.enumerated().map { index, part in
      "<tr\(index >= memory.predicted.count ? " class=\"best\"" : "")><td>\(escaped(part.name))</td><td>\(Format.bytes(part.bytes))</td></tr>\n"
    }
    return ReportTables.table("By formula before the first step, and as it was", ["part", "bytes"], rows.joined())
  }
}
