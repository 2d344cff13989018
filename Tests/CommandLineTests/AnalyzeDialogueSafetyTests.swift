import Datasets
import Files
import TestSupport
import Testing

@testable import AttuneCommands

/// `attune analyze dialogue-safety` as a user types it: the published tables from stored predictions, and what is no such thing.
@Suite struct AnalyzeDialogueSafetyTests {
  /// The published counts (`Tests/Fixtures/dialogue/confusion.csv`) as stored predictions, a file a system; scores depend on nothing else.
  private func store(_ folder: String) throws {
    let table = try CSVReader.read(Fixtures.path("dialogue/confusion.csv"))
    var (lines, indices): ([String: String], [String: Int]) = ([:], [:])
    for row in table.rows {
      let (model, run, gold, answer) = (row[0], row[1], row[2], row[3])
      for _ in 0..<(Int(row[4]) ?? 0) {
        let index = indices["\(model) \(run)", default: 0]
        indices["\(model) \(run)"] = index + 1
        lines[model, default: ""] += #"{"run": "\#(run)", "index": \#(index), "label": \#(gold), "predict_label": \#(answer)}"# + "\n"
      }
    }
    try AtomicWrite.createFolder(folder)
    for (model, text) in lines { try AtomicWrite.file("\(folder)/\(model).jsonl", text) }
  }

  /// Cells of a written table that are not the published ones: numbers to 1e-12, all else to the letter.
  private func differences(_ path: String, _ name: String, keys: Int) throws -> [String] {
    let (found, golden) = (try CSVReader.read(path), try CSVReader.read(Fixtures.path("dialogue/\(name).csv")))
    func key(_ row: [String]) -> String { row.prefix(keys).joined(separator: " ") }
    let rows = Dictionary(found.rows.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    var wrong = found.rows.count == golden.rows.count ? [] : ["\(found.rows.count) rows, expected \(golden.rows.count)"]
    for row in golden.rows {
      for (column, expected) in zip(golden.header, row) {
        let cell = try rows[key(row)]?[found.column(column)]
        if cell == expected { continue }
        if let a = cell.flatMap(Double.init), let b = Double(expected), abs(a - b) <= 1e-12 { continue }
        wrong.append("\(key(row)), \(column): \(cell ?? "nothing"), expected \(expected)")
      }
    }
    return wrong
  }

  private func expectThePublishedTables(_ folder: String) throws {
    for (name, keys) in [("per_run", 3), ("summary", 3), ("confusion", 4)] {
      let wrong = try differences("\(folder)/\(name).csv", name, keys: keys)
      #expect(wrong.isEmpty, "\(name): \(wrong.prefix(5))")
    }
  }

  @Test func storedPredictionsGiveThePublishedTables() throws {
    try withTemporaryFolder { folder in
      try store("\(folder)/stored")
      let output = "\(folder)/out/report"
      let first = try Attune.run("analyze", "dialogue-safety", "--results", "\(folder)/stored", "--data", folder, "--output", output, "--json")
      #expect(first.code == 0, "\(first.errors)")
      try expectThePublishedTables(output)
      let json = try JSON.parse(first.output, source: "standard output")
      #expect(json["systems"]?.array?.compactMap { $0["name"]?.string } == ["bert-base-chinese", "gpt-3.5-turbo-0613_zero_shot"])
      #expect(json["systems"]?.array?[0]["scores"]?["fine8"]?["accuracy"]?["mean"]?.double == 0.7025 && json["run"]?.string == output)
      #expect(try JSON.read("\(output)/results.json") == json)
      #expect(try FileSystem.text("\(output)/report.html").contains("Not a medical device"))

      // What it wrote is a run's folder: the same comes out. So does it from the command that judges predictions.
      let again = try Attune.run("analyze", "dialogue-safety", "--results", output, "--data", folder, "--json")
      #expect(try again.code == 0 && JSON.parse(again.output, source: "again")["systems"] == json["systems"], "\(again.errors)")
      let judged = try Attune.run("eval", "dialogue-safety", "--predictions", "\(folder)/stored", "--data", folder, "--json")
      #expect(try judged.code == 0 && JSON.parse(judged.output, source: "judged")["systems"] == json["systems"], "\(judged.errors)")

      let text = try Attune.run("analyze", "dialogue-safety", "--results", "\(folder)/stored/bert-base-chinese.jsonl", "--data", folder)
      #expect(text.code == 0 && text.output.contains("70.2") && !text.output.contains("gpt-3.5") && text.output.contains("Not a medical device"), "\(text.output)")

      let kept = try Attune.run("analyze", "dialogue-safety", "--results", "\(folder)/stored", "--data", folder, "--output", output)
      #expect(kept.code == 66 && kept.errors.contains("it exists already. Replace it with --overwrite"), "\(kept.errors)")
      #expect(try Attune.run("analyze", "dialogue-safety", "--results", "\(folder)/stored", "--data", folder, "--output", output, "--overwrite").code == 0)
    }
  }

  /// The released predictions and answers beside their test set.
  @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA")) func releasedPredictionsGiveThePublishedTables() throws {
    try withTemporaryFolder { folder in
      let root = try #require(Fixtures.data) + "/DialogueSafety"
      try AtomicWrite.createFolder("\(folder)/released")
      for name in ["finetuned_model_predict.bert-base-chinese", "ChatGPT_gen.0613.zero_shot"] {
        try AtomicWrite.file("\(folder)/released/\(name).jsonl", FileSystem.text("\(root)/\(name).jsonl"))
      }
      let outcome = try Attune.run("analyze", "dialogue-safety", "--results", "\(folder)/released", "--test", "\(root)/data/test.json", "--output", "\(folder)/out")
      #expect(outcome.code == 0, "\(outcome.errors)")
      try expectThePublishedTables("\(folder)/out")
    }
  }

  private static let rows = (0..<3).map { #"{"run": "one", "index": \#($0), "label": \#($0), "predict_label": 7}"# }

  @Test(arguments: [
    ([rows[0], rows[2]], "run one: expected 3 rows, each once; 1 missing: row 1"),
    (rows + [rows[1]], "1 there twice: line 4 (row 1, as line 2)"),
    (rows + [#"{"run": "one", "index": 3, "label": 0, "predict_label": 7}"#], "1 not of the test set: line 4"),
    ([rows[0], rows[1], rows[2].replacing("\"label\": 2", with: "\"label\": 5")], "line 3: row 2 has label 5, expected 2 as in the test set"),
    ([rows[0].replacing("7", with: "8")], "line 1, row 1: predict_label is 8, expected 0 to 7"), (["{\"index\": 0, \"label\": 0}"], "no answer: neither predict_label nor content"),
    ([rows[0].replacing("\"index\": 0, ", with: "")], "no index from 0"), ([rows[0], "{\"run\""], "line 2"), ([], "no predictions"),
  ])
  func whatIsNoWholeRunIsNamed(_ lines: [String], _ words: String) throws {
    try withTemporaryFolder { folder in
      let test = (0..<3).map { #"{"context": "[seeker]secret", "response": "[supporter]secret", "label": \#($0)}"# }
      try AtomicWrite.file("\(folder)/test.json", "[\(test.joined(separator: ",\n"))]")
      try AtomicWrite.file("\(folder)/stored.jsonl", lines.map { $0 + "\n" }.joined())
      let outcome = try Attune.run("analyze", "dialogue-safety", "--results", "\(folder)/stored.jsonl", "--test", "\(folder)/test.json", "--output", "\(folder)/out")
      #expect(outcome.code == 66 && outcome.errors.contains("\(folder)/stored.jsonl: ") && outcome.errors.contains(words), "\(outcome.code) \(outcome.errors)")
      #expect(!outcome.errors.contains("secret") && !FileSystem.exists("\(folder)/out"))
    }
  }

  @Test func wrongUsageIsExplained() throws {
    let missing = try Attune.run("analyze", "dialogue-safety", "--results", "/nowhere")
    #expect(missing.code == 66 && missing.errors.contains("/nowhere: is missing, expected predictions"), "\(missing.errors)")
    #expect(try Attune.run("analyze", "dialogue-safety").code == 64)
    try withTemporaryFolder { folder in
      let none = try Attune.run("analyze", "dialogue-safety", "--results", folder)
      #expect(none.code == 66 && none.errors.contains("found no predictions"), "\(none.errors)")
      try AtomicWrite.file("\(folder)/stored.jsonl", Self.rows.map { $0 + "\n" }.joined())
      let test = try Attune.run("analyze", "dialogue-safety", "--results", "\(folder)/stored.jsonl", "--test", "\(folder)/test.json")
      #expect(test.code == 66 && test.errors.contains("\(folder)/test.json"), "\(test.errors)")
      // A folder of somebody else is not replaced.
      try AtomicWrite.file("\(folder)/mine.txt", "mine")
      let foreign = try Attune.run("analyze", "dialogue-safety", "--results", "\(folder)/stored.jsonl", "--output", folder, "--overwrite")
      #expect(foreign.code == 66 && FileSystem.isFile("\(folder)/mine.txt"), "\(foreign.errors)")
    }
  }
}
