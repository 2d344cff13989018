import Files
import TestSupport
import Testing

@testable import AttuneCommands

/// The commands that compute, as a user types them: one short run with a random BERT of two layers, then everything that uses it.
@Suite struct JobTests {
  static let samples = Fixtures.repository
  static let generations = "\(samples)/test_data/samples/generations"

  /// Trains once; the folder stays for the other tests.
  static let run = Result {
    let folder = try temporaryFolder() + "/run"
    let outcome = try Attune.run([
      "train", "classifier", "--dataset", "all", "--data", samples, "--base", Fixtures.path("a_models/bert_seqcls"), "--output", folder, "--device", "cpu",
      "--threads", "1", "--json", "model.max_length=48", "training.max_steps=4", "training.batch_size=8",
    ])
    return (folder, outcome)
  }
  let folder: String
  let trained: ChildProcess.Outcome

  init() throws { (folder, trained) = try Self.run.get() }

  /// Standard output parsed whole: anything besides the one document would be an error.
  func document(_ outcome: ChildProcess.Outcome) throws -> JSON {
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try JSON.parse(outcome.output, source: "standard output")
  }

  /// The beginnings of posts and explanations, which belong in no output.
  static let texts: [String] = {
    let files = ["train_data/samples/sample-stress/train.csv", "test_data/samples/sample-stress.csv", "test_data/samples/generations/sample-stress.csv"]
    return files.flatMap { file in
      let text = (try? FileSystem.text("\(samples)/\(file)")) ?? ""
      return text.split(separator: "\n").dropFirst().prefix(20).map { String($0.drop { $0 != "," }.dropFirst(2).prefix(30)) }.filter { $0.count == 30 }
    }
  }()

  func expectNoText(_ outcome: ChildProcess.Outcome) {
    #expect(Self.texts.count > 30)
    for text in Self.texts { #expect(!outcome.output.contains(text) && !outcome.errors.contains(text)) }
  }

  @Test func trainingPrintsOneDocumentAndNoText() throws {
    let json = try document(trained)
    #expect(json["status"] == "done")
    #expect(json["report"]?["datasets"]?.array?.compactMap { $0["name"]?.string } == ["sample-causes", "sample-loneliness", "sample-stress"])
    #expect(trained.errors.contains("sample-stress: "))
    expectNoText(trained)
  }

  @Test func theSameCommandContinuesAndAnotherIsRefused() throws {
    let another = try Attune.run([
      "train", "classifier", "--dataset", "all", "--data", Self.samples, "--base", Fixtures.path("a_models/bert_seqcls"), "--output", folder, "--device", "cpu",
      "model.max_length=48", "training.max_steps=5", "training.batch_size=8",
    ])
    #expect(another.code == 66)
    #expect(another.errors.contains("training.max_steps"), "\(another.errors)")
  }

  @Test func labellingWritesUpstreamsFiles() throws {
    let output = "\(folder)-labelled"
    let arguments = ["label", "--models", folder, "--data", Self.generations, "--output", output, "--calculate", "--json", "--device", "cpu"]
    let outcome = try Attune.run(arguments)
    #expect(try document(outcome)["scores"]?.array?.count == 3)
    expectNoText(outcome)
    let header = try FileSystem.text("\(output)/sample-stress.csv").prefix { $0 != "\n" }
    #expect(header == "goldens,generated_text,labels")
    let again = try Attune.run(arguments)
    #expect(again.output == outcome.output && again.errors.contains("labelled before"))
    let scored = try Attune.run("label", "--data", output, "--calculate", "--json")
    #expect(scored.code == 66, "label rules of the samples stand beside their training rows, not here: \(scored.errors)")
  }

  @Test(arguments: [
    (["label", "--models", "."], "--data"), (["label", "--data", "."], "give --models and --output, or --calculate"),
    (["label", "--models", ".", "--data", "."], "--models needs --output"), (["label", "--output", "x", "--data", "."], "--output needs --models"),
  ])
  func labelSaysWhichOptionsBelongTogether(arguments: [String], words: String) throws {
    let outcome = try Attune.run(arguments)
    #expect(outcome.code == 64 && outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test func predictionIsALabelALine() throws {
    let input = "\(folder)-texts.txt"
    try AtomicWrite.file(input, "one text\n\nanother text, longer\n")
    let model = "\(folder)/models/sample-stress"
    let plain = try Attune.run("predict", "--model", model, "--input", input, "--device", "cpu")
    #expect(plain.code == 0 && plain.output.split(separator: "\n").allSatisfy { $0 == "yes" || $0 == "no" }, "\(plain.errors)")
    #expect(plain.output.count { $0 == "\n" } == 3)
    let proba = try Attune.run("predict", "--model", model, "--input", input, "--proba", "--device", "cpu").output.split(separator: "\n")
    #expect(proba.count == 3 && proba.allSatisfy { $0.contains("\tno=0.") && $0.contains("\tyes=0.") })
    let json = try document(try Attune.run("predict", "--model", model, "--input", input, "--json", "--device", "cpu"))
    #expect(json["texts"] == 3)
    #expect(json["predictions"]?.array?.compactMap { $0["label"]?.string } == plain.output.split(separator: "\n").map(String.init))
  }

  @Test func evaluationPrintsOneDocumentAndNoText() throws {
    let outcome = try Attune.run(
      "eval", "classifier", "--model", "\(folder)/models/sample-stress", "--data", "\(Self.generations)/sample-stress.csv", "--json", "--device", "cpu")
    let forms = try document(outcome)["report"]?["datasets"]?.array?.first?["forms"]?.array?.compactMap { $0["name"]?.string }
    #expect(forms == ["verdict removed", "with verdict", "labelling, verdict removed", "labelling, with verdict"])
    expectNoText(outcome)
  }
}
