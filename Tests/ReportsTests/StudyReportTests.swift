import Testing

@testable import Reports

/// What keeps a page of a study readable, whatever is in it and however narrow it is.
@Suite struct StudyReportTests {
  @Test func wordsBeginAtTheLeftAndNumbersEndAtTheRight() {
    let table = StudyReport.Table(title: "T", columns: ["model", "condition", "n", "file"], rows: [["a", "alcohol dependence", "3", "2025-01-18.jsonl"]], words: [0, 1, 3], isFolded: false)
    let page = StudyReport(title: "S", notes: [], sections: [.init("One", tables: [table])], facts: [], footer: "").html
    #expect(page.contains("<th scope=\"col\" class=\"words\">condition</th><th scope=\"col\">n</th>"))
    #expect(page.contains("<td class=\"words long\">alcohol dependence</td><td>3</td><td class=\"words\">2025-01-18.jsonl</td>"))
  }

  /// Four digits are wider than a narrow cell: whatever is drawn after a number would cut it off.
  @Test func noCellOfAConfusionMatrixHidesANumber() throws {
    let labels = (0..<8).map { "Unauthorized Preachment \($0)" }
    let counts = labels.indices.map { gold in labels.indices.map { gold == $0 ? 1559 : gold == 0 ? 123_456 : 7 } }
    let text = ConfusionFigure(dataset: "d", labels: labels, counts: counts).drawn().inline
    let lastCell = try #require(text.ranges(of: "<rect").last)
    let firstNumber = try #require(text.firstRange(of: ">1559</text>"))
    #expect(lastCell.upperBound < firstNumber.lowerBound)
    #expect(text.contains("class=\"on-heat small\"") && text.contains(">123k</text>") && text.contains(": 123456 of") && text.contains(">7</text>"))
  }

  /// Systems stand side by side at a number: the first left of it, at 0 too, and clear of the axis' labels.
  @Test func marksAtTheEdgesAreClearOfTheLabels() throws {
    let series = (0..<6).map { SeriesFigure.Series("s\($0)", [.init(0, .init(0.25)), .init(600, .init(0.5))]) }
    let text = SeriesFigure(title: "t", xName: "x", yName: "y", series: series).drawn().inline
    let places = text.split(separator: "<circle").dropFirst().compactMap { part -> Double? in
      part.contains(" %</title>") ? part.firstRange(of: "cx=\"").map { part[$0.upperBound...].prefix { $0 != "\"" } }.flatMap { Double($0) } : nil
    }
    #expect(places.count == 2)
    #expect(places.allSatisfy { $0 - 4 > 32 && $0 + 4 < 440 })
  }

  @Test func theNamesOfTheSurveyAreWholeInFigures() {
    let text = EstimateFigure(title: "t", axis: "x", groups: [.init("race", [.init("African American", [.init(0.5)])])]).drawn().inline
    #expect(text.contains(">African American</text>"))
  }

  /// One question, which has no short name: its words stand above the lines and not on them.
  @Test func theHeadOfASingleColumnStandsAboveItsLines() throws {
    let groups = [EstimateFigure.Group("depression", [.init("a", [.init(0.5)])])]
    func heights(_ column: String) throws -> [Double] {
      let text = EstimateFigure(title: "t", axis: "x", columns: [column], groups: groups).drawn().inline
      return try ["would", "depression"].compactMap { word in
        guard let end = text.firstRange(of: "\(word)</text>") ?? text.ranges(of: word).last else { return nil }
        let element = try #require(text[..<end.lowerBound].ranges(of: " y=\"").last)
        return Double(text[element.upperBound...].prefix { $0 != "\"" })
      }
    }
    let long = try heights("How likely is it that a quiet week would help the person?")
    #expect(long.count == 2 && long[0] + 14 <= long[1])
    #expect(try heights("").last == 25)
  }
}
