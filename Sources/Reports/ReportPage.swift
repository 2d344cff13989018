public import Files

/// `report.html`: one file that needs no network, and its figures as files.
public enum ReportPage {
  /// Stands at the top of every report.
  public static let notice = "Research software. Not a medical device: nothing here is fit for clinical use, for diagnosis or for decisions about a person."

  /// Writes `report.html` and `figures/` into an existing run folder, each whole or not at all.
  public static func write(_ report: ClassifierReport, into folder: String) throws(InputError) {
    try write(html(of: report), figures: drawings(of: report), into: folder)
  }

  static func write(_ html: String, figures: [(name: String, drawing: SVG)], into folder: String) throws(InputError) {
    try FigureFiles.write(figures, into: "\(folder)/figures")
    try AtomicWrite.file("\(folder)/report.html", html)
  }

  /// The page as text.
  public static func html(of report: ClassifierReport) -> String {
    var body = "<h1>\(escaped(report.title))</h1>\n<p class=\"notice\">\(escaped(notice))</p>\n"
    let detailed = report.datasets.filter { !$0.notes.isEmpty || !$0.forms.isEmpty || !$0.classes.isEmpty || !figures(of: $0).isEmpty }
    if detailed.count > 1 {
      body += "<nav>\(detailed.map { "<a href=\"#\(identifier($0.name))\">\(escaped($0.name))</a>" }.joined(separator: "\n"))</nav>\n"
    }
    if !report.datasets.isEmpty {
      body += ReportTables.scores(report.datasets)
      body += "<div class=\"figures\">\(figure("Scores beside the baselines", ScoreFigure(datasets: report.datasets).drawn()))</div>\n"
    }
    for dataset in detailed { body += section(dataset) }
    body += facts(report.facts)
    return document(
      report.title, body,
      footer: "Scores are percentages; ± is the sample standard deviation over seeds, brackets and whiskers are 95 % intervals, linear is TF-IDF with logistic regression.")
  }

  /// What was run and on what, at the end of every page.
  static func facts(_ facts: [ClassifierReport.Fact]) -> String { "<h2>This run</h2>\n" + list(facts) }

  /// Names and values, one pair a line.
  static func list(_ facts: [ClassifierReport.Fact]) -> String {
    "<dl>\(facts.map { "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd>" }.joined(separator: "\n"))</dl>\n"
  }

  /// A whole page around `body`.
  static func document(_ title: String, _ body: String, footer: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(escaped(title))</title>
    <style>
    \(ReportStyle.colours)\(ReportStyle.figures)\(ReportStyle.page)</style>
    </head>
    <body>
    <main>
    \(body)<footer>Written by Attune. \(escaped(footer)) The figures are in <code>figures/</code> too.</footer>
    </main>
    </body>
    </html>

    """
  }

  /// Every figure as a file's name, without ending, and its text.
  public static func figures(of report: ClassifierReport) -> [(name: String, svg: String)] { drawings(of: report).map { ($0.name, $0.drawing.file) } }

  private static func drawings(of report: ClassifierReport) -> [(name: String, drawing: SVG)] {
    var result: [(name: String, drawing: SVG)] = []
    if !report.datasets.isEmpty { result.append(("scores", ScoreFigure(datasets: report.datasets).drawn())) }
    for dataset in report.datasets {
      for (kind, _, drawing) in figures(of: dataset) { result.append(("\(identifier(dataset.name))-\(kind)", drawing)) }
    }
    return result
  }

  private static func section(_ dataset: DatasetReport) -> String {
    var text = "<section>\n<h2 id=\"\(identifier(dataset.name))\">\(escaped(dataset.name))</h2>\n"
    for note in dataset.notes { text += "<p class=\"note\">\(escaped(note))</p>\n" }
    if !dataset.forms.isEmpty { text += ReportTables.forms(dataset) }
    let drawings = figures(of: dataset).map { figure($0.caption, $0.drawing) }.joined()
    if !drawings.isEmpty { text += "<div class=\"figures\">\n\(drawings)</div>\n" }
    if !dataset.classes.isEmpty { text += ReportTables.classes(dataset) }
    return text + "</section>\n"
  }

  private static func figures(of dataset: DatasetReport) -> [(kind: String, caption: String, drawing: SVG)] {
    var result: [(kind: String, caption: String, drawing: SVG)] = []
    if !dataset.classes.isEmpty {
      result.append(("classes", "F1 by label", ClassBarsFigure(dataset: dataset.name, classes: dataset.classes).drawn()))
    }
    if !dataset.confusion.isEmpty {
      let figure = ConfusionFigure(dataset: dataset.name, labels: dataset.labels, counts: dataset.confusion)
      result.append(("confusion", "Confusion matrix (first seed)", figure.drawn()))
    }
    if let calibration = dataset.calibration {
      result.append(("reliability", "Calibration", ReliabilityFigure(dataset: dataset.name, calibration: calibration).drawn()))
    }
    if let curves = dataset.curves { result += LineFigure.figures(of: curves, title: dataset.name) }
    return result
  }

  static func figure(_ caption: String, _ drawing: SVG) -> String {
    "<figure><figcaption>\(escaped(caption))</figcaption>\n\(drawing.inline)</figure>\n"
  }

  /// `name` as an anchor and a file name: lower-case letters, digits and hyphens.
  public static func identifier(_ name: String) -> String {
    let text = String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    return text.isEmpty ? "dataset" : text
  }
}
