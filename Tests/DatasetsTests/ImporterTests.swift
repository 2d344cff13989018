import Datasets
import Files
import Glibc
import TestSupport
import Testing

/// A temporary folder that goes with the test.
private final class Workspace {
  let path: String
  init() throws { path = try temporaryFolder() }
  deinit { AtomicWrite.removeTree(path) }

  func write(_ relative: String, _ text: String) throws {
    let file = "\(path)/\(relative)"
    try AtomicWrite.createFolder(String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)]))
    try AtomicWrite.file(file, text)
  }
}

@Suite struct ImporterTests {
  /// A checkout in miniature: upstream's names and traps, made-up rows.
  private func checkout(in space: Workspace) throws {
    let instruction = "query,gpt-3.5-turbo\n" + ["Yes, the poster does.", "No, the poster does not."].enumerated().map {
      "\"Consider this post: \"\"A \"\"quoted\"\" day \($0).\nQuestion: none.\"\" Question: Does the poster suffer from depression?\",\($1.replacing(",", with: ";")) Reasoning: It says so.\n"
    }.joined().replacing("Yes;", with: "Yes").replacing("No;", with: "No")
    for path in ["train_data/instruction_data/DR/train.csv", "train_data/instruction_data/DR/val.csv", "test_data/test_instruction/DR.csv"] {
      try space.write("up/\(path)", instruction)
    }
    try space.write("up/train_data/instruction_data/Irf/val.csv", instruction.replacing("day", with: "night"))
    try space.write("up/train_data/complete_data/DR/reddit_train.csv", ",post,question,response\r\n0,Post: A day., Question: The answer is , yes. Reasoning: So.\r\n")
    try space.write("up/human_evaluation/test_instruction_expert/DR.csv", instruction)
    try space.write("up/examples/label_data_examples/DR.csv", "goldens,generated_text,labels\nYes. Reasoning: a,b,yes\n")
    try space.write("up/LICENSE", "MIT")
  }

  @Test func copiesBytesAndRenamesFiles() throws {
    let space = try Workspace()
    try checkout(in: space)
    let report = try IMHIImporter(from: "\(space.path)/up/", to: "\(space.path)/data").run()
    #expect(!report.isUnchanged)
    let entry = try #require(report.entries.first { $0.destination == "train_data/imhi/completion/DR/train.csv" })
    #expect(entry.source == "train_data/complete_data/DR/reddit_train.csv")
    #expect(entry.rows == 1 && entry.labels == ["yes": 1])
    for entry in report.entries {
      #expect(try contents("\(space.path)/data/\(entry.destination)") == contents("\(space.path)/up/\(entry.source)"))
    }
    #expect(report.absent.contains { $0.what == "Irf: train.csv" && $0.consequence.contains("val.csv") })
    #expect(report.absent.contains { $0.what == "CLP: all instruction files" })
    let manifest = try JSON.read("\(space.path)/data/test_data/imhi/manifest.json")
    #expect(manifest["files"]?.array?.count == report.entries.count)
  }

  @Test func importingTwiceChangesNothingAndRepairsDamage() throws {
    let space = try Workspace()
    try checkout(in: space)
    let importer = IMHIImporter(from: "\(space.path)/up", to: "\(space.path)/data")
    _ = try importer.run()
    #expect(try importer.run().isUnchanged)
    try AtomicWrite.file("\(space.path)/data/train_data/imhi/instruction/DR/val.csv", "damaged")
    #expect(try !importer.run().isUnchanged)
    #expect(try importer.run().isUnchanged)
  }

  @Test func anUnreadableGoldStopsTheImportBeforeAnythingIsWritten() throws {
    let space = try Workspace()
    try checkout(in: space)
    try space.write("up/test_data/test_instruction/DR.csv", "query,gpt-3.5-turbo\nq,Yes. Reasoning: a\nq,Perhaps. Reasoning: b\n")
    #expect {
      try IMHIImporter(from: "\(space.path)/up", to: "\(space.path)/data").run()
    } throws: {
      let text = "\($0)"
      return text.contains("test_instruction/DR.csv: line 3, row 2: 1 of 2 rows") && text.contains("(rows 2)") && !text.contains("Perhaps")
    }
    #expect(access("\(space.path)/data/train_data", F_OK) != 0)
  }

  @Test func aWrongFolderIsNamed() {
    #expect(throws: InputError.self) { try IMHIImporter(from: "/nowhere", to: "/tmp/none").run() }
    #expect { try IMHIImporter(from: "/usr", to: "/tmp/none").run() } throws: { "\($0)".hasPrefix("/usr: found none of IMHI's files") }
  }

  @Test func theCatalogReadsBothLayoutsAlike() throws {
    let space = try Workspace()
    try checkout(in: space)
    _ = try IMHIImporter(from: "\(space.path)/up", to: "\(space.path)/data").run()
    for root in ["up", "data"] {
      let catalog = try Catalog(root: "\(space.path)/\(root)")
      #expect(catalog.trainable() == ["DR", "Irf"])
      let data = try catalog.load("dr")
      #expect(data.train.map(\.label) == [1, 0] && data.test.count == 2)
      #expect(data.train[0].post == "A \"quoted\" day 0.\nQuestion: none.")
      #expect(data.train[0].question == "Does the poster suffer from depression?")
      // Irf has no train.csv: its val.csv is trained on, and a part of it held out.
      let irf = try catalog.load("Irf", holdOut: 0.5)
      #expect(irf.train.count == 1 && irf.validation.count == 1 && irf.notes.count == 2)
      #expect(Set(irf.train.map(\.id)).isDisjoint(with: irf.validation.map(\.id)))
      #expect(try catalog.load("DR", form: .expert).train.isEmpty)
      #expect(try catalog.load("DR", form: .completion).train[0].post == "A day.")
      #expect { try catalog.load("DRR") } throws: { "\($0)".contains("the nearest is 'DR'") || "\($0)".contains("Found: DR, Irf") }
    }
  }

  @Test func unmatchedRowsAreDroppedOnlyWhenAsked() throws {
    let space = try Workspace()
    try space.write("x/DR.csv", "query,gpt-3.5-turbo\nq,Yes. Reasoning: a\nq,Perhaps. Reasoning: b\n")
    let file = try DataFile.read("\(space.path)/x/DR.csv", labels: IMHILabels.table("DR"))
    #expect(throws: InputError.self) { try file.examples() }
    let (examples, dropped) = try file.examples(onUnmatched: .drop)
    #expect(examples.map(\.label) == [1] && dropped.map(\.row) == [2])
  }

  @Test func labelsOfOtherFilesGoByName() throws {
    let space = try Workspace()
    try space.write("a.csv", "text,label\nx,sad\ny,glad\n")
    try space.write("b.jsonl", "{\"text\": \"x\", \"label\": 2}\n{\"text\": \"y\", \"label\": 0}\n")
    let names = try DataFile.read("\(space.path)/a.csv")
    #expect(names.labels.names == ["glad", "sad"])
    #expect(try names.examples().examples.map(\.label) == [1, 0])
    let ids = try DataFile.read("\(space.path)/b.jsonl")
    #expect(ids.labels.names == ["0", "1", "2"])
    #expect(try ids.examples().examples.map(\.label) == [2, 0])
  }
}

@Suite(.enabled(if: Public.hasData, Public.hint)) struct PublicDataTests {
  @Test func importOfTheRealCheckoutIsWhole() throws {
    let space = try Workspace()
    let report = try IMHIImporter(from: Public.root, to: space.path).run()
    let rows = report.entries.filter { !$0.labels.isEmpty }
    // 37 of the 41 files and 43,089 rows of the audit table: four expert files of 35 rows are not in the public copy.
    #expect(rows.count == 37)
    #expect(rows.reduce(0) { $0 + $1.rows } == 43_089 - 4 * 35)
    #expect(report.absent.map(\.what).contains("MultiWD: train.csv"))
    #expect(try Catalog(root: space.path).trainable() == ["DR", "Irf", "MultiWD", "SAD", "dreaddit"])
  }

  @Test func theLinterFindsWhatIsKnownOfTheRealData() throws {
    let catalog = try Catalog(root: Public.root)
    func findings(_ name: String) throws -> [Finding] { try DataCheck().run(catalog.files(named: name)) }
    // 2 dreaddit test posts are in train; 29 t-sid queries are repeated to the byte and one more but for its case.
    let dreaddit = try findings("dreaddit")
    #expect(dreaddit.first { $0.kind == .leak }?.rows.count == 2 * 2)
    #expect(dreaddit.allSatisfy { $0.severity < .error })
    let tsid = try findings("t-sid")
    #expect(tsid.first { $0.kind == .duplicate }?.rows.count == 30)
    #expect(tsid.allSatisfy { $0.severity < .error })
  }

  @Test func setsWithoutTrainingRowsSaySo() throws {
    let catalog = try Catalog(root: Public.root)
    #expect { try catalog.load("CAMS").requireTraining() } throws: { "\($0)".contains("only its test rows are published") }
    let irf = try catalog.load("Irf")
    #expect(irf.train.count + irf.validation.count == 985 && irf.notes.count == 2)
    #expect(Set(irf.train.map(\.post)).isDisjoint(with: irf.validation.map(\.post)))
    let dr = try catalog.load("DR")
    #expect([dr.train.count, dr.validation.count, dr.test.count] == [1003, 430, 405] && dr.notes.isEmpty)
  }
}
