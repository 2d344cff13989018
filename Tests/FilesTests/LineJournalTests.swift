import Files
import Glibc
import TestSupport
import Testing

@Suite struct LineJournalTests {
  @Test func aTornLineIsCutOffAndTheWholeOnesAreKept() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/lines.jsonl"
      let journal = try LineJournal(path) { _, _ in Issue.record("a new journal has lines") }
      try journal.append([["a": 1], ["a": 2]])
      try journal.append([])
      let whole = try FileSystem.text(path)
      #expect(whole == "{\"a\": 1}\n{\"a\": 2}\n")
      for torn in ["{", "{\"a\":3}", "{\"a\":3}\n{\"a"] {
        try AtomicWrite.file(path, whole + torn)
        var found: [Int?] = []
        let again = try LineJournal(path) { line, json in
          #expect(line == found.count + 1)
          found.append(json["a"]?.int)
        }
        #expect(found == (torn.contains("\n") ? [1, 2, 3] : [1, 2]))
        try again.append([["a": 9]])
        #expect(try FileSystem.text(path).hasSuffix("}\n{\"a\": 9}\n"))
      }
    }
  }

  @Test func aWholeLineThatIsNoJSONIsNamed() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/lines.jsonl"
      try AtomicWrite.file(path, "{}\nnot json\n{}\n")
      let error = #expect(throws: InputError.self) { _ = try LineJournal(path) { _, _ in } }
      #expect(error?.path == path && error?.location == "line 2")
    }
  }
}
