import Configuration
import Files
import Synchronization
import TestSupport
import Testing
import Tokenizers

@testable import Endpoints

/// The whole of the client but the network, under a clock that does not wait.
@Suite struct RemoteModelTests {
  @Test func headersCarryTheKeyAndNothingElseDoes() throws {
    let transport = ScriptedTransport { _ in .json(completion("B")) }
    let openAI = try model(transport: transport)
    #expect(try openAI.replies([question("a")])[0]?.text == "B")
    let sent = transport.requests[0]
    #expect(sent.url == "https://api.openai.com/v1/chat/completions" && sent.headers["authorization"] == "Bearer \(canary)")
    #expect(!sent.body.encoded().contains("canary") && !openAI.identity.contains("canary"))

    let anthropic = ScriptedTransport { _ in .json(#"{"content": [{"type": "text", "text": "B"}], "stop_reason": "end_turn"}"#) }
    #expect(try model("anthropic:claude", transport: anthropic).replies([question("a")])[0]?.text == "B")
    let headers = anthropic.requests[0].headers
    #expect(headers["x-api-key"] == canary && headers["anthropic-version"] == "2023-06-01" && headers["authorization"] == nil)
  }

  @Test func aFailureThatPassesIsAskedAgainWithGrowingWaits() throws {
    let time = VirtualTime()
    let transport = ScriptedTransport(time) { (request) throws(TransportFailure) in
      switch request.number {
      case 0: return .json("{}", status: 500)
      case 1: throw .broken("reset")
      case 2: return .json("{}", status: 429, ["retry-after": "7"])
      case 3: throw .timedOut
      case 4: return .json("not json")
      case 5: return .json("{}", status: 429, ["retry-after": "Sun, 06 Nov 1994 08:52:37 GMT"])
      default: return .json(completion("B"))
      }
    }
    let model = try model(time: time, transport: transport)
    #expect(try model.replies([question("a")])[0]?.text == "B")
    #expect(model.usage.attempts == 7 && model.usage.answered == 1)
    // 0.5 doubling at full jitter's bound; what a server asks for, and half a second more.
    let waits = zip(transport.requests.dropFirst(), transport.requests).map { $0.time - $1.time }
    let date = 180.0 - (0.5 + 1 + 7.5 + 4 + 8)
    #expect(zip(waits, [0.5, 1, 7.5, 4, 8, date + 0.5]).allSatisfy { abs($0 - $1) < 1e-6 } && waits.count == 6, "\(waits)")
  }

  @Test func jitterDrawsAnythingUpToTheBound() {
    let policy = RetryPolicy(EndpointSettings())
    #expect(policy.wait(before: 3, serverAsks: nil, draw: 0.25) == 0.5 && policy.wait(before: 1, serverAsks: nil, draw: 0) == 0)
    #expect(policy.wait(before: 40, serverAsks: nil, draw: 1) == 60 && policy.wait(before: 1, serverAsks: 3, draw: 0.5) == 3.25)
  }

  @Test func aRequestThatFailsForGoodIsReportedOnceAndTheOthersAreAnswered() throws {
    let transport = ScriptedTransport { request in
      request.body["messages"]?.array?[0]["content"] == "bad" ? .json("{}", status: 503) : .json(completion("B"))
    }
    let model = try model(transport: transport) { $0.retries = 3 }
    let replies = try model.replies([question("a"), question("bad"), question("c")])
    #expect(replies[0]?.text == "B" && replies[2]?.text == "B" && replies.count == 3)
    #expect(replies[1]?.reason == "503; asked 4 times")
    #expect(model.usage.answered == 2 && model.usage.unanswered == 1 && model.usage.attempts == 6)
  }

  @Test func theTotalTimeBoundsTheRepetitions() throws {
    let time = VirtualTime()
    let transport = ScriptedTransport(time) { _ in .json("{}", status: 429, ["retry-after": "3600"]) }
    let replies = try model(time: time, transport: transport).replies([question("a")])
    #expect(replies[0]?.reason == "429; another attempt would not fit in 900.0 s" && transport.requests.count == 1 && time.now == 0)
  }

  @Test(arguments: [(401, "Check the key"), (404, "name of the model"), (400, "endpoint.omit"), (302, "must not travel")])
  func whatWouldFailForAllStopsTheRunAtOnce(status: Int, words: String) throws {
    let transport = ScriptedTransport { _ in .json(#"{"error": {"message": "No.", "code": "no_good"}}"#, status: status, ["location": "https://evil.example"]) }
    let model = try model(transport: transport)
    #expect { try model.replies((0..<1008).map { question("q\($0)") }) } throws: { error in
      error is InputError && "\(error)".contains("\(status)") && "\(error)".contains(words) && "\(error)".contains("https://api.openai.com/v1")
    }
    #expect(transport.requests.count == 1)
  }

  @Test func aServerThatWasNeverThereStopsTheRunAndOneThatWasDoesNot() throws {
    let never = ScriptedTransport { (_) throws(TransportFailure) in throw .unreachable("refused") }
    #expect { try model(transport: never) { $0.retries = 2 }.replies([question("a"), question("b")]) } throws: { "\($0)".contains("no connection (refused)") }
    #expect(never.requests.count == 3)
    let once = ScriptedTransport { (request) throws(TransportFailure) in
      if request.number > 0 { throw .unreachable("refused") }
      return .json(completion("A"))
    }
    let replies = try model(transport: once) { $0.retries = 2 }.replies([question("a"), question("b"), question("c")])
    #expect(replies[0]?.text == "A" && replies[1]?.reason == "no connection (refused); asked 3 times" && replies[2]?.reason != nil)
  }

  @Test func equalRequestsAreAskedOnceAndRepetitionsAreNotEqual() throws {
    let transport = ScriptedTransport { .json(completion("t\($0.number)")) }
    let model = try model(transport: transport)
    let replies = try model.replies([question("a"), question("b"), question("a"), question("a", repetition: 1)])
    #expect(transport.requests.count == 3)
    #expect((0..<4).map { replies[$0]?.text } == ["t0", "t1", "t0", "t2"])
    #expect(model.usage.answered == 3 && model.usage.cached == 1)
  }

  @Test func tokensAreSummedAndPaid() throws {
    let transport = ScriptedTransport { _ in .json(completion("B", prompt: 1000, answer: 50)) }
    let model = try model(transport: transport) { $0.prices = PriceTable([("gpt-4o", .init(prompt: 2.5, answer: 10))]) }
    _ = try model.replies([question("a"), question("b")])
    #expect(model.usage.promptTokens == 2000 && model.usage.answerTokens == 100 && abs((model.usage.cost ?? 0) - 0.006) < 1e-12)
    let other = try EndpointsTests.model(transport: transport)
    _ = try other.replies([question("a")])
    #expect(other.usage.cost == nil)
  }

  @Test func requestsArePacedAsTheLimitsSay() throws {
    let time = VirtualTime()
    let transport = ScriptedTransport(time) { $0.number % 5 == 4 ? .json("{}", status: 500) : .json(completion("B")) }
    _ = try EndpointsTests.model(time: time, transport: transport) { $0.requestsPerMinute = 30 }.replies((0..<100).map { question("q\($0)") })
    let times = transport.requests.map(\.time)
    for (index, start) in times.enumerated() { #expect(times[index...].prefix { $0 < start + 60 }.count <= 30) }
    #expect(times.count == 124)  // repetitions are paced too
  }

  // MARK: The cache

  @Test func whatIsInTheCacheIsNotAskedAgain() throws {
    try withTemporaryFolder { folder in
      let transport = ScriptedTransport { .json(completion("t\($0.number)")) }
      let cached = { (change: (inout EndpointSettings) -> Void) in try EndpointsTests.model(transport: transport) { $0.cache = "\(folder)/c/cache.sqlite"; change(&$0) } }
      let requests = [question("a"), question("b")]
      _ = try cached { _ in }.replies(requests)
      let again = try cached { $0.concurrency = 8 }
      let replies = try again.replies(requests + [question("c")])
      #expect((0..<3).map { replies[$0]?.text } == ["t0", "t1", "t2"] && transport.requests.count == 3)
      #expect(again.usage.cached == 2 && again.usage.answered == 1 && again.usage.promptTokens == 10)
      guard case .answer(let answer) = replies[0] else { return #expect(Bool(false)) }
      #expect(answer == { var answer = ModelAnswer(text: "t0", finish: .end, promptTokens: 10, answerTokens: 2, model: "tiny-1"); answer.isCached = true; return answer }())
    }
  }

  @Test func everythingThatDecidesAnAnswerIsPartOfItsKey() throws {
    let base = ModelRequest(.chat([ChatMessage(.user, "ab")]), maximumTokens: 10)
    var all = [base]
    func vary(_ change: (inout ModelRequest) -> Void) {
      var request = base
      change(&request)
      all.append(request)
    }
    vary { $0.content = .text("ab") }
    vary { $0.content = .chat([ChatMessage(.user, "a"), ChatMessage(.user, "b")]) }
    vary { $0.content = .chat([ChatMessage(.system, "ab")]) }
    vary { $0.maximumTokens = 11 }
    vary { $0.temperature = 0.1 }
    vary { $0.topP = 0.5 }
    vary { $0.stop = ["a"] }
    vary { $0.seed = 1 }
    vary { $0.repetition = 1 }
    #expect(Set(all.map(\.key)).count == all.count)
    let transport = ScriptedTransport { _ in .json(completion("B")) }
    let identities = try ["openai:a", "openai:b", "together:a", "anthropic:a", "https://api.openai.com/v2#a"].map { try EndpointsTests.model($0, transport: transport).identity }
    let without = try EndpointsTests.model("openai:a", transport: transport) { $0.omit = [.temperature] }.identity
    #expect(Set((identities + [without]).map { base.key($0) } + [base.key]).count == identities.count + 2)
  }

  @Test func failuresAreNotKept() throws {
    try withTemporaryFolder { folder in
      let transport = ScriptedTransport { $0.number == 0 ? .json("{}", status: 413) : .json(completion("B")) }
      let make = { try EndpointsTests.model(transport: transport) { $0.cache = "\(folder)/cache" } }
      try #expect(make().replies([question("a")])[0]?.reason == "413")
      try #expect(make().replies([question("a")])[0]?.text == "B")
    }
  }

  /// A second night must not be given the first one's answers, and each night, going on, must find its own.
  @Test func runsOfDifferentNamesAskForAnswersOfTheirOwn() throws {
    try withTemporaryFolder { folder in
      let transport = ScriptedTransport { .json(completion("answer \($0.number)")) }
      let scored = ScriptedTransport { _ in .json(#"{"choices": [{"text": "", "logprobs": {"tokens": ["a", " b", "!"], "token_logprobs": [null, -1, -9]}}]}"#) }
      func ask(_ run: String?) throws -> String? {
        var request = question("a")
        request.run = run
        return try model(transport: transport) { $0.cache = "\(folder)/cache" }.replies([request])[0]?.text
      }
      func score(_ run: String?) throws {
        let model = try model("http://127.0.0.1:1/v1#tiny", transport: scored) { $0.cache = "\(folder)/cache" }
        #expect(try model.scores([ScoreRequest(.text("a"), continuations: [" b"], run: run)])[0] == .scores([[-1]]))
      }
      let runs = [nil, "night-1", "night-2"]
      for _ in 0..<2 { #expect(try runs.map(ask) == ["answer 0", "answer 1", "answer 2"]) }
      for _ in 0..<2 { for run in runs { try score(run) } }
      #expect(transport.requests.count == 3 && scored.requests.count == 3)
      // What is sent is the same.
      #expect(Set(transport.requests.map { $0.body.encoded() }).count == 1)
    }
  }

  @Test func severalProcessesMayShareTheCache() throws {
    try withTemporaryFolder { folder in
      let problems = Mutex<[String]>([])
      let running = Atomic<Int>(4)
      for worker in 0..<4 {
        thread {
          do {
            let cache = try ResponseCache("\(folder)/cache")
            for index in 0..<50 {
              try cache.keep(["text": .string("\(index)")], key: "\(index)", model: "m\(worker)")
              if try cache.reply("\(index)") != ["text": .string("\(index)")] { problems.withLock { $0.append("\(index)") } }
            }
          } catch {
            problems.withLock { $0.append("\(error)") }
          }
          running.subtract(1, ordering: .sequentiallyConsistent)
        }
      }
      while running.load(ordering: .sequentiallyConsistent) > 0 { _ = FileSystem.exists(folder) }
      #expect(problems.withLock { $0 } == [])
    }
  }

  @Test func aFileThatIsNoCacheIsRefused() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/notes.txt", String(repeating: "this is a text, and no database at all\n", count: 100))
      #expect { try ResponseCache("\(folder)/notes.txt") } throws: { "\($0)".contains("no cache") }
      try #expect(FileSystem.text("\(folder)/notes.txt").hasPrefix("this is a text"))
    }
  }

  // MARK: Scores

  @Test func continuationsOfATextAreAskedOneByOneAndScoredTogether() throws {
    try withTemporaryFolder { folder in
      let transport = ScriptedTransport { request in
        let prompt = request.body["prompt"]?.string ?? ""
        let word = String(prompt.dropFirst("Q:".count))
        let json: JSON = [
          "choices": [["logprobs": ["tokens": ["Q:", .string(word), "x"], "token_logprobs": [nil, .number(-Double(word.utf8.count)), .number(-1)]]]],
          "usage": ["prompt_tokens": 2, "completion_tokens": 1],
        ]
        return .json(json.encoded())
      }
      let requests = [ScoreRequest(.text("Q:"), continuations: [" a", " bcd"]), ScoreRequest(.text("Q:"), continuations: [" ef"])]
      let make = { try EndpointsTests.model("http://127.0.0.1:1/v1#tiny", transport: transport) { $0.cache = "\(folder)/cache" } }
      try #expect(make().scores(requests) == [0: .scores([[-2], [-4]]), 1: .scores([[-3]])])
      #expect(transport.requests.count == 3 && transport.requests.allSatisfy { $0.url.hasSuffix("/completions") })
      try #expect(make().scores(requests)[0] == .scores([[-2], [-4]]) && transport.requests.count == 3)
    }
  }

  @Test func aServerThatDoesNotEchoStopsTheRun() throws {
    let transport = ScriptedTransport { _ in .json(#"{"choices": [{"text": "x", "logprobs": null}]}"#) }
    #expect { try EndpointsTests.model(transport: transport).scores([ScoreRequest(.text("Q:"), continuations: ["a"])]) } throws: { "\($0)".contains("log-probabilities") }
  }

  @Test func anthropicHasNoScores() throws {
    let model = try EndpointsTests.model("anthropic:claude", transport: ScriptedTransport { _ in .json("{}") })
    #expect(!model.canScore)
    #expect(throws: InputError.self) { try model.scores([ScoreRequest(.text("Q:"), continuations: ["a"])]) }
  }

  // MARK: Batch files

  @Test func aBatchIsWrittenAndItsResultsAreAnswers() throws {
    try withTemporaryFolder { folder in
      let transport = ScriptedTransport { _ in .json(completion("live")) }
      let (file, results) = ("\(folder)/batch.jsonl", "\(folder)/results.jsonl")
      let requests = [question("a"), question("b"), question("c")]
      #expect { try EndpointsTests.model(transport: transport) { $0.batch = file }.replies(requests) } throws: { "\($0)".contains("3 requests") && "\($0)".contains("--batch-results") }
      #expect(transport.requests.isEmpty)
      let lines = try FileSystem.text(file).split(separator: "\n").map { try JSON.parse(String($0), source: file) }
      #expect(lines.map { $0["url"] } == ["/v1/chat/completions", "/v1/chat/completions", "/v1/chat/completions"] && lines.allSatisfy { $0["method"] == "POST" })
      #expect(lines[1]["body"]?["messages"] == [["role": "user", "content": "b"]] && (lines[1]["custom_id"]?.string?.count ?? 0) == 64)
      #expect(!(try FileSystem.text(file)).contains("canary"))

      // Results come in any order, and some are errors; the last line has no newline.
      let answered = lines.reversed().enumerated().map { index, line -> String in
        let body = try? JSON.parse(completion("batch \(2 - index)"), source: "")
        let response: JSON = index == 1 ? ["status_code": 500, "body": ["error": ["message": "busy"]]] : ["status_code": 200, "request_id": "r", "body": body ?? .null]
        return JSON.object(["id": "batch_req", "custom_id": line["custom_id"] ?? .null, "response": response, "error": nil]).encoded()
      }
      try AtomicWrite.file(results, answered.joined(separator: "\n"))
      let model = try EndpointsTests.model(transport: transport) { $0.batchResults = results }
      let replies = try model.replies(requests)
      #expect((0..<3).map { replies[$0]?.text } == ["batch 0", "live", "batch 2"] && transport.requests.count == 1)
      // What is still open can go into another batch.
      #expect { try EndpointsTests.model(transport: transport) { ($0.batch, $0.batchResults) = (file, results) }.replies(requests) } throws: { "\($0)".contains("1 requests") }
    }
  }

  // MARK: Stopping

  @Test func whoStopsGetsWhatHadEnded() throws {
    let transport = ScriptedTransport { _ in .json(completion("B")) }
    let count = Mutex(0)
    let model = try EndpointsTests.model(transport: transport)
    let replies = try model.replies((0..<100).map { question("q\($0)") }, until: { count.withLock { $0 += 1; return $0 > 120 } })
    #expect(!replies.isEmpty && replies.count < 100 && transport.requests.count <= replies.count + 1)
  }

  @Test func whatTheCallerThrowsEndsTheCall() throws {
    struct Full: Error {}
    let transport = ScriptedTransport { _ in .json(completion("B")) }
    #expect(throws: Full.self) {
      try EndpointsTests.model(transport: transport).answer((0..<100).map { question("q\($0)") }, until: { false }) { index, _ in if index == 3 { throw Full() } }
    }
    #expect(transport.requests.count <= 6)
  }
}
