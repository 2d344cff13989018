public import Files
public import Reports

/// What a study leaves behind: every table as CSV, JSON and text, figures, and a page.
public struct StudyOutput: Sendable {
  /// `stigma`, `interjections`.
  public let kind: String
  public let arithmetic: Arithmetic
  public let notes: [String]
  public let tables: [ResultTable]
  public let report: StudyReport
  /// The tables that a terminal shows, and which of their columns; all for none.
  let printed: [(name: String, columns: [String])]

  /// - Parameters:
  ///   - title, notes, facts, footer: of the page; `footer` says what whiskers and brackets are.
  ///   - sections: of the page, before the comparison and the tables.
  ///   - comparison: two of the runs, prompt by prompt, where it was asked for.
  ///   - shown: the tables as the page has them.
  init(
    kind: String, title: String, arithmetic: Arithmetic, notes: [String], facts: [ClassifierReport.Fact], footer: String, sections: [StudyReport.Section],
    comparison: RunComparison?, tables: [ResultTable], shown: [StudyReport.Table], printed: [(name: String, columns: [String])]
  ) {
    var sections = sections
    if let comparison {
      let pages = comparison.tables.map { $0.page($0.columns, folded: $0.rows.count > 20) }
      sections.append(StudyReport.Section("Compared prompt by prompt", notes: comparison.notes, tables: pages))
    }
    sections.append(StudyReport.Section("Tables", notes: ["All columns and digits are in the CSV files and in results.json."], tables: shown))
    (self.kind, self.arithmetic, self.notes, self.printed) = (kind, arithmetic, notes + (comparison?.notes ?? []), printed + [("comparison", [])])
    self.tables = tables + (comparison?.tables ?? [])
    report = StudyReport(title: title, notes: notes, sections: sections, facts: facts + [.init("arithmetic", arithmetic.rawValue)], footer: footer)
  }

  /// Writes `NAME.csv` and `NAME.txt` of each table, `results.json`, `report.html` and `figures/` into an existing folder.
  /// - Parameter name: the folder's final path, where `folder` is a temporary one.
  public func write(into folder: String, named name: String? = nil) throws(InputError) {
    for table in tables {
      try AtomicWrite.file("\(folder)/\(table.name).csv", table.csv)
      try AtomicWrite.file("\(folder)/\(table.name).txt", "\(table.text)\n\(labels)\n")
    }
    try AtomicWrite.file("\(folder)/results.json", json(folder: name ?? folder).encoded(indent: 2) + "\n")
    try report.write(into: folder)
  }

  /// One document; numbers with all their digits, what is not finite as null.
  public func json(folder: String?) -> JSON {
    [
      "status": "done", "kind": .string(kind), "run": folder.map { .string($0) } ?? .null, "title": .string(report.title),
      "notice": .string(ReportPage.notice), "arithmetic": .string(arithmetic.rawValue), "notes": .array(notes.map(JSON.string)),
      "facts": .object(JSONObject(report.facts.map { ($0.name, JSON.string($0.value)) })),
      "tables": .object(JSONObject(tables.map { ($0.name, $0.json) })),
    ]
  }

  /// The tables to look at first, in the columns that matter most; or those of `names` whole.
  /// - Throws: `InputError` for a name that no table has.
  public func text(folder: String?, tables names: [String] = []) throws(InputError) -> String {
    var shown: [ResultTable] = []
    for name in names {
      guard let table = tables.first(where: { $0.name == name }) else {
        throw InputError("--tables \(name)", "is no table of this study", advice: "There are \(tables.map(\.name).joined(separator: ", "))")
      }
      shown.append(table)
    }
    if names.isEmpty {
      shown = printed.flatMap { item in tables.filter { $0.name == item.name }.map { item.columns.isEmpty ? $0 : $0.only(item.columns) } }
    }
    let others = tables.map(\.name).filter { name in !shown.contains { $0.name == name } }
    let more = others.isEmpty ? "" : "More tables: \(others.joined(separator: ", ")). "
    return shown.map { $0.text + "\n" }.joined() + notes.map { "\($0)\n" }.joined() + "\n\(labels)\n"
      + "\(more)--tables NAME prints one with all its columns, --output DIR writes all.\n" + (folder.map { "Report: \($0)/report.html\n" } ?? "")
  }

  private var labels: String { "Arithmetic: \(arithmetic.rawValue). \(ReportPage.notice)" }
}

extension ResultTable {
  /// Some of the columns, in the order given.
  func only(_ columns: [String]) -> ResultTable {
    let positions = columns.compactMap { self.columns.firstIndex(of: $0) }
    var table = ResultTable(name, title, positions.map { self.columns[$0] })
    for row in rows { table.add(positions.map { row[$0] }) }
    return table
  }

  /// Some of the columns as a page shows them, without those that say nothing.
  func page(_ columns: [String], folded: Bool = false) -> StudyReport.Table {
    let table = only(columns.filter { name in rows.indices.contains { cell($0, name) != .text("") } })
    let words = table.columns.indices.filter { column in
      table.rows.contains { if case .text = $0[column] { true } else if case .flag = $0[column] { true } else { false } }
    }
    return StudyReport.Table(title: title, columns: table.columns.map(Self.head), rows: table.shown, words: Set(words), isFolded: folded)
  }

  private static func head(_ column: String) -> String {
    switch column {
    case "lower_bound_if_dropped_0": "if open were 0"
    case "upper_bound_if_dropped_1": "if open were 1"
    case "estimate_low", "difference_ci95_low", "ci95_low": "95 % from"
    case "estimate_high", "difference_ci95_high", "ci95_high": "to"
    default: column.replacing("_", with: " ")
    }
  }
}
