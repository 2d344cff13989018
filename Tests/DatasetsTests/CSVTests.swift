import Datasets
import Files
import Metrics
import TestSupport
import Testing

@Suite struct CSVTests {
  private func parse(_ text: String) throws(InputError) -> CSVTable {
    let bytes = Array(text.utf8)
    let result = bytes.withUnsafeBytes { buffer in Result { () throws(InputError) in try CSVReader.parse(buffer, path: "x.csv") } }
    return try result.get()
  }

  // pandas 3.1.1: to_csv(index=False, escapechar="\\") of these columns (the lone CR is the documented exception).
  @Test func writerGivesTheBytesOfPandas() {
    var writer = CSVWriter(.backslashEscaped)
    writer.write(["a", "b"])
    for field in ["x\\y", "q\"z", "l\\n\"", "", " c ", "d,e", "n\nm"] { writer.write([field, "1"]) }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "a,b\nx\\\\y,1\n\"q\"\"z\",1\n\"l\\\\n\"\"\",1\n,1\n c ,1\n\"d,e\",1\n\"n\nm\",1\n")
    var single = CSVWriter()
    for field in ["a", "", "x"] { single.write([field]) }
    #expect(String(decoding: single.bytes, as: UTF8.self) == "a\n\"\"\nx\n")
  }

  @Test func whatIsWrittenIsReadBack() throws {
    var random = SplitMix64(seed: 7)
    let alphabet = ["a", ",", "\"", "\n", "\r", "\r\n", "é", "😢", " ", "\\", "\u{2028}", ""]
    let rows = (0..<300).map { _ in (0..<3).map { _ in (0..<4).map { _ in alphabet.randomElement(using: &random)! }.joined() } }
    var writer = CSVWriter()
    writer.write(["x", "y", "z"])
    rows.forEach { writer.write($0) }
    let table = try parse(String(decoding: writer.bytes, as: UTF8.self))
    #expect(table.header == ["x", "y", "z"])
    #expect(table.rows.map { $0.map { Array($0.utf8) } } == rows.map { $0.map { Array($0.utf8) } })
  }

  @Test func linesCountThroughQuotedLineEnds() throws {
    let table = try parse("a,b\r\n\"1\r\n2\n3\",x\r\ny,z\n\nlast,row")
    #expect(table.lines == [2, 5, 7])
    #expect(table.location(1) == "line 5, row 2")
  }

  @Test(arguments: [
    ("post;label\nx;1\n", "label", "x.csv: line 1: no column 'label'; found 'post;label'. The file seems to be separated by ';'; save it separated by commas"),
    ("post,labels\nx,1\n", "label", "x.csv: line 1: no column 'label'; found 'post', 'labels'. The nearest is 'labels'"),
  ])
  func aMissingColumnIsExplained(_ text: String, _ column: String, _ message: String) throws {
    let table = try parse(text)
    #expect { try table.column(column) } throws: { "\($0)" == message }
  }

  @Test(arguments: [
    ("a,b\n1,2\n3\n", "x.csv: line 3, row 2: found 1 field, expected 2 as in the header. Look for a missing or unquoted comma or quote on that line"),
    ("a,b\n\"x,1\n", "x.csv: line 2: a quote opens here and never closes. Close it, or double it if it belongs to the text"),
    ("a,a\n1,2\n", "x.csv: line 1: two columns are called 'a'. Rename one of them"),
    ("", "x.csv: the file is empty, expected a header line. Check how the file was made"),
  ])
  func messagesNamePlaceAndNextStep(_ text: String, _ message: String) {
    #expect { try parse(text) } throws: { "\($0)" == message }
  }

  /// Upstream's own label files, read and written again, are the same bytes (without backslashes to double).
  @Test(.enabled(if: Public.hasData, Public.hint), arguments: ["label_data_examples", "response_generation_examples"])
  func labelFilesAreWrittenAsUpstreamWritesThem(_ folder: String) throws {
    for file in try GenerationFile.readFolder("\(Public.root)/examples/\(folder)") {
      #expect(try file.csv == contents("\(Public.root)/examples/\(folder)/\(file.dataset).csv"))
    }
  }
}

@Suite struct TableFuzzTests {
  /// 2,000 damaged copies each of a CSV and a JSON Lines file: read or refused with the file's name, never a crash.
  @Test(arguments: ["csv", "jsonl"])
  func damagedFilesAreReadOrRefused(_ kind: String) throws {
    let original = try Array(contents(Fixtures.repository + "/train_data/samples/sample-stress/val.csv").prefix(6000))
    let lines = try JSONLines.read(Fixtures.path("g_malformed/tables.jsonl")).prefix(12).map { JSON.object($0.object).encoded() }
    let source = kind == "csv" ? original : Array(lines.joined(separator: "\n").utf8)
    var refused = 0
    for seed in 0..<2000 {
      let bytes = Corruption.mutate(source, seed: UInt64(seed))
      bytes.withUnsafeBytes { buffer in
        do throws(InputError) {
          if kind == "csv" { _ = try CSVReader.parse(buffer, path: "damaged.csv") } else { _ = try JSONLines.parse(buffer, path: "damaged.jsonl") }
        } catch {
          refused += 1
          #expect(error.path == "damaged.\(kind)" && !error.problem.isEmpty)
        }
      }
    }
    #expect(refused > 200 && refused < 2000)
  }
}
