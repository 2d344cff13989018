import Datasets
import Files
import Glibc
import TestSupport
import Testing

/// What cannot be read is named by file and row, and the other rows are kept.
@Suite struct GenerationRowsTests {
  private func read(_ name: String, _ bytes: [UInt8]) throws -> GenerationRows {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/\(name)", bytes)
      return try GenerationRows.read("\(folder)/\(name)")
    }
  }

  @Test(arguments: [
    ("a,b\n\"c\",d,e\nf,g\n", 2, "line 3, row 2", "found 3 fields, expected 2"),
    ("a,b\nc\nf,g\n", 2, "line 3, row 2", "found 1 field, expected 2"),
    ("a,b\n\"c\"x,d\nf,g\n", 2, "line 3, row 2", "text after a closing quote"),
    ("a,b\nc,\"d\nf,g\n", 2, "line 3, row 2", "a quote opens here and never closes"),
    ("a,b\nc,d\0\nf,g\n", 2, "line 3, row 2", "is NUL"),
  ])
  func aMalformedRecordIsNamedAndTheOthersAreKept(rows: String, bad: Int, place: String, words: String) throws {
    let file = try read("DR.csv", Array(("goldens,generated_text\n" + rows).utf8))
    #expect(file.rows.map(\.number) == [1, 3] && file.rows.map(\.generated) == ["b", "g"] && file.rows[1].references == ["f"])
    let problem = try #require(file.problems.first)
    #expect(file.problems.count == 1 && problem.row == bad && problem.error.location == place, "\(problem.error)")
    #expect(problem.error.path.hasSuffix("DR.csv") && problem.error.problem.contains(words), "\(problem.error)")
  }

  @Test func bytesThatAreNoTextSpoilTheirRowOnly() throws {
    let file = try read("DR.csv", Array("goldens,generated_text\na,b\nc,".utf8) + [0xFF] + Array("\nf,g\n".utf8))
    #expect(file.rows.map(\.number) == [1, 3] && file.problems.map(\.row) == [2])
    #expect(file.problems[0].error.description.contains("line 3, row 2: is not UTF-8"))
  }

  @Test func linesThatAreNoRowsAreNamed() throws {
    let lines = [
      #"{"goldens": "a", "generated_text": null}"#, #"{"goldens": "a""#, #"{"goldens": 3}"#, #"{"goldens": ["a", "b"], "generated_text": "c", "labels": "yes"}"#,
      #"{"goldens": "a", "generated_text": 2}"#, #"{"goldens": "a", "labels": 2}"#,
    ]
    let file = try read("DR.jsonl", Array(lines.joined(separator: "\n").utf8))
    #expect(file.rows.map(\.number) == [1, 4] && file.rows.map(\.generated) == [nil, "c"] && file.rows[1].references == ["a", "b"])
    #expect(file.isLabelled && file.rows.map(\.label) == [nil, "yes"])
    #expect(file.problems.map(\.row) == [2, 3, 5, 6])
    #expect(file.problems[0].error.location == "line 2" && file.problems[1].error.location == "line 3, row 3")
  }

  @Test(arguments: [
    ("", "the file is empty"), ("goldens,generated_text\n", "has no rows"), ("goldens,answer\na,b\n", "no column 'generated_text'; found 'goldens', 'answer'"),
    ("goldens,generated_text\na\n", "found 1 field"),
  ])
  func aFileWithoutAReadableRowIsRefused(text: String, words: String) throws {
    let error = #expect(throws: InputError.self) { try read("DR.csv", Array(text.utf8)) }
    #expect(error?.description.contains(words) == true && error?.path.hasSuffix("DR.csv") == true, "\(error?.description ?? "")")
  }
}
