import Files
import Glibc
import Reports
import TestSupport
import Testing

@Suite struct ReportPageTests {
  @Test func aReportCanBeDrawnAgainFromItsResults() throws {
    let text = SampleReport.report.json.encoded(indent: 2)
    let again = try ClassifierReport(json: JSON.parse(text, source: "results.json"), source: "results.json")
    #expect(again == SampleReport.report)
    #expect(ReportPage.html(of: again) == ReportPage.html(of: SampleReport.report))
  }

  @Test func aWrongResultsFileIsExplained() throws {
    var json = try #require(SampleReport.report.json.object)
    json["datasets"] = [["name": "DR", "labels": ["no", 3]]]
    #expect(throws: InputError("results.json", at: "datasets[0].labels[1]", "found an integer, expected a string")) {
      try ClassifierReport(json: .object(json), source: "results.json")
    }
    json["schema"] = 2
    #expect(throws: InputError.self) { try ClassifierReport(json: .object(json), source: "results.json") }
  }

  @Test func thePageNeedsNoNetworkAndRunsNoScript() {
    let page = ReportPage.html(of: SampleReport.report)
    for word in ["http:", "https:", "//cdn", "<script", "@import", "url(", "<link", "<img"] { #expect(!page.contains(word), "\(word)") }
    #expect(page.contains("prefers-color-scheme:dark"))
    #expect(page.contains("not a medical device") || page.contains("Not a medical device"))
  }

  /// Every element that opens closes, in order, so a strict reader shows the whole page. Text is escaped.
  @Test func pageAndFiguresAreWellFormed() {
    #expect(unbalanced(ReportPage.html(of: SampleReport.report)) == nil)
    for figure in ReportPage.figures(of: SampleReport.report) { #expect(unbalanced(figure.svg) == nil, "\(figure.name)") }
    #expect(!ReportPage.html(of: SampleReport.report).contains("<causes>"))
  }

  @Test func thePageShowsEveryScore() {
    let page = ReportPage.html(of: SampleReport.report)
    for text in ["96.5 ± 0.6 <small>[94.3, 97.9]</small>", "95.3 ± 0.6", ">76<", "97.3", "The encoder does not beat", "T = 1.62", "ECE 3.1 %", "ECE 1.2 %"] {
      #expect(page.contains(text), "\(text)")
    }
  }

  @Test func missingPartsLeaveNoEmptyFigures() {
    let bare = ClassifierReport(
      title: "One", facts: [],
      datasets: [DatasetReport(name: "DR", labels: ["no", "yes"], rows: 10, accuracy: Score(1), weightedF1: Score(1), macroF1: Score(1))])
    #expect(ReportPage.figures(of: bare).map(\.name) == ["scores"])
    #expect(unbalanced(ReportPage.html(of: bare)) == nil)
    #expect(ReportPage.figures(of: ClassifierReport(title: "None", facts: [], datasets: [])).isEmpty)
  }

  @Test func filesAreWritten() throws {
    let folder = try getenv("ATTUNE_SAMPLE_REPORT").map { String(cString: $0) } ?? temporaryFolder()
    try ReportPage.write(SampleReport.report, into: folder)
    for name in ["report.html", "figures/scores.svg", "figures/dr-reliability.svg", "figures/sad-confusion.svg"] {
      #expect(try MappedFile("\(folder)/\(name)").bytes.count > 500)
    }
  }
}

/// The first tag that does not match, or nil.
func unbalanced(_ text: String) -> String? {
  var open: [Substring] = []
  for piece in text.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
    guard let end = piece.firstIndex(of: ">") else { return "<\(piece)" }
    let tag = piece[..<end]
    if tag.hasPrefix("!") || tag.hasSuffix("/") || tag.hasPrefix("meta") { continue }
    let name = tag.drop { $0 == "/" }.prefix { $0 != " " }
    if tag.hasPrefix("/") {
      guard open.popLast() == name else { return "</\(name)>" }
    } else {
      open.append(name)
    }
  }
  return open.last.map { "<\($0)>" }
}
