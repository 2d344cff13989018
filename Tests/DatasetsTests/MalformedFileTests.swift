import Datasets
import Files
import Testing
import TestSupport

/// `g_malformed/{csv,jsonl}`: data sets with columns post,label or keys text,label, labels 0 or 1. `tables.jsonl`, cut from that set's manifest, says for each
/// whether it must be read, must be refused (and on which line), or may be either.
@Suite struct MalformedFileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let file: String
    let expect: String
    let line: Int?
    let rows: Int?
    let cells: [[String]]?
    let value: String?
    var testDescription: String { file }
  }

  static func cases(_ kind: String) throws -> [Case] {
    let path = Fixtures.path("g_malformed/tables.jsonl")
    return try JSONLines.read(path).compactMap { row in
      let entry = row.object
      guard entry["kind"]?.string == kind, let file = entry["file"]?.string, let expect = entry["expect"]?.string else { return nil }
      return Case(
        file: file, expect: expect, line: entry["line"]?.int, rows: entry["rows"]?.int,
        cells: entry["value"]?.array?.map { $0.array?.compactMap(\.string) ?? [] }, value: entry["value"]?.string)
    }
  }

  static let yesNo = try! LabelTable(dataset: "fixture", names: ["0", "1"])

  /// Reads as a user's labelled data is read: columns found, every label checked.
  private func load(_ file: String, text: String) throws(InputError) -> [Example] {
    let data = try DataFile.read(Fixtures.path("g_malformed/\(file)"), labels: Self.yesNo, text: text, label: "label")
    return try data.examples().examples
  }

  @Test(.enabled(if: Fixtures.has("g_malformed/tables.jsonl"), "set ATTUNE_FIXTURES"), arguments: try cases("csv"))
  func csvIsReadOrRefusedAsTheManifestSays(_ test: Case) throws {
    try check(test, text: "post")
    guard let cells = test.cells else { return }
    let table = try CSVReader.read(Fixtures.path("g_malformed/\(test.file)"))
    #expect([table.header] + table.rows == cells)
  }

  @Test(.enabled(if: Fixtures.has("g_malformed/tables.jsonl"), "set ATTUNE_FIXTURES"), arguments: try cases("jsonl"))
  func jsonLinesAreReadOrRefusedAsTheManifestSays(_ test: Case) throws {
    try check(test, text: "text")
    if let rows = test.rows { #expect(try JSONLines.read(Fixtures.path("g_malformed/\(test.file)")).count == rows) }
    if let value = test.value { #expect(try load(test.file, text: "text")[0].text == value) }
  }

  private func check(_ test: Case, text: String) throws {
    do {
      let examples = try load(test.file, text: text)
      #expect(test.expect != "error", "\(test.file) was read, it must be refused")
      #expect(!examples.isEmpty)
    } catch {
      // A file that is only a header reads as a table; as a data set it has no rows.
      if test.file.hasSuffix("header_only.csv") { return }
      #expect(test.expect != "ok", "\(test.file) was refused: \(error)")
      #expect(error.path.hasSuffix(test.file))
      if let line = test.line { #expect(error.description.contains("line \(line)"), "\(error)") }
    }
  }
}
