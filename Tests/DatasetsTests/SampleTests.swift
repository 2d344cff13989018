import Datasets
import Files
import TestSupport
import Testing

/// The shipped samples, read as a user reads them.
@Suite struct SampleTests {
  static let names = ["sample-causes", "sample-loneliness", "sample-stress"]

  @Test func theCatalogFindsThem() throws {
    let entries = try Catalog(root: Fixtures.repository).entries().filter { $0.layout == "samples" }
    #expect(entries.map(\.name) == Self.names)
    #expect(entries.allSatisfy { $0.files.count == 3 })
  }

  @Test(arguments: [("sample-causes", 9, [361, 90, 136]), ("sample-loneliness", 2, [241, 60, 101]), ("sample-stress", 2, [241, 60, 101])])
  func everyGoldIsRead(_ name: String, _ classes: Int, _ rows: [Int]) throws {
    let data = try Catalog(root: Fixtures.repository).load(name)
    #expect([data.train.count, data.validation.count, data.test.count] == rows)
    #expect(data.labels.count == classes)
    #expect(Set(data.train.map(\.label)).count == classes)
    #expect(data.notes.isEmpty && data.dropped.isEmpty)
    #expect(data.test.allSatisfy { !$0.post.isEmpty && $0.question.hasSuffix("?") })
  }

  @Test(arguments: names)
  func theLinterFindsEveryTrap(_ name: String) throws {
    let findings = DataCheck().run(try Catalog(root: Fixtures.repository).files(named: name))
    let kinds = findings.map(\.kind)
    #expect(kinds.filter { $0 == .duplicate }.count == 1)
    #expect(findings.first { $0.kind == .mojibake }?.rows.map(\.row) == [12])
    let leak = try #require(findings.first { $0.kind == .nearLeak })
    #expect(leak.rows.map(\.split) == [.train, .test])
    #expect(leak.rows[0].row == 31)
    #expect(!kinds.contains(.unmatchedLabel) && !kinds.contains(.ambiguousLabel) && !kinds.contains(.emptyText))
  }

  /// Forms by row: 0 and 2 (and 4 in binary sets) state a verdict, 1 and 3 do not.
  @Test(arguments: names)
  func verdictsOfGenerationsAreReadExactlyWhereTheyStand(_ name: String) throws {
    let catalog = try Catalog(root: Fixtures.repository)
    let labels = try catalog.labels(of: catalog.entry(named: name))
    let file = try GenerationFile.read("\(Fixtures.repository)/test_data/samples/generations/\(name).csv")
    #expect(file.generated.count == 60)
    for (row, text) in file.generated.enumerated() {
      let verdict = labels.verdict(of: text)
      switch row % 5 {
      case 0, 2: #expect(verdict != nil, "row \(row + 1)")
      case 1, 3: #expect(verdict == nil, "row \(row + 1)")
      default: #expect((verdict != nil) == (labels.count == 2 || text.contains("Correct answer:")), "row \(row + 1)")
      }
      let stripped = labels.strippedReasoning(text)
      #expect(stripped.hasPrefix("The post") || stripped.hasPrefix("According to"), "row \(row + 1)")
    }
  }
}
