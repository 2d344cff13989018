import Files
import Metrics
import TestSupport
import Testing

@testable import Datasets

@Suite struct CorpusTests {
  private func example(_ row: Int, post: String, question: String = "", text: String = "", label: Int = 0, split: Split = .train) -> Example {
    let id = ExampleID(dataset: "t", split: split, row: row, digest: contentDigest(post, question, text))
    return Example(id: id, post: post, question: question, text: text, label: label)
  }

  @Test func holdOutKeepsRowsOfOnePostTogetherAndIsTheSameEveryTime() {
    let examples = (0..<400).map { example($0 + 1, post: "post \($0 / 4)", question: "question \($0 % 4)") }
    let (train, held) = HoldOut.split(examples, fraction: 0.1)
    #expect(held.count == 40 && train.count == 360)
    #expect(Set(train.map(\.post)).isDisjoint(with: held.map(\.post)))
    #expect(train.map(\.id.row) == train.map(\.id.row).sorted())
    #expect(HoldOut.split(examples.reversed(), fraction: 0.1).validation.map(\.id.row).sorted() == held.map(\.id.row))
    #expect(HoldOut.split(examples, fraction: 0.1, salt: 1).validation != held)
  }

  // FNV-1a and the finaliser worked out in Python; a change of this number would orphan every stored split.
  @Test func digestsNeverChange() {
    #expect(ExampleID(dataset: "DR", split: .test, row: 3, digest: contentDigest("a", "é")).description == "DR/test/3#b63cf173f6632998")
  }

  @Test(arguments: [
    ("Consider this post: \"He said \"no\". Question: why\" Question: Does it?", "He said \"no\". Question: why", "Does it?"),
    ("Post: A day.  Question: This post shows the cause of ", "A day.", "This post shows the cause of"), ("Anything else", "Anything else", ""),
    ("Consider this post: \"cut off", "Consider this post: \"cut off", ""), ("", "", ""),
  ])
  func queriesComeApartAtTheLastSeparator(_ query: String, _ post: String, _ question: String) {
    #expect(Query(query).post == post && Query(query).question == question)
  }

  @Test func viewsShowWhatTheirNamesSay() throws {
    let table = try #require(IMHILabels.table("DR"))
    let row = example(1, post: "P", question: "Q?", text: "Yes, it does. Reasoning: Because.")
    #expect(TextView.full.segments(of: row, labels: table) == ("Yes, it does. Reasoning: Because.", nil))
    #expect(TextView.reasoning.segments(of: row, labels: table) == ("Because.", nil))
    #expect(TextView.post.segments(of: row, labels: table) == ("P", nil))
    #expect(TextView.postAndQuestion.segments(of: row, labels: table) == ("Q?", "P"))
    #expect(TextView(rawValue: "post+question") == .postAndQuestion)
  }

  @Test(arguments: [("don‚Äôt", 1), ("donâ€™t", 1), ("cafÃ©", 1), ("Â£5", 1), ("\u{FFFD}", 1), ("café, “quotes” – 好 😢 naïve Ångström", 0), ("plain", 0)])
  func mojibakeIsToldFromForeignLetters(_ text: String, _ count: Int) { #expect(Mojibake.count(text) == count) }

  @Test func nearDuplicatesAreExactlyThoseOfComparingAllPairs() {
    var random = SplitMix64(seed: 3)
    let words = (0..<12).map { "w\($0)" }
    let texts = (0..<120).map { k in
      let base = (0..<14).map { (k / 3) * 7 % 12 + $0 }.map { words[$0 % 12] }
      return base.map { Int.random(in: 0..<12, using: &random) == 0 ? words.randomElement(using: &random)! : $0 }.joined(separator: " ")
    }
    let sets = texts.map { NearDuplicates.shingles($0, minimumWords: 6) }
    for threshold in [0.5, 0.8, 1.0] {
      var expected: [NearDuplicates.Pair] = []
      for i in sets.indices {
        for j in sets.indices where j > i {
          let similarity = Double(sets[i].intersection(sets[j]).count) / Double(sets[i].union(sets[j]).count)
          if similarity >= threshold { expected.append(.init(first: i, second: j, similarity: similarity)) }
        }
      }
      #expect(!expected.isEmpty)
      #expect(NearDuplicates(threshold: threshold).pairs(texts) == expected)
    }
  }

  @Test func overLengthRowsAndConflictsAreReported() throws {
    let table = try LabelTable(dataset: "t", names: ["a", "b"])
    let rows = [("one two three four five", 0), ("short", 1), ("Short ", 0), ("", 1)].enumerated().map { index, row in
      DataFile.Row(
        id: ExampleID(dataset: "t", split: .train, row: index + 1, digest: 0), line: index + 2, post: row.0, question: "", text: row.0, reading: .label(row.1))
    }
    let file = DataFile(path: "t.csv", split: .train, format: .labelled(text: "text", label: "label"), labels: table, rows: rows)
    let findings = DataCheck(maximumLength: 3, tokenCount: { first, _ in first.split(separator: " ").count }).run([file])
    #expect(findings.map(\.kind) == [.emptyText, .duplicate, .conflictingLabel, .overLength])
    #expect(findings[0].severity == .error && findings[0].rows.map(\.row) == [4])
    #expect(findings[1].rows.map(\.row) == [3])
    #expect(findings[2].rows.map(\.row) == [2, 3])
    #expect(findings[3].message == "more than 3 tokens in 1 row: cut by 2 on average and 2 at most")
    #expect(findings[3].json["rows"] == .array([.string("t/train/1#0000000000000000")]))
  }

  @Test func statisticsCountBytesTokensAndLabels() throws {
    let table = try LabelTable(dataset: "t", names: ["a", "b"])
    let rows = ["x", "éé", "three words here"].enumerated().map { index, text in
      DataFile.Row(
        id: ExampleID(dataset: "t", split: .test, row: index + 1, digest: 0), line: index + 2, post: text, question: "", text: text,
        reading: index == 2 ? .unmatched : .label(1))
    }
    let stats = DataStats(DataFile(path: "t.csv", split: .test, format: .generations, labels: table, rows: rows)) { $0.split(separator: " ").count }
    #expect(stats.labelCounts == [0, 2] && stats.labelled == 2 && stats.rows == 3)
    #expect(stats.bytes == .init([1, 4, 16]))
    #expect([stats.bytes.least, stats.bytes.median, stats.bytes.percentile95, stats.bytes.greatest] == [1, 4, 16, 16])
    #expect(stats.tokens?.greatest == 3)
    #expect(stats.json["majority"]?["accuracy"]?.double == 1)
  }

  @Test(arguments: [
    ("{\"dataset\": \"t\", \"labels\": [{\"name\": \"no\", \"phrase\": [\"^no\"]}]}", "unknown key 'phrase'; the nearest is 'phrases'"),
    ("{\"dataset\": \"t\", \"labels\": [{\"name\": \"no\", \"phrases\": [\"No\"]}]}", "key \"labels[0].phrases[0]\""),
    ("{\"dataset\": \"t\", \"labels\": [{\"name\": \"no\", \"phrases\": [\"^no\"]}]}", "1 labels, expected at least 2"),
    ("{\"labels\": []}", "key \"dataset\""), ("[]", "expected an object"),
  ])
  func aBrokenLabelTableIsExplained(_ json: String, _ part: String) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/labels.json"
      try AtomicWrite.file(path, json)
      #expect { try LabelTable.read(path) } throws: { "\($0)".contains(part) && "\($0)".hasPrefix(path) }
    }
  }

  @Test func tablesAreKnownByThePlaceOfTheFile() throws {
    let root = Fixtures.repository
    #expect(try LabelTable.known(for: "x/SAD/train.csv")?.dataset == "SAD")
    #expect(try LabelTable.known(for: "t-sid.csv")?.dataset == "t-sid")
    for path in ["train_data/samples/sample-causes/val.csv", "test_data/samples/sample-causes.csv", "test_data/samples/generations/sample-causes.csv"] {
      #expect(try LabelTable.known(for: "\(root)/\(path)")?.dataset == "sample-causes")
      #expect(try DataFile.read("\(root)/\(path)").examples().dropped.isEmpty)
    }
    // A classifier's names read a file of golds when they are the dataset's.
    let names = try LabelTable(dataset: "m", names: ["no", "yes"])
    #expect(try DataFile.read("\(root)/test_data/samples/sample-stress.csv", labels: names).rows.count == 101)
    #expect(throws: InputError.self) { try DataFile.read("\(root)/test_data/samples/sample-causes.csv", labels: names) }
    #expect(try LabelTable.known(for: "/nowhere/x.csv") == nil)
  }
}
