import Files
import TestSupport
import Testing

@testable import AttuneCommands

/// `attune eval dialogue-safety --shots`: a random LLaMA asked about the shipped sample. What it says names no label; what is done with it counts.
@Suite(.serialized) struct DialogueAskTests {
  static let made = Result {
    let folder = try temporaryFolder()
    let model = try Attune.run(["init", "--arch", "llama", "--output", "\(folder)/model", "model.max_position_embeddings=4096"])
    return (folder, model, try Attune.run(ask(folder, "few", "few")))
  }
  let folder: String
  let asked: ChildProcess.Outcome

  init() throws {
    let (folder, model, asked) = try Self.made.get()
    #expect(model.code == 0, "\(model.errors)")
    (self.folder, self.asked) = (folder, asked)
  }

  static func ask(_ folder: String, _ shots: String, _ name: String, _ more: String...) -> [String] {
    [
      "eval", "dialogue-safety", "--model", "\(folder)/model", "--shots", shots, "--rounds", "2", "--data", Fixtures.repository, "--output", "\(folder)/\(name)",
      "--device", "cpu", "--precision", "fp32", "--threads", "1", "--json",
    ] + more
  }

  private func document(_ outcome: ChildProcess.Outcome) throws -> JSON {
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try JSON.parse(outcome.output, source: "standard output")
  }

  private func journal(_ name: String, _ round: String) throws -> [JSON] {
    try FileSystem.text("\(folder)/\(name)/answers/\(round).jsonl").split(separator: "\n").map { try JSON.parse(String($0), source: round) }
  }

  @Test func everyRowIsAskedInEveryRoundAndWhatNamesNoLabelIsCounted() throws {
    let json = try document(asked)
    let system = try #require(json["systems"]?.array?.first)
    #expect(system["name"] == "model_few_shot" && system["runs"] == ["one", "two"] && system["answers"] == 80)
    #expect(system["unparsed"] == 80 && system["scores"]?["fine8"]?["accuracy"]?["mean"]?.double == 0)
    #expect(json["notes"]?.array?.first?.string?.hasPrefix("80 of 80 answers name none") == true)
    let (one, two) = (try journal("few", "one"), try journal("few", "two"))
    #expect(one.count == 40 && two.count == 40 && one.allSatisfy { ($0["tokens"]?.int ?? 99) <= 10 })
    // Other examples in the second round, so other prompts.
    #expect(one.compactMap { $0["prompt"]?.string }.sorted() != two.compactMap { $0["prompt"]?.string }.sorted())
    for part in ["[seeker]", "睡"] { #expect(!asked.errors.contains(part) && !asked.output.contains(part)) }
  }

  @Test func roundsDrawTheirOwnAnswersToTheSamePrompts() throws {
    _ = try document(try Attune.run(Self.ask(folder, "zero", "zero")))
    func byRow(_ round: String, _ key: String) throws -> [String] {
      try journal("zero", round).sorted { ($0["row"]?.int ?? 0) < ($1["row"]?.int ?? 0) }.compactMap { $0[key]?.string }
    }
    #expect(try byRow("one", "prompt") == byRow("two", "prompt"))
    #expect(try byRow("one", "text") != byRow("two", "text"))
  }

  /// As a kill leaves it: some whole lines and a torn one.
  @Test func aTornJournalIsCompletedWithTheSameAnswers() throws {
    let whole = try document(try Attune.run(Self.ask(folder, "zero", "torn")))
    let path = "\(folder)/torn/answers/two.jsonl"
    let text = try FileSystem.text(path)
    let lines = text.split(separator: "\n")
    try AtomicWrite.file(path, lines.prefix(25).joined(separator: "\n") + "\n" + lines[25].prefix(20))
    let again = try Attune.run(Self.ask(folder, "zero", "torn"))
    #expect(try document(again)["systems"] == whole["systems"])
    #expect(again.errors.contains("65 rows were answered before"), "\(again.errors)")
    #expect(Set(try FileSystem.text(path).split(separator: "\n").map(String.init)) == Set(lines.map(String.init)))
  }

  @Test func answersThatNameALabelAreJudged() throws {
    _ = try document(try Attune.run(Self.ask(folder, "zero", "told")))
    for round in ["one", "two"] {
      let lines = try journal("told", round).map { line in
        var object = try #require(line.object)
        object["text"] = .string(round == "one" ? "Safe Response. Because" : "Linguistic Neglect")
        return JSON.object(object).encoded() + "\n"
      }
      try AtomicWrite.file("\(folder)/told/answers/\(round).jsonl", lines.joined())
    }
    let system = try #require(try document(try Attune.run(Self.ask(folder, "zero", "told")))["systems"]?.array?.first)
    // 13 and 12 of the 40 rows.
    #expect(system["scores"]?["fine8"]?["accuracy"]?["runs"]?.array?.compactMap(\.double) == [0.325, 0.3] && system["unparsed"] == 0)
  }

  @Test func fewShotsNeedARowOfEachLabel() throws {
    let path = "\(folder)/train.json"
    try AtomicWrite.file(path, #"[{"context": "[seeker]a", "response": "[supporter]b", "label": 7}]"#)
    let outcome = try Attune.run(Self.ask(folder, "few", "none", "--train", path, "--test", DialogueSafetyTests.sample))
    #expect(outcome.code == 66 && outcome.errors.contains("no row of Nonsense, expected one of each label to show"), "\(outcome.errors)")
    let bare = try Attune.run(Self.ask(folder, "few", "none", "--test", DialogueSafetyTests.sample))
    #expect(bare.code == 66 && bare.errors.contains("Name training rows with --train"), "\(bare.errors)")
  }

  @Test(arguments: [
    (["--shots", "zero", "--model", "x"], "--shots needs --model DIR or --endpoint MODEL, and --output DIR"), (["--rounds", "2", "--model", "x"], "give --shots zero or --shots few"),
    (["--shots", "zero", "--folds", "2", "--model", "x", "--output", "y"], "--shots asks a model and trains none"), (["--shots", "one"], "zero"),
  ])
  func wrongUsageIsExplained(_ arguments: [String], _ words: String) throws {
    let outcome = try Attune.run(["eval", "dialogue-safety"] + arguments)
    #expect(outcome.code == 64 && outcome.errors.contains(words), "\(outcome.errors)")
  }
}
