import Files
import TestSupport
import Testing

@testable import AttuneCommands

/// `attune eval dialogue-safety` as a user types it: a random BERT of two layers made by `attune init`, and the shipped sample.
@Suite(.serialized) struct DialogueSafetyTests {
  static let sample = "\(Fixtures.repository)/test_data/samples/sample-dialogue.json"

  /// Made once; the folder stays for the other tests.
  static let made = Result {
    let folder = try temporaryFolder()
    let texts = ["train", "val"].map { "\(Fixtures.repository)/train_data/samples/sample-dialogue/\($0).json" }
    let base = try Attune.run(["init", "--arch", "bert", "--output", "\(folder)/base", "--text"] + texts + ["model.vocab_size=900"])
    let trained = try Attune.run(train(folder, "run"))
    return (folder, base, trained)
  }
  let folder: String
  let trained: ChildProcess.Outcome

  init() throws {
    let (folder, base, trained) = try Self.made.get()
    #expect(base.code == 0, "\(base.errors)")
    (self.folder, self.trained) = (folder, trained)
  }

  static func train(_ folder: String, _ name: String, _ more: String...) -> [String] {
    [
      "eval", "dialogue-safety", "--model", "\(folder)/base", "--data", Fixtures.repository, "--output", "\(folder)/\(name)", "--device", "cpu", "--precision", "fp32",
      "--threads", "1", "--json", "--seeds", "2", "model.max_length=64", "training.epochs=2", "optimizer.learning_rate=1e-3",
    ] + more
  }

  private func document(_ outcome: ChildProcess.Outcome) throws -> JSON {
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try JSON.parse(outcome.output, source: "standard output")
  }

  private func expectNoText(_ text: String) {
    for part in ["[seeker]", "[supporter]", "睡", "quarrel"] { #expect(!text.contains(part), "\(part)") }
  }

  @Test func trainingJudgesEveryRowOnceASeed() throws {
    let json = try document(trained)
    let systems = try #require(json["systems"]?.array)
    #expect(systems.compactMap { $0["name"]?.string } == ["base", "TF-IDF + logistic regression", "majority class"])
    #expect(systems[0]["runs"] == ["42", "43"] && systems[0]["answers"] == 80 && systems[0]["unparsed"] == 0)
    #expect(json["notes"]?.array?.isEmpty == true)
    for file in ["config.yaml", "manifest.json", "per_run.csv", "summary.csv", "confusion.csv", "report.html", "seed-43/predictions.jsonl", "models/dialogue-safety/config.json"] {
      #expect(FileSystem.isFile("\(folder)/run/\(file)"), "\(file)")
    }
    for text in [trained.output, trained.errors, try FileSystem.text("\(folder)/run/report.html"), try FileSystem.text("\(folder)/run/seed-42/predictions.jsonl")] { expectNoText(text) }
    let config = try JSON.read("\(folder)/run/models/dialogue-safety/config.json")
    #expect(config["classifier_head"] == "first_token" && config["id2label"]?["7"] == "Safe Response")
    #expect(try FileSystem.text("\(folder)/run/models/dialogue-safety/tokenizer.json").contains("[seeker]"))
  }

  @Test func theSameCommandGivesTheSameAndAnotherIsRefused() throws {
    let again = try document(try Attune.run(Self.train(folder, "run")))
    #expect(again["systems"] == (try document(trained))["systems"])
    let other = try Attune.run(Self.train(folder, "run", "training.focal_gamma=2"))
    #expect(other.code == 66 && other.errors.contains("training.focal_gamma"), "\(other.errors)")
  }

  @Test func storedPredictionsScoreAsTheyDidAndTheModelIsAClassifier() throws {
    let scored = try document(try Attune.run("eval", "dialogue-safety", "--predictions", "\(folder)/run/predictions/base.jsonl", "--test", Self.sample, "--json"))
    let (found, expected) = (scored["systems"]?.array?.first?["scores"], try document(trained)["systems"]?.array?.first?["scores"])
    #expect(found == expected)
    let best = try Attune.run("eval", "classifier", "--model", "\(folder)/run/models/dialogue-safety", "--data", Self.sample, "--json", "--device", "cpu", "--precision", "fp32")
    let accuracy = try document(best)["report"]?["datasets"]?.array?.first?["accuracy"]?["mean"]?.double
    let runs = expected?["fine8"]?["accuracy"]?["runs"]?.array?.compactMap(\.double)
    #expect(runs?.contains { abs($0 - (accuracy ?? -1)) < 1e-12 } == true, "\(String(describing: accuracy)) of \(String(describing: runs))")
  }

  /// What was trained answers new rows: the same labels that it gave the test set.
  @Test func theModelAnswersPairsOfContextAndResponse() throws {
    let rows = try #require(try JSON.read(Self.sample).array)
    let path = "\(folder)/pairs.jsonl"
    try AtomicWrite.file(path, rows.map { JSON.object(["context": $0["context"]!, "response": $0["response"]!]).encoded() + "\n" }.joined())
    let model = "\(folder)/run/models/dialogue-safety"
    let arguments = ["predict", "--model", model, "--input", path, "--device", "cpu", "--precision", "fp32"]
    let labels = try Attune.run(arguments).output.split(separator: "\n").map(String.init)
    let names = try JSON.read("\(model)/config.json")["id2label"]
    let stored = try [42, 43].map { seed in
      try FileSystem.text("\(folder)/run/seed-\(seed)/predictions.jsonl").split(separator: "\n").map { try JSON.parse(String($0), source: "predictions.jsonl") }
        .map { names?["\($0["predicted"]?.int ?? -1)"]?.string }
    }
    #expect(labels.count == rows.count && stored.contains { $0 == labels.map(Optional.some) }, "\(labels.prefix(5))")
    try AtomicWrite.file(path, #"{"context": "[seeker]睡"}"# + "\n")
    let wrong = try Attune.run(arguments)
    #expect(wrong.code == 66 && wrong.errors.contains("pairs.jsonl: line 1: expected an object with a string \"response\""), "\(wrong.errors)")
    expectNoText(wrong.errors)
  }

  @Test func withoutTrainingRowsTheTestSetIsCrossValidatedAndThatIsSaid() throws {
    let arguments = Self.train(folder, "folds", "--test", Self.sample, "--folds", "3", "training.best_metric=macro_f1", "training.focal_gamma=2")
    let outcome = try Attune.run(arguments)
    let json = try document(outcome)
    #expect(json["systems"]?.array?.first?["name"] == "base, cross-validated" && json["systems"]?.array?.first?["answers"] == 80)
    #expect(json["notes"]?.array?.first?.string?.contains("must not be compared with the paper's") == true)
    #expect(try FileSystem.text("\(folder)/folds/report.html").contains("must not be compared"))
    #expect(FileSystem.entries("\(folder)/folds/seed-42") == ["fold-1", "fold-2", "fold-3"])
    #expect(!FileSystem.exists("\(folder)/folds/seed-42/fold-1/best") && !FileSystem.exists("\(folder)/folds/models"))
    // A fold that is lost is trained again, the others are not.
    AtomicWrite.removeTree("\(folder)/folds/seed-43/fold-2")
    let again = try Attune.run(arguments)
    #expect(try document(again)["systems"] == json["systems"])
    #expect(again.errors.split(separator: "\n").count { $0.contains("was trained before") } == 5 && again.errors.contains("seed 43, fold 2 of 3: took"))
  }

  @Test func compatSplitsTagsAndSaysThatItChoosesOnTheTestRows() throws {
    let outcome = try Attune.run(Self.train(folder, "compat", "--compat", "--seeds", "1"))
    #expect(try document(outcome)["notes"]?.array?.first?.string?.hasPrefix("Warning: as upstream does") == true)
    #expect(outcome.errors.contains("Warning: as upstream does"))
    let tokenizer = try FileSystem.text("\(folder)/compat/models/dialogue-safety/tokenizer_config.json")
    #expect(tokenizer.contains("never_split") && !FileSystem.exists("\(folder)/compat/models/dialogue-safety/tokenizer.json"))
  }

  @Test func aDryRunWritesNothing() throws {
    let outcome = try Attune.run(Self.train(folder, "dry", "--dry-run"))
    #expect(try document(outcome)["trainings"] == 2 && !FileSystem.exists("\(folder)/dry"))
  }

  @Test func aLabelOutsideTheSetNamesFileAndRow() throws {
    let path = "\(folder)/bad.json"
    try AtomicWrite.file(path, "[\n" + #"{"context": "[seeker]睡", "response": "[supporter]x", "label": 7},"# + "\n" + #"{"context": "[seeker]睡", "response": "[supporter]x", "label": 8}]"#)
    for arguments in [["eval", "dialogue-safety", "--predictions", Self.sample + "l", "--test", path], Self.train(folder, "bad", "--train", path)] {
      let outcome = try Attune.run(arguments)
      #expect(outcome.code == 66 && outcome.errors.contains("\(path): line 3, row 2: 1 of 2 rows"), "\(outcome.errors)")
      expectNoText(outcome.errors)
    }
    let check = try Attune.run("data", "check", path)
    #expect(check.code == 1 && check.output.contains("error: dialogue-safety: unmatched-label") && check.output.contains("[test/2]"), "\(check.output)")
  }

  @Test func dataCheckKnowsTheSample() throws {
    let outcome = try Attune.run("data", "check", Self.sample)
    #expect(outcome.code == 0 && outcome.output.contains("40 rows of 1 dataset"), "\(outcome.output)\(outcome.errors)")
  }

  @Test(arguments: [
    ([], "give --predictions PATH, or --model DIR"), (["--predictions", "x", "--folds", "3"], "--predictions takes no options of a training"),
    (["--model", "/usr", "--folds", "1"], "--folds 1: found 1, expected a whole number from 2 to 20"), (["--model", "/usr", "model.head=third"], "one of pooler, first_token, dense"),
    (["--model", "/usr", "model.method=lora", "model.head=dense"], "that is pooler, as method lora needs"),
    (["--model", "/usr", "model.method=linear"], "The linear model is trained beside every run"), (["--model", "/usr", "data.input=full"], "expected context+response"),
  ])
  func wrongUsageIsExplained(_ arguments: [String], _ words: String) throws {
    let outcome = try Attune.run(["eval", "dialogue-safety"] + arguments)
    #expect(outcome.code == 64 && outcome.errors.contains(words), "\(outcome.errors)")
  }
}
