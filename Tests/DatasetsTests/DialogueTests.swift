import Files
import Glibc
import TestSupport
import Testing

@testable import Datasets

@Suite struct DialogueTests {
  private func written(_ name: String, _ text: String, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/\(name)", text)
      try body("\(folder)/\(name)")
    }
  }

  private static let first = #"{"context": "[seeker]a, b]", "response": "[supporter]\"c\" \\", "label": 7}"#

  @Test func upstreamsListIsReadWithLinesAndRows() throws {
    try written("test.json", "[\n  \(Self.first),\n  {\n\"context\": \"[seeker]x\", \"response\": \"[supporter]y\", \"label\": 0}\n]\n") { path in
      let file = try DialogueSafety.read(path, split: .test)
      #expect(file.format == .dialogue && file.rows.map(\.line) == [2, 3])
      #expect(file.rows[0].post == "[seeker]a, b]" && file.rows[0].text == #"[supporter]"c" \"#)
      let examples = try file.examples().examples
      #expect(examples.map(\.label) == [7, 0] && examples[1].id.dataset == "dialogue-safety")
      #expect(TextView.dialogue.segments(of: examples[1], labels: file.labels) == ("[seeker]x", "[supporter]y"))
    }
  }

  @Test(arguments: ["test.jsonl", "test.csv"])
  func otherFormatsHoldTheSameRows(_ name: String) throws {
    let text = name.hasSuffix("csv") ? "context,response,label\n[seeker]x,[supporter]y,Safe Response\n" : #"{"label": 7, "context": "[seeker]x", "response": "[supporter]y"}"#
    try written(name, text) { (path: String) throws in
      #expect(try DialogueSafety.read(path, split: .train).examples().examples.map(\.label) == [7])
      #expect(try DataFile.read(path).format == .dialogue, "recognised by its columns")
    }
  }

  @Test(arguments: [
    ("[]", "has no rows"), ("", "line 1: expected [ and a list"), ("{}", "line 1: expected [ and a list"),
    ("[\n\(first),\n{\"context\": 1, \"response\": \"\", \"label\": 2}]", "line 3, row 2: 'context' is an integer, expected text"),
    ("[\n\(first),\n{\"context\": \"\", \"response\": \"\"}]", "line 3, row 2: no key 'label'"),
    ("[\n\(first),\n{\"context\": \"unfinished]", "line 3, row 2"), ("[\n\(first),\n\n7]", "line 4, row 2: found an integer, expected an object"),
    ("[\(first)", "the list does not end with ]"), ("[\(first)] []", "found text after the list"), ("[\(first),]", "line 1, row 2"),
    (#"[{"contexts": "", "response": "", "label": 1}]"#, "no column 'context'; found 'contexts', 'response', 'label'. The nearest is 'contexts'"),
  ])
  func damageIsNamedByRow(_ text: String, _ words: String) throws {
    try written("rows.json", text) { path in
      let error = #expect(throws: InputError.self) { try DialogueSafety.read(path, split: .test) }
      #expect(error?.description.contains("rows.json") == true && error?.description.contains(words) == true, "\(String(describing: error))")
    }
  }

  @Test(arguments: ["8", "-1", "7.0", "\"Safe\""])
  func aLabelOutsideTheSetNamesItsRowAndTheRestIsKept(_ label: String) throws {
    let rows = [Self.first, Self.first.replacing("7}", with: "\(label)}")]
    try written("rows.json", "[\(rows.joined(separator: ",\n"))]") { path in
      if label == "7.0" || label.hasPrefix("\"") {  // another kind than the first row's
        #expect { try DialogueSafety.read(path, split: .test) } throws: { "\($0)".contains("line 2, row 2: 'label' is") }
        return
      }
      let file = try DialogueSafety.read(path, split: .test)
      #expect { try file.examples() } throws: { "\($0)".contains("rows.json: line 2, row 2: 1 of 2 rows") && "\($0)".contains("Safe Response") }
      let kept = try file.examples(onUnmatched: .drop)
      #expect(kept.examples.count == 1 && kept.dropped.map(\.row) == [2])
      #expect(DataCheck().run([file]).contains { $0.kind == .unmatchedLabel && $0.rows.map(\.row) == [2] })
    }
  }

  @Test func theLinterKnowsSpeakersAndDoesNotTakeOneContextForTwoRows() throws {
    let rows = [("[seeker]a b c", "[supporter]x"), ("[seeker]a b c", "[supporter]y"), ("a b c", "[supporter]x"), ("[seeker]a", "[seeker]x"), ("[seeker]a", "[seeker]x")]
    let text = rows.map { #"{"context": "\#($0)", "response": "\#($1)", "label": 7}"# }.joined(separator: "\n")
    try written("rows.jsonl", text) { path in
      let findings = DataCheck().run([try DialogueSafety.read(path, split: .test)])
      #expect(findings.first { $0.kind == .speaker }?.rows.map(\.row) == [3, 4, 5])
      #expect(findings.first { $0.kind == .duplicate }?.rows.map(\.row) == [5])
    }
  }

  @Test func foldsSpreadEveryLabelAndKeepContextsTogether() {
    let labels = (0..<200).map { $0 % 50 == 0 ? 0 : $0 % 7 == 0 ? 1 : 2 }
    let groups = (0..<200).map { "context \($0 / 2)" }
    let folds = StratifiedFolds(labels: labels, groups: groups, count: 5, seed: 1).folds
    #expect(folds.flatMap { $0 }.sorted() == Array(0..<200))
    for label in 0...2 {
      let counts = folds.map { fold in fold.count { labels[$0] == label } }
      #expect(counts.max()! - counts.min()! <= 3, "label \(label): \(counts)")
    }
    for fold in folds { for row in fold { #expect(fold.contains(row ^ 1), "rows of one context stay together") } }
    #expect(folds.map(\.count).max()! - folds.map(\.count).min()! <= 4)
    #expect(StratifiedFolds(labels: labels, groups: groups, count: 5, seed: 1).folds == folds)
    #expect(StratifiedFolds(labels: labels, groups: groups, count: 5, seed: 2).folds != folds)
  }

  @Test func aPromptFillsItsPlacesOnce() throws {
    let template = try SafetyPromptTemplate(name: "t", text: "D\n\n{examples}I\n\nContext: {context}\nResponse: {response}\nLabel:", path: "p")
    #expect(template.prompt(context: "a {response}", response: "{context}") == "D\n\nI\n\nContext: a {response}\nResponse: {context}\nLabel:")
    let id = ExampleID(dataset: "d", split: .train, row: 1, digest: 0)
    let shots = [Example(id: id, post: "p", question: "", text: "q", label: 0), Example(id: id, post: "r", question: "", text: "s", label: 7)]
    let shown = "Here are some examples for your reference:\nContext: p\nResponse: q\nLabel: Nonsense\nContext: r\nResponse: s\nLabel: Safe Response\n\nI"
    #expect(template.prompt(context: "a", response: "b", examples: shots).contains(shown))
    #expect { try SafetyPromptTemplate(name: "t", text: "{context}{response}", path: "p") } throws: { "\($0)".contains("found {examples} nowhere") }
    #expect(SafetyPromptTemplate.own.prompt(context: "a", response: "b").hasSuffix("Context: a\nResponse: b\nLabel:"))
  }
}

@Suite struct SafetyPredictionTests {
  /// A run folder of upstream's layout: `rows` by file name.
  private func folder(_ files: [(String, String)], _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { root in
      try AtomicWrite.createFolder("\(root)/predict/bert/42")
      for (name, text) in files { try AtomicWrite.file("\(root)/predict/bert/42/\(name)", text) }
      try body("\(root)/predict")
    }
  }
  private func row(_ label: Int, _ predicted: Int) -> String { #"{"context": "c", "response": "r", "label": \#(label), "predict_label": \#(predicted)}"# }

  @Test func bothLayoutsSayTheSame() throws {
    try folder([("0.json", row(7, 2)), ("1.json", row(0, 0))]) { path in
      let systems = try SafetyPredictions.read(path)
      #expect(systems == [SafetySystem(name: "bert", runs: [SafetyRun(name: "42", golds: [7, 0], predicted: [2, 0])])])
      for part in ["\(path)/bert", "\(path)/bert/42", "\(path)/bert/42/"] { #expect(try SafetyPredictions.read(part) == systems) }
      try AtomicWrite.file("\(path)/bert.jsonl", systems[0].runs[0].lines)
      #expect(try SafetyPredictions.read("\(path)/bert.jsonl") == systems)
    }
  }

  @Test func answersInWordsAreReadFromCompletions() throws {
    func answer(_ text: String) -> String {
      #"{"model": "gpt", "choices": [{"message": {"role": "assistant", "content": "\#(text)"}}], "context": [{"content": "p"}], "item": {"label": 7}}"#
    }
    try folder([("0.json", answer("Safe Response. It")), ("1.json", answer("I cannot"))]) { path in
      let system = try SafetyPredictions.read(path)[0]
      #expect(system.name == "gpt_bert" && system.runs[0].predicted == [7, nil])
      #expect(try SafetyPredictions.read("\(path)/bert").first?.runs[0].unparsed == 1)
    }
  }

  @Test func whatIsMissingTwiceOrTooMuchIsNamed() throws {
    try folder([("0.json", row(0, 0)), ("2.json", row(0, 0)), ("5.json", row(0, 0)), ("02.json", row(0, 0)), ("x.json", "{}")]) { path in
      let error = #expect(throws: InputError.self) { try SafetyPredictions.read(path, golds: [0, 0, 0]) }
      let text = "\(String(describing: error))"
      #expect(text.contains("run 42: expected 3 rows") && text.contains("1 missing: 1.json") && text.contains("3 not of the test set: 02.json, x.json, 5.json"), "\(text)")
    }
    try withTemporaryFolder { folder in
      let lines = [0, 1, 1, 2].map { #"{"seed": 1, "index": \#($0), "label": 0, "predict_label": 0}"# }.joined(separator: "\n")
      try AtomicWrite.file("\(folder)/a.jsonl", lines)
      let error = #expect(throws: InputError.self) { try SafetyPredictions.read("\(folder)/a.jsonl", golds: [0, 0, 0, 0]) }
      let text = "\(String(describing: error))"
      #expect(text.contains("1 missing: row 3") && text.contains("1 there twice: line 3 (row 1, as line 2)"), "\(text)")
    }
  }

  @Test(arguments: [
    (#"{"label": 0, "predict_label": 8}"#, "predict_label is 8, expected 0 to 7"), (#"{"label": "0", "predict_label": 1}"#, "label is a string, expected 0 to 7"),
    (#"{"label": 0}"#, "no answer"), (#"{"label": 1, "predict_label": 1}"#, "row 0 has label 1, expected 0 as in the test set"), ("[", "0.json"),
  ])
  func aDamagedFileIsNamed(_ text: String, _ words: String) throws {
    try folder([("0.json", text)]) { path in
      let error = #expect(throws: InputError.self) { try SafetyPredictions.read(path, golds: [0]) }
      #expect(error?.description.contains(words) == true && error?.description.contains("42") == true, "\(String(describing: error))")
    }
  }
}

@Suite struct DialogueImportTests {
  /// A checkout in miniature, made up.
  private func checkout(_ root: String) throws {
    func rows(_ labels: [Int]) -> String {
      "[\(labels.enumerated().map { #"{"context": "[seeker]c\#($0)", "response": "[supporter]r\#($0)", "label": \#($1)}"# }.joined(separator: ",\n"))]"
    }
    for folder in ["data", "finetuned_model_predict/bert/42", "finetuned_model_predict/cut/42", "ChatGPT_gen/0613/zero_shot/one"] { try AtomicWrite.createFolder("\(root)/\(folder)") }
    try AtomicWrite.file("\(root)/data/test.json", rows([7, 0]))
    try AtomicWrite.file("\(root)/data/train.json", rows([7, 0, 2]))
    for (index, label) in [7, 0].enumerated() {
      let prediction = #"{"context": "[seeker]c\#(index)", "response": "[supporter]r\#(index)", "label": \#(label), "predict_label": 7}"#
      try AtomicWrite.file("\(root)/finetuned_model_predict/bert/42/\(index).json", prediction)
      if index == 0 { try AtomicWrite.file("\(root)/finetuned_model_predict/cut/42/0.json", prediction) }
      let asked = "Definitions.\\n1. One.\\n\\nInstruction.\\n\\nContext: [seeker]c\(index)\\nResponse: [supporter]r\(index)\\nLabel:"
      try AtomicWrite.file(
        "\(root)/ChatGPT_gen/0613/zero_shot/one/\(index).json",
        #"{"model": "gpt-3.5-turbo-0613", "choices": [{"message": {"content": "Nonsense."}}], "context": [{"role": "user", "content": "\#(asked)"}], "item": {"context": "[seeker]c\#(index)", "response": "[supporter]r\#(index)", "label": \#(label)}}"#)
    }
  }

  @Test func aCheckoutIsImportedWholeAndOnce() throws {
    try withTemporaryFolder { folder in
      try checkout("\(folder)/up")
      let importer = DialogueSafetyImporter(from: "\(folder)/up/", to: "\(folder)/data")
      let report = try importer.run()
      #expect(report.rows.map(\.rows) == [3, 2] && report.systems.map(\.name) == ["gpt-3.5-turbo-0613_zero_shot", "bert"] && !report.isUnchanged)
      #expect(report.absent.map(\.what) == ["a validation file", "finetuned_model_predict/cut"])
      #expect(try contents("\(folder)/data/test_data/dialogue-safety/test.json") == contents("\(folder)/up/data/test.json"))
      let files = DialogueSafety.files(root: "\(folder)/data")
      #expect(files.count == 2 && files[.train]?.hasSuffix("train_data/dialogue-safety/train.json") == true)
      #expect(DialogueSafety.files(root: "\(folder)/up").count == 2)
      let systems = try SafetyPredictions.read("\(folder)/data/test_data/dialogue-safety/predictions", golds: [7, 0])
      #expect(systems.map(\.name) == ["bert", "gpt-3.5-turbo-0613_zero_shot"] && systems[1].runs[0].predicted == [0, 0])
      let prompt = try SafetyPromptTemplate.standard(root: "\(folder)/data")
      #expect(prompt.text == "Definitions.\n1. One.\n\n{examples}Instruction.\n\nContext: {context}\nResponse: {response}\nLabel:")
      #expect(try importer.run().isUnchanged)
      try AtomicWrite.file("\(folder)/data/train_data/dialogue-safety/train.json", "damaged")
      #expect(try !importer.run().isUnchanged)
    }
  }

  @Test func aLabelOutsideTheSetStopsItBeforeAnythingIsWritten() throws {
    try withTemporaryFolder { folder in
      try checkout("\(folder)/up")
      try AtomicWrite.file("\(folder)/up/data/test.json", #"[{"context": "[seeker]a", "response": "[supporter]b", "label": 9}]"#)
      #expect { try DialogueSafetyImporter(from: "\(folder)/up", to: "\(folder)/data").run() } throws: {
        "\($0)".contains("data/test.json: line 1, row 1: 1 of 1 rows") && !"\($0)".contains("[seeker]")
      }
      #expect(!FileSystem.exists("\(folder)/data/test_data"))
    }
  }

  @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA")) func thePublicCopyIsImported() throws {
    let root = (Fixtures.data ?? "") + "/DialogueSafety"
    try withTemporaryFolder { folder in
      let report = try DialogueSafetyImporter(from: root, to: folder).run()
      #expect(report.rows.map(\.labels) == [[53, 5, 355, 5, 2, 11, 2, 367]])
      #expect(report.systems.map(\.name).sorted() == ["bert-base-chinese", "gpt-3.5-turbo-0613_zero_shot"] && report.hasPrompt)
      // The published prompt, filled again, is what was asked.
      let template = try SafetyPromptTemplate.standard(root: folder)
      for index in 0..<20 {
        let json = try JSON.read("\(root)/ChatGPT_gen/0613/zero_shot/one/\(index).json")
        let (context, response) = (try #require(json["item"]?["context"]?.string), try #require(json["item"]?["response"]?.string))
        #expect(json["context"]?.array?.first?["content"]?.string == template.prompt(context: context, response: response), "row \(index)")
      }
      let findings = DataCheck().run([try DialogueSafety.read("\(folder)/test_data/dialogue-safety/test.json", split: .test)])
      #expect(findings.allSatisfy { $0.severity < .error } && findings.contains { $0.kind == .imbalance })
    }
  }
}
