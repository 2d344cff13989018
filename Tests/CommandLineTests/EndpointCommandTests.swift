import Files
import Glibc
import TestSupport
import Testing

@testable import AttuneCommands

/// The commands that take `--endpoint`, as a user types them, against a server on loopback.
@Suite(.serialized) struct EndpointCommandTests {
  static let key = "sk-canary-command-61f0c2"

  /// A folder that goes away, and a server that answers as `script` says; its key is in the environment.
  private func with(_ script: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Action, _ body: (String, ScriptedServer) throws -> Void) throws {
    setenv("ATTUNE_API_KEY", Self.key, 1)
    defer { unsetenv("ATTUNE_API_KEY") }
    let server = try ScriptedServer(script)
    defer { server.stop() }
    try withTemporaryFolder { try body($0, server) }
  }

  /// Nothing that a run said or wrote holds the key.
  private func expectNoKey(_ folder: String, _ outcomes: [ChildProcess.Outcome]) throws {
    for outcome in outcomes { #expect(!outcome.output.contains("canary") && !outcome.errors.contains("canary")) }
    var files: [String] = []
    func list(_ folder: String) {
      for name in FileSystem.entries(folder) { FileSystem.isFolder("\(folder)/\(name)") ? list("\(folder)/\(name)") : files.append("\(folder)/\(name)") }
    }
    list(folder)
    #expect(files.contains { $0.hasSuffix("manifest.json") } && files.contains { $0.hasSuffix("config.yaml") })
    for file in files { #expect(try !FileSystem.text(file).contains("canary"), "\(file)") }
  }

  /// What cannot be asked leaves nothing behind, and a cache may lie in the run folder itself.
  @Test func aModelThatCannotBeAskedLeavesNoFolder() throws {
    try with({ .answer(completion("Yes, \($0.number)")) }) { folder, server in
      let command = ["eval", "imhi", "--data", Fixtures.repository, "--output", "\(folder)/run", "--cache", "\(folder)/run/cache.sqlite", "--device", "cpu", "--endpoint"]
      let keyless = try Attune.run(command + ["together:m"])
      #expect(keyless.code == 66 && keyless.errors.contains("TOGETHER_API_KEY") && !FileSystem.exists("\(folder)/run"), "\(keyless.errors)")
      let asked = try Attune.run(command + ["\(server.address)#tiny"])
      #expect(asked.code == 0 && FileSystem.isFile("\(folder)/run/cache.sqlite"), "\(asked.errors)")
    }
  }

  private func dialogues(_ folder: String, _ server: ScriptedServer, _ more: String...) -> [String] {
    [
      "eval", "dialogue-safety", "--endpoint", "\(server.address)#tiny", "--shots", "zero", "--rounds", "2", "--data", Fixtures.repository, "--output", "\(folder)/run",
      "--cache", "\(folder)/answers/cache.sqlite", "--json",
    ] + more
  }

  @Test func dialoguesAreAskedResumedAndJudged() throws {
    try with({ $0.number < 5 ? .answer(413, ["Content-Type": "application/json"], "{}") : .answer(completion("Safe Response. Because")) }) { folder, server in
      let first = try Attune.run(dialogues(folder, server))
      #expect(first.code == 66 && first.errors.contains("rows were not answered") && first.errors.contains("413"), "\(first.errors)")
      #expect(server.requests.count == 80 && server.requests.allSatisfy { $0.headers["authorization"] == "Bearer \(Self.key)" && $0.body["temperature"] == 1.0 })
      // The same prompt in another round is another request: its seed is its own.
      #expect(Set(server.requests.compactMap { $0.body["seed"]?.int }).count == 80)
      let second = try Attune.run(dialogues(folder, server))
      #expect(second.code == 0 && server.requests.count == 85, "\(second.errors)")
      let system = try #require(try JSON.parse(second.output, source: "output")["systems"]?.array?.first)
      #expect(system["name"] == "tiny_zero_shot" && system["unparsed"] == 0 && system["answers"] == 80)
      #expect(system["scores"]?["fine8"]?["accuracy"]?["runs"]?.array?.compactMap(\.double) == [0.325, 0.325])
      // Anew, but from the cache.
      let third = try Attune.run(dialogues(folder, server, "--overwrite"))
      #expect(third.code == 0 && server.requests.count == 85 && third.errors.contains("80 from the cache"), "\(third.errors)")
      try expectNoKey(folder, [first, second, third])
      let other = try Attune.run(dialogues(folder, server, "generation.temperature=0.5"))
      #expect(other.code == 66 && other.errors.contains("another configuration"), "\(other.errors)")
    }
  }

  @Test func aBatchIsWrittenAndItsResultsAreRead() throws {
    try with({ _ in .reset }) { folder, server in
      let file = "\(folder)/batch.jsonl"
      let written = try Attune.run(dialogues(folder, server, "--batch", file))
      #expect(written.code == 66 && written.errors.contains("80 requests") && server.requests.isEmpty, "\(written.errors)")
      let results = try FileSystem.text(file).split(separator: "\n").map { line in
        let body = try JSON.parse(completion("Linguistic Neglect"), source: "")
        return JSON.object(["custom_id": try JSON.parse(String(line), source: file)["custom_id"] ?? .null, "response": ["status_code": 200, "body": body], "error": nil]).encoded()
      }
      try AtomicWrite.file("\(folder)/results.jsonl", results.reversed().joined(separator: "\n") + "\n")
      let read = try Attune.run(dialogues(folder, server, "--batch-results", "\(folder)/results.jsonl"))
      #expect(read.code == 0 && server.requests.isEmpty, "\(read.errors)")
      #expect(try JSON.parse(read.output, source: "")["systems"]?.array?.first?["scores"]?["fine8"]?["accuracy"]?["runs"]?.array?.compactMap(\.double) == [0.3, 0.3])
      try expectNoKey(folder, [written, read])
    }
  }

  @Test func theBenchmarkRunsAgainstAServerAndIsTheSameWhenItWasInterrupted() throws {
    let answer: @Sendable (ScriptedServer.Request) -> ScriptedServer.Action = { .answer(completion("Yes, the poster suffers. Reasoning: \($0.question.utf8.count)")) }
    func command(_ folder: String, _ server: ScriptedServer, _ name: String) -> [String] {
      ["eval", "imhi", "--endpoint", "\(server.address)#tiny", "--data", Fixtures.repository, "--output", "\(folder)/\(name)", "--device", "cpu", "--threads", "1", "--json"]
    }
    try with(answer) { folder, whole in
      let reference = try Attune.run(command(folder, whole, "whole"))
      #expect(reference.code == 0, "\(reference.errors)")
      let rows = whole.requests.count
      #expect(rows > 10 && whole.requests.allSatisfy { $0.body["temperature"] == 0.0 && $0.body["max_tokens"] == 512 })
      try with({ $0.number % 3 == 1 && $0.number < rows ? .answer(400, ["Content-Type": "application/json"], #"{"error": {"code": "context_length_exceeded"}}"#) : answer($0) }) { folder, server in
        let first = try Attune.run(command(folder, server, "run"))
        #expect(first.code == 66 && first.errors.contains("context_length_exceeded"), "\(first.errors)")
        let second = try Attune.run(command(folder, server, "run"))
        #expect(second.code == 0 && server.requests.count == rows + (rows + 1) / 3, "\(second.errors)")
        let (a, b) = (try JSON.parse(reference.output, source: "a"), try JSON.parse(second.output, source: "b"))
        #expect(a["sets"] != nil && a["sets"] == b["sets"])
        try expectNoKey(folder, [first, second])
      }
    }
  }

  /// Two nights of a suite with one cache: each asks for its own answers, and each, begun anew or gone on with, finds its own.
  @Test func everyNamedRunOfASuiteAsksForItself() throws {
    try with({ $0.question.utf8.count % 2 == 0 || $0.number >= 64 ? .answer(completion("(A)")) : .answer(413, ["Content-Type": "application/json"], "{}") }) { folder, server in
      var asked = 0
      /// Runs the suite and says how many requests came.
      func run(_ code: Int32, _ more: [String]) throws -> Int {
        let command = ["eval", "stigma", "--model", "\(server.address)#tiny", "--data", Fixtures.repository, "--output", "\(folder)/out", "--cache", "\(folder)/cache.sqlite"]
        let outcome = try Attune.run(command + more)
        #expect(outcome.code == code, "\(more) \(outcome.errors)")
        defer { asked = server.requests.count }
        return server.requests.count - asked
      }
      let files = "\(folder)/out/model=tiny&steel-man-prompt=False"
      #expect(try run(66, ["--run", "night-1"]) == 64)
      let first = try FileSystem.text("\(files)/night-1.jsonl")
      let open = first.split(separator: "\n").count { $0.contains("\"output\":null") }
      #expect((1..<64).contains(open))
      // Gone on with, under its name or as the newest: what is missing.
      #expect(try run(0, []) == open)
      // Begun anew under its name: its own answers.
      let whole = try FileSystem.text("\(files)/night-1.jsonl")
      #expect(try run(0, ["--run", "night-1", "--overwrite"]) == 0 && FileSystem.text("\(files)/night-1.jsonl") == whole)
      // Another night, cut short, and gone on with as the newest.
      #expect(try run(0, ["--run", "night-2", "--limit", "20"]) == 20 && run(0, []) == 44)
      #expect(try JSON.read("\(files)/night-2.manifest.json")["run"] == "night-2")
      // Lost but for its name.
      for file in FileSystem.entries(files) where file.hasPrefix("night-2") { AtomicWrite.removeTree("\(files)/\(file)") }
      #expect(try run(0, ["--run", "night-2"]) == 0)
      // One without a name is one more, and stays without one.
      AtomicWrite.removeTree(files)
      #expect(try run(0, []) == 64 && run(0, ["--overwrite"]) == 0)
    }
  }

  /// The same of letters' probabilities with their calibration, and of replies with their judgements.
  @Test func scoresRepliesAndJudgementsAreARunsOwnToo() throws {
    let script: @Sendable (ScriptedServer.Request) -> ScriptedServer.Action = { request in
      // Replies that differ, so that no two are judged by one request.
      guard request.body["logprobs"] == true else { return .answer(completion("(A) \(request.body["messages"]?.encoded().utf8.count ?? 0)")) }
      let letters = "ABCDE".map { letter -> JSON in ["token": .string("\(letter)"), "logprob": -1.5] }
      let json: JSON = ["choices": [["message": ["role": "assistant", "content": "A"], "logprobs": ["content": [["token": "A", "logprob": -1.5, "top_logprobs": .array(letters)]]]]]]
      return .answer(json.encoded())
    }
    try with(script) { folder, server in
      let place = ["--data", Fixtures.repository, "--output", "\(folder)/out"]
      let asking = ["--model", "\(server.address)#tiny", "--cache", "\(folder)/cache.sqlite"] + place
      var asked = 0
      func run(_ arguments: [String]) throws -> Int {
        let outcome = try Attune.run(["eval"] + arguments + asking)
        #expect(outcome.code == 0, "\(arguments) \(outcome.errors)")
        defer { asked = server.requests.count }
        return server.requests.count - asked
      }
      let likelihood = ["stigma", "--by", "likelihood", "--run"]
      let once = try run(likelihood + ["night-1"])
      #expect(try once > 64 && run(likelihood + ["night-2"]) == once && run(likelihood + ["night-1", "--overwrite"]) == 0)

      let placed = try Attune.run(["eval", "interjections", "prompts", "--date", "2025-01-17", "--json"] + place)
      let prompts = try #require(try JSON.parse(placed.output, source: "output")["output"]?.string)
      let results = "\(folder)/out/contextualize=False&contextualize-model=None&date=2025-01-17&filter-model=sample-filter&model=tiny&steel-man-prompt=False"
      let evaluate = ["interjections", "evaluate", "--prompts", prompts, "--run"]
      func classify(_ night: String) -> [String] { ["interjections", "classify", "--results", "\(results)/\(night).jsonl"] }
      for night in ["night-1", "night-2"] { #expect(try run(evaluate + [night]) == 8 && run(classify(night)) == 8) }
      for night in ["night-1", "night-2"] {
        #expect(try run(evaluate + [night, "--overwrite"]) == 0 && run(classify(night)) == 0)
        #expect(try run(classify(night) + ["--overwrite"]) == 0)
      }
    }
  }

  @Test func textsAreScoredByLogProbabilities() throws {
    // Every word a token; its log-probability is minus its length.
    let script: @Sendable (ScriptedServer.Request) -> ScriptedServer.Action = { request in
      var tokens: [String] = []
      for character in request.body["prompt"]?.string ?? "" { if character == " " || tokens.isEmpty { tokens.append("\(character)") } else { tokens[tokens.count - 1].append(character) } }
      let values = tokens.enumerated().map { $0 == 0 ? JSON.null : .number(-Double($1.count)) }
      let json: JSON = [
        "choices": [["text": "", "logprobs": ["tokens": .array((tokens + ["!"]).map(JSON.string)), "token_logprobs": .array(values + [.number(-9)])]]],
        "usage": ["prompt_tokens": .integer(tokens.count), "completion_tokens": 1],
      ]
      return .answer(json.encoded())
    }
    try with(script) { folder, server in
      try AtomicWrite.file("\(folder)/DR.csv", "goldens,generated_text\naa bbbb,c ddd\nx,y\n")
      func score(_ more: String...) throws -> JSON {
        let outcome = try Attune.run(["score", "--method", "gpt-score", "--endpoint", "\(server.address)#tiny", "--data", folder, "--json"] + more)
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try JSON.parse(outcome.output, source: "output")["files"]?.array?.first ?? .null
      }
      let golden = try score()
      // " aa", " bbbb" and " x"; " c", " ddd" and " y".
      let expected: Double = -3  // the mean of -(3 + 5) / 2 and -2
      #expect(golden["scores"]?["gpt_score"]?.double == expected)
      #expect(golden["signature"]?.string?.contains("dir:hypo-ref") == true)
      #expect(server.requests.contains { $0.body["prompt"] == "Rewrite the following text with the same semantics. c ddd In other words, aa bbbb" })
      #expect(try score("--direction", "ref-hypo")["scores"]?["gpt_score"]?.double == (-(2 + 4) / 2.0 - 2) / 2)
      #expect(try score("--direction", "f")["scores"]?["gpt_score"]?.double == ((-4.0 - 3) / 2 - 2) / 2)
      try AtomicWrite.file("\(folder)/template.txt", "Say it again: {given}\nAgain:{scored}\n")
      _ = try score("--template", "\(folder)/template.txt")
      #expect(server.requests.contains { $0.body["prompt"] == "Say it again: c ddd\nAgain:aa bbbb" })
      try AtomicWrite.file("\(folder)/template.txt", "{scored} {given}")
      let wrong = try Attune.run(["score", "--method", "gpt-score", "--endpoint", "\(server.address)#tiny", "--data", folder, "--template", "\(folder)/template.txt"])
      #expect(wrong.code == 66 && wrong.errors.contains("{scored} as the end"), "\(wrong.errors)")
    }
  }

  @Test(arguments: [
    (["eval", "imhi", "--endpoint", "azure:x", "--output", "/tmp/attune-none"], 66, "azure is no provider"), (["eval", "imhi", "--endpoint", "openai:m", "--model", "x", "--output", "y"], 64, "one of --model"),
    (["eval", "imhi", "--answers", "/usr", "--output", "y", "--bert-score-idf"], 64, "name its encoder with --bert-score DIR"),
    (["eval", "imhi", "--answers", "/usr", "--output", "y", "--bert-score", "/usr", "--bert-score-baseline", "none"], 66, "none: No such file or directory, expected a file of baselines"),
    (["eval", "imhi", "--answers", "/usr", "--output", "y", "--bert-score", "/usr", "--bert-score-layer=-1"], 64, "expected a layer from 0"),
    (["eval", "dialogue-safety", "--shots", "zero", "--endpoint", "openai:m"], 64, "--output DIR"), (["score", "--method", "bleu-score", "--data", "x"], 64, "expected"),
    (["score", "--method", "bart-score", "--model", "x", "--endpoint", "openai:m", "--data", "x"], 64, "--method gpt-score"), (["score", "--method", "gpt-score", "--data", "x"], 64, "or --endpoint"),
  ])
  func wrongUsageIsExplained(_ arguments: [String], _ code: Int32, _ words: String) throws {
    let outcome = try Attune.run(arguments)
    #expect(outcome.code == code && outcome.errors.contains(words), "\(outcome.errors)")
  }
}
