import Files
@testable import Generation
import TestSupport
import Testing
import Torch

/// The engine over real decoders and over one that repeats a text.
@Suite(.serialized) struct EngineTests {
  private func requests(_ count: Int, sampled: Bool) -> [GenerationRequest] {
    (0..<count).map { i in
      var sampling = SamplingOptions()
      sampling.isSampled = sampled
      if sampled { (sampling.temperature, sampling.topK, sampling.repetitionPenalty) = (0.9, 20 + i, 1.1) }
      return GenerationRequest(
        prompt: [1] + ids(5 + i * 7 % 23, from: i + 1), maximumNewTokens: 3 + i * 5 % 17, sampling: sampling, seed: UInt64(i * 1000 + 7), endIDs: [2])
    }
  }

  @Test(arguments: DecoderKind.allCases) func greedyAnswersAreThoseOfTheWholeForwardPass(_ kind: DecoderKind) throws {
    let model = try TinyModel()
    let requests = requests(7, sampled: false)
    let results = try GenerationEngine(model.backend(kind, slots: 3)).generate(requests)
    for (request, result) in zip(requests, results) {
      let whole = model.greedy(request.prompt, request.maximumNewTokens)
      let expected = whole.firstIndex(of: 2).map { Array(whole[...$0]) } ?? whole
      #expect(result.ids == expected)
      #expect(result.finish == (expected.last == 2 ? .end(2) : .length))
    }
  }

  @Test(arguments: [DType.float32, .bfloat16], [false, true]) func anAnswerDoesNotDependOnItsBatch(_ type: DType, _ sampled: Bool) throws {
    let model = try TinyModel(type: type)
    let requests = requests(11, sampled: sampled)
    let alone = try requests.map { try GenerationEngine(model.decoder(slots: 1)).generate([$0])[0] }
    #expect(try GenerationEngine(model.decoder(slots: 8)).generate(requests) == alone)
    #expect(try GenerationEngine(model.decoder(slots: 3)).generate(requests.reversed()) == alone.reversed())
    // In slots that held other prompts before.
    let engine = GenerationEngine(model.decoder(slots: 2))
    _ = try engine.generate(self.requests(5, sampled: sampled))
    #expect(try engine.generate(requests) == alone)
  }

  @Test func aQueueThatIsNeverEmptyLetsAnsweredRequestsGo() throws {
    final class Caller {}
    let engine = GenerationEngine(try TinyModel().decoder(slots: 1))
    var held: [() -> Caller?] = []
    for request in requests(12, sampled: false) {
      let caller = Caller()
      held.append { [weak caller] in caller }
      try engine.submit(request) { _ in withExtendedLifetime(caller) {} }
    }
    while engine.waitingCount > 3 { engine.step() }
    // Those that wait and run, and of the answered ones no more than wait.
    #expect(held.count { $0() != nil } <= 2 * engine.waitingCount + engine.runningCount)
  }

  @Test func aSharedPrefixIsComputedOnceAndChangesNothing() throws {
    let model = try TinyModel()
    let prefix: [Int32] = [1] + ids(40, from: 3)
    let requests = (0..<9).map { i in
      GenerationRequest(prompt: prefix + ids(i % 4, from: i + 20), maximumNewTokens: 6, seed: UInt64(i))
    }
    let alone = try requests.map { try GenerationEngine(model.decoder(slots: 1)).generate([$0])[0] }
    let engine = GenerationEngine(model.decoder(slots: 4))
    #expect(try engine.generate(requests) == alone)
    // All but the first found the prefix; of prompts that are the prefix, all but its last token.
    #expect(engine.sharedTokens >= requests.dropFirst().reduce(0) { $0 + min(prefix.count, $1.prompt.count - 1) })
  }

  @Test func answersAreNotMistakenForPrompts() throws {
    // A second turn begins with the first one's prompt and answer: only the prompt may be taken from the cache.
    let model = try TinyModel(type: .bfloat16)
    let engine = GenerationEngine(model.decoder(slots: 1))
    let first = GenerationRequest(prompt: [1] + ids(10, from: 1), maximumNewTokens: 8)
    let answer = try engine.generate([first])[0]
    let second = GenerationRequest(prompt: first.prompt + answer.ids + ids(3, from: 4), maximumNewTokens: 8)
    let before = engine.sharedTokens
    let continued = try engine.generate([second])[0]
    #expect(engine.sharedTokens - before == first.prompt.count)
    #expect(try GenerationEngine(model.decoder(slots: 1)).generate([second])[0] == continued)
  }

  @Test func freedSlotsAreRefilledAtOnce() throws {
    let parrot = Parrot("abcdefghij", slots: 2)
    let engine = GenerationEngine(parrot, tokenizer: ByteTokenizer())
    let lengths = [2, 9, 3, 3]
    let results = try engine.generate(lengths.map { GenerationRequest(prompt: [1], maximumNewTokens: $0, endIDs: [2]) })
    #expect(results.map(\.text) == ["ab", "abcdefghi", "abc", "abc"])
    // The first token comes with the prompt: 1 + 8 + 2 + 2 more, two at a time while there are two.
    #expect(parrot.steps.reduce(0, +) == 13)
    #expect(parrot.steps.count == 8)
    // The first two prompts enter together, the others as a slot becomes free.
    #expect(parrot.prompts == [2, 1, 1])
  }

  @Test func endStopsAndCapacityAreTold() throws {
    func finish(_ request: GenerationRequest, text: String = "one two three", capacity: Int = 200) throws -> GenerationResult {
      try GenerationEngine(Parrot(text, capacity: capacity), tokenizer: ByteTokenizer()).generate([request])[0]
    }
    let end = try finish(GenerationRequest(prompt: [1], maximumNewTokens: 50, endIDs: [2]))
    #expect(end.text == "one two three" && end.finish == .end(2) && end.ids.last == 2)
    let length = try finish(GenerationRequest(prompt: [1], maximumNewTokens: 5, endIDs: [2]))
    #expect(length.text == "one t" && length.finish == .length)
    let stop = try finish(GenerationRequest(prompt: [1], maximumNewTokens: 50, endIDs: [2], stopStrings: ["thr", "o th"]))
    #expect(stop.text == "one tw" && stop.finish == .stopString("o th"))
    let full = try finish(GenerationRequest(prompt: [1, 5, 5], maximumNewTokens: 50), capacity: 8)
    #expect(full.finish == .capacity && full.ids.count == 6)
    let none = try finish(GenerationRequest(prompt: [1], maximumNewTokens: 0))
    #expect(none.ids.isEmpty && none.finish == .length)
  }

  @Test func streamedTextIsTheAnswerInWholeCharacters() throws {
    let text = "Grüße, 世界! 👩‍👩‍👧 ok — STO STOP not this"
    let engine = GenerationEngine(Parrot(text), tokenizer: ByteTokenizer())
    var pieces: [String] = []
    var result: GenerationResult?
    try engine.submit(GenerationRequest(prompt: [1], maximumNewTokens: 100, endIDs: [2], stopStrings: ["STOP"]), onText: { pieces.append($0) }) { result = $0 }
    while !engine.isIdle { engine.step() }
    #expect(result?.text == "Grüße, 世界! 👩‍👩‍👧 ok — STO ")
    #expect(pieces.joined() == result?.text)
    #expect(pieces.allSatisfy { !$0.unicodeScalars.contains("\u{FFFD}") })
    #expect(pieces.count > 20)
  }

  @Test func cancelledRequestsFreeTheirSlots() throws {
    let engine = GenerationEngine(Parrot("abcdefghijklmnop", slots: 1), tokenizer: ByteTokenizer())
    var done: [String] = []
    let first = try engine.submit(GenerationRequest(prompt: [1], maximumNewTokens: 10)) { done.append("first \($0.text)") }
    let second = try engine.submit(GenerationRequest(prompt: [1], maximumNewTokens: 10)) { done.append("second \($0.text)") }
    try engine.submit(GenerationRequest(prompt: [1], maximumNewTokens: 3)) { done.append("third \($0.text)") }
    engine.step()
    engine.cancel(first)
    engine.cancel(second)
    while !engine.isIdle { engine.step() }
    #expect(done == ["third abc"])
  }

  @Test func impossibleRequestsAreRefused() throws {
    let engine = GenerationEngine(Parrot("x", capacity: 10))
    func error(_ request: GenerationRequest) -> GenerationError? {
      do throws(GenerationError) { try engine.submit(request) { _ in } } catch { return error }
      return nil
    }
    #expect(error(GenerationRequest(prompt: [], maximumNewTokens: 1)) == .emptyPrompt)
    #expect(error(GenerationRequest(prompt: Array(repeating: 5, count: 10), maximumNewTokens: 1)) == .promptTooLong(tokens: 10, capacity: 10))
    #expect(error(GenerationRequest(prompt: [1, 259], maximumNewTokens: 1)) == .idOutside(vocabulary: 259, id: 259))
    #expect(error(GenerationRequest(prompt: [1], maximumNewTokens: 1, stopStrings: ["a"])) == .noTokenizer)
    #expect(GenerationError.promptTooLong(tokens: 10, capacity: 10).description.contains("10 positions"))
  }
}

/// Stop strings in text that arrives in pieces of every size.
@Suite struct StopMatcherTests {
  static let cases: [(text: String, stops: [String], before: String, stop: String?)] = [
    ("hello world", ["wor"], "hello ", "wor"), ("hello world", ["xyz"], "hello world", nil), ("aaab", ["aab"], "a", "aab"),
    ("one\n\ntwo", ["\n\n", "two"], "one", "\n\n"), ("abcd", ["bcd", "bc"], "a", "bc"), ("ends with st", ["stop"], "ends with st", nil),
    ("äöü", ["ö"], "ä", "ö"), ("", ["a"], "", nil), ("abc", [""], "abc", nil), ("abab", ["abab", "ba"], "a", "ba"), ("xabc", ["bc", "abc"], "x", "abc"),
  ]

  @Test(arguments: cases) func theFirstStopStringCutsTheText(_ text: String, _ stops: [String], _ before: String, _ stop: String?) {
    for size in 1...max(1, text.count) {
      var matcher = StopMatcher(stops)
      var (found, reached) = ("", String?.none)
      var rest = Substring(text)
      while !rest.isEmpty, reached == nil {
        let outcome = matcher.append(String(rest.prefix(size)))
        rest = rest.dropFirst(size)
        found += outcome.text
        reached = outcome.stop
      }
      if reached == nil { found += matcher.finish() }
      #expect(found == before && reached == stop, "pieces of \(size)")
    }
  }
}
