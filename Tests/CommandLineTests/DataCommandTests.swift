import Files
import TestSupport
import Testing

@testable import AttuneCommands

/// The commands that need no tensors, on a small data folder with known faults.
@Suite struct DataCommandTests {
  /// Calls `body` with a folder that holds a labelled CSV: two labels, one duplicate, one row without a label.
  func withRows(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let rows = ["text,label", "first made up text,calm", "second made up text,tense", "\"third, made up\",calm", "second made up text,tense"]
      try AtomicWrite.file("\(folder)/rows.csv", rows.joined(separator: "\n") + "\n")
      try body("\(folder)/rows.csv")
    }
  }

  @Test func statsCountRowsAndScoreTheMajority() throws {
    try withRows { path in
      let outcome = try Attune.run("data", "stats", path, "--json")
      let file = try #require(try JSON.parse(outcome.output, source: "output")["files"]?.array?.first)
      #expect(outcome.code == 0)
      #expect(file["rows"]?.int == 4)
      #expect(file["labels"] == ["calm": 2, "tense": 2])
      #expect(file["majority"]?["accuracy"]?.double == 0.5)
      #expect(try Attune.run("data", "stats", path).output.contains("majority  calm: accuracy 50.0"))
    }
  }

  @Test func checkNamesRowsAndNeverTexts() throws {
    try withRows { path in
      let plain = try Attune.run("data", "check", path)
      #expect(plain.output.contains("duplicate"))
      #expect(!plain.output.contains("made up") && !plain.errors.contains("made up"))
      #expect(plain.code == 0)
      #expect(try Attune.run("data", "check", path, "--strict").code == 1)
      let json = try JSON.parse(try Attune.run("data", "check", path, "--json").output, source: "output")
      #expect(json["findings"]?.array?.contains { $0["kind"]?.string == "duplicate" && $0["group"]?.string == "rows" } == true)
    }
  }

  @Test(.enabled(if: Fixtures.has("a_models/bert_seqcls/vocab.txt"), "set ATTUNE_FIXTURES"))
  func inspectShowsTheRowAsTokens() throws {
    try withRows { path in
      let model = Fixtures.path("a_models/bert_seqcls")
      let outcome = try Attune.run("data", "inspect", path, "--row", "3", "--model", model, "--json")
      #expect(outcome.code == 0, "\(outcome.errors)")
      let json = try JSON.parse(outcome.output, source: "output")
      #expect(json["label_name"]?.string == "calm")
      #expect(json["tokens"]?.array?.count == json["input_ids"]?.array?.count)
      #expect(json["tokens"]?.array?.first?.string == "[CLS]")
      #expect(try Attune.run("data", "inspect", path, "--row", "5", "--model", model).code == 66)
    }
  }

  @Test func inspectShowsWhichTokensALanguageModelLearns() throws {
    try withRows { path in
      let (folder, rows) = (path.replacing("/rows.csv", with: ""), path.replacing("rows.csv", with: "pairs.jsonl"))
      for file in ["tokenizer.json", "tokenizer_config.json", "vocab.txt"] {
        try AtomicWrite.file("\(folder)/\(file)", try FileSystem.text(Fixtures.path("a_models/bert_seqcls/\(file)")))
      }
      let config: JSON = ["architectures": ["LlamaForCausalLM"], "bos_token_id": 2, "eos_token_id": [3, 9]]
      try AtomicWrite.file("\(folder)/config.json", config.encoded())
      try AtomicWrite.file(rows, #"{"prompt": "people work", "completion": "people"}"# + "\n")
      let arguments = ["data", "inspect", rows, "--row", "1", "--model", folder]
      let outcome = try Attune.run(arguments + ["--json"])
      #expect(outcome.code == 0, "\(outcome.errors)")
      let json = try JSON.parse(outcome.output, source: "output")
      #expect(json["input_ids"]?.array?.first == 2 && json["input_ids"]?.array?.last == 3)
      #expect(json["tokens"]?.array?.compactMap(\.string) == ["[CLS]", "people", "work", "people", "[SEP]"])
      #expect(json["loss_mask"] == [0, 0, 0, 1, 1])
      let text = try Attune.run(arguments).output
      #expect(text.contains("2 of 5 tokens are learned") && text.contains("work⟦ people [SEP]⟧") && text.contains("3\t375\tlearned\tpeople"))
      #expect(try JSON.parse(try Attune.run(arguments + ["--json", "--loss", "all"]).output, source: "output")["loss_mask"] == [0, 1, 1, 1, 1])
      #expect(try Attune.run(arguments + ["--row", "2"]).code == 66)
    }
  }
}
