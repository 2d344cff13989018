public import Files

/// A study as a page: sections of notes, figures and tables. Values arrive as they are shown.
public struct StudyReport: Sendable {
  public struct Figure: Sendable {
    public enum Drawing: Sendable {
      case estimates(EstimateFigure)
      case series(SeriesFigure)
    }

    /// The file's name, without ending.
    public var name: String
    public var caption: String
    public var drawing: Drawing

    public init(_ name: String, _ caption: String, _ drawing: Drawing) { (self.name, self.caption, self.drawing) = (name, caption, drawing) }

    var drawn: SVG {
      switch drawing {
      case .estimates(let figure): figure.drawn()
      case .series(let figure): figure.drawn()
      }
    }
  }

  public struct Table: Sendable {
    public var title: String
    public var columns: [String]
    public var rows: [[String]]
    /// The columns of words, by position: they begin at the left, numbers end at the right.
    public var words: Set<Int>
    /// Shown when it is asked for: long tables.
    public var isFolded: Bool

    public init(title: String, columns: [String], rows: [[String]], words: Set<Int> = [0], isFolded: Bool) {
      (self.title, self.columns, self.rows, self.words, self.isFolded) = (title, columns, rows, words, isFolded)
    }
  }

  public struct Section: Sendable {
    public var title: String
    public var notes: [String]
    public var figures: [Figure]
    public var tables: [Table]

    public init(_ title: String, notes: [String] = [], figures: [Figure] = [], tables: [Table] = []) {
      (self.title, self.notes, self.figures, self.tables) = (title, notes, figures, tables)
    }
  }

  public var title: String
  public var notes: [String]
  public var sections: [Section]
  public var facts: [ClassifierReport.Fact]
  /// What whiskers and brackets are.
  public var footer: String

  public init(title: String, notes: [String], sections: [Section], facts: [ClassifierReport.Fact], footer: String) {
    (self.title, self.notes, self.sections, self.facts, self.footer) = (title, notes, sections, facts, footer)
  }

  /// Writes `report.html` and `figures/` into an existing folder, each whole or not at all.
  public func write(into folder: String) throws(InputError) {
    let figures = sections.flatMap(\.figures).map { (name: $0.name, drawing: $0.drawn) }
    try ReportPage.write(html, figures: figures, into: folder)
  }

  /// The page as text.
  public var html: String {
    var body = "<h1>\(escaped(title))</h1>\n<p class=\"notice\">\(escaped(ReportPage.notice))</p>\n"
    for note in notes { body += "<p class=\"note\">\(escaped(note))</p>\n" }
    body += "<nav>\(sections.map { "<a href=\"#\(ReportPage.identifier($0.title))\">\(escaped($0.title))</a>" }.joined(separator: "\n"))</nav>\n"
    for section in sections {
      body += "<section>\n<h2 id=\"\(ReportPage.identifier(section.title))\">\(escaped(section.title))</h2>\n"
      for note in section.notes { body += "<p class=\"note\">\(escaped(note))</p>\n" }
      if !section.figures.isEmpty {
        body += "<div class=\"figures\">\n\(section.figures.map { ReportPage.figure($0.caption, $0.drawn) }.joined())</div>\n"
      }
      body += section.tables.map(Self.html).joined() + "</section>\n"
    }
    return ReportPage.document(title, body + ReportPage.facts(facts), footer: footer)
  }

  private static func html(_ table: Table) -> String {
    // Long words may be broken on a narrow page, names of files and numbers not.
    let styles = table.columns.indices.map { column in
      !table.words.contains(column) ? "" : table.rows.contains { $0[column].count > 16 } ? " class=\"words long\"" : " class=\"words\""
    }
    let rows = table.rows.map { row in "<tr>\(zip(styles, row).map { "<td\($0)>\(escaped($1))</td>" }.joined())</tr>\n" }
    let text = ReportTables.table(table.title, table.columns, rows.joined(), words: table.words)
    return table.isFolded ? "<details><summary>\(escaped(table.title)), \(table.rows.count) rows</summary>\n\(text)</details>\n" : text
  }
}
