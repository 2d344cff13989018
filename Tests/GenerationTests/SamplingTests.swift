import Files
@testable import Generation
import TestSupport
import Testing

/// Processed scores and probabilities as transformers computes them (fixtures `e_sampling`).
@Suite struct SamplingTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let vector, config: String
    let options: SamplingOptions
    let testDescription: String
  }

  static let rows: [Row] = {
    let json = try! JSON.read(Fixtures.path("e_sampling/sampling.json"))
    return json["rows"]!.array!.map { row in
      let arguments = row["args"]!
      var options = SamplingOptions()
      options.isSampled = true
      func number(_ key: String) -> Double? { arguments[key]?.double }
      options.temperature = number("temperature") ?? 1
      options.topK = arguments["top_k"]?.int ?? 0
      options.topP = number("top_p") ?? 1
      options.minP = number("min_p")
      options.typicalP = number("typical_p") ?? 1
      options.epsilonCutoff = number("epsilon_cutoff") ?? 0
      options.etaCutoff = number("eta_cutoff") ?? 0
      options.repetitionPenalty = number("repetition_penalty") ?? 1
      options.noRepeatNgramSize = arguments["no_repeat_ngram_size"]?.int ?? 0
      options.badWords = (arguments["bad_words_ids"]?.array ?? []).map { $0.array!.map { Int32($0.int!) } }
      options.suppressed = (arguments["suppress_tokens"]?.array ?? []).map { Int32($0.int!) }
      options.minimumNewTokens = arguments["min_new_tokens"]?.int ?? 0
      return Row(
        vector: row["vector"]!.string!, config: row["config"]!.string!, options: options,
        testDescription: "\(row["vector"]!.string!) \(row["args"]!.encoded())")
    }
  }()
  static let golden = try! GoldenTensors(Fixtures.path("e_sampling/sampling.safetensors"))

  @Test(arguments: rows) func scoresAreTransformers(_ row: Row) {
    let logits = Self.golden["\(row.vector)/logits"]
    let (count, width) = (logits.shape[0], logits.shape[1])
    let history = Self.golden["\(row.vector)/input_ids"]
    let (expected, probabilities) = (Self.golden["\(row.vector)/\(row.config)/scores"].floats, Self.golden["\(row.vector)/\(row.config)/probs"].floats)
    for i in 0..<count {
      var scores = Array(logits.floats[i * width..<(i + 1) * width])
      let ids = history.integers[i * history.shape[1]..<(i + 1) * history.shape[1]].map { Int32($0) }
      LogitsConstraints(options: row.options, endIDs: [], promptCount: 10).apply(&scores, history: ids)
      LogitsWarpers(options: row.options).apply(&scores)
      let range = i * width..<(i + 1) * width
      let found = scores.map { $0 == -.infinity }, gone = expected[range].map { $0 == -.infinity }
      if found == gone {
        expectClose(scores, Array(expected[range]), "scores of row \(i)")
        expectClose(LogitsWarpers.softmax(scores), Array(probabilities[range]), relative: 1e-5, absolute: 1e-7, "probabilities of row \(i)")
      } else {
        // Which of equal scores a nucleus keeps is up to PyTorch's sort, which promises no order: as many, and of the same scores.
        let logits = logits.floats[range]
        #expect(row.options.topP < 1)
        #expect(zip(found, gone).enumerated().allSatisfy { at, pair in pair.0 == pair.1 || logits.count { $0 == logits[range.lowerBound + at] } > 1 })
        expectClose(scores.sorted(), expected[range].sorted(), "scores of row \(i), sorted")
        expectClose(LogitsWarpers.softmax(scores).sorted(), probabilities[range].sorted(), relative: 1e-5, absolute: 1e-7, "probabilities of row \(i), sorted")
      }
    }
  }

  @Test func theEndIsHeldBack() {
    var options = SamplingOptions()
    options.minimumLength = 7
    options.minimumNewTokens = 3
    func scores(_ history: Int) -> [Float] {
      var scores: [Float] = [1, 2, 3]
      LogitsConstraints(options: options, endIDs: [1], promptCount: 5).apply(&scores, history: Array(repeating: 0, count: history))
      return scores
    }
    #expect(scores(6) == [1, -.infinity, 3])  // neither
    #expect(scores(7) == [1, -.infinity, 3])  // long enough, two new
    #expect(scores(8) == [1, 2, 3])
  }

  @Test func aBadWordThatIsTheEndStaysPossible() {
    var options = SamplingOptions()
    options.badWords = [[1], [2]]
    var scores: [Float] = [1, 2, 3]
    LogitsConstraints(options: options, endIDs: [1], promptCount: 0).apply(&scores, history: [])
    #expect(scores == [1, 2, -.infinity])
  }

  @Test func drawsFollowTheProbabilities() {
    var options = SamplingOptions()
    options.isSampled = true
    let logits: [Float] = [0, 1.0986123, -.infinity, 0]  // 1 : 3 : 0 : 1
    var sampler = TokenSampler(options, endIDs: [], promptCount: 0, seed: 11)
    var counts = [0, 0, 0, 0]
    for _ in 0..<20_000 { counts[Int(sampler.next(logits[...], best: 1, history: []))] += 1 }
    #expect(counts[2] == 0)
    // Three standard deviations of the binomial distribution.
    for (count, share) in zip(counts, [0.2, 0.6, 0, 0.2]) { #expect(abs(Double(count) - 20_000 * share) <= 3 * (20_000 * share * (1 - share)).squareRoot()) }
  }

  @Test func equalSeedsDrawTheSame() {
    var options = SamplingOptions()
    options.isSampled = true
    let logits = (0..<50).map { Float($0 % 7) / 3 }
    func draws(_ seed: UInt64) -> [Int32] {
      var sampler = TokenSampler(options, endIDs: [], promptCount: 0, seed: seed)
      return (0..<30).map { _ in sampler.next(logits[...], best: 0, history: []) }
    }
    #expect(draws(5) == draws(5))
    #expect(draws(5) != draws(6))
  }
}
