import Checkpoints
@testable import Generation
import TestSupport
import Testing
import Torch

@Suite(.serialized) struct ScorerTests {
  @Test(arguments: [1, 2, 5], DecoderKind.allCases)
  func continuationsGetTheLikelihoodOfTheWholeForwardPass(_ slots: Int, _ kind: DecoderKind) throws {
    let model = try TinyModel()
    let scorer = Scorer(model.backend(kind, slots: slots))
    let width = model.config.vocabularySize
    for prompt in [ids(30, from: 1), ids(30, from: 1) + ids(4, from: 2), ids(3, from: 9)] {
      let options = (0..<6).map { ids($0, from: $0 + 3) } + [model.greedy(prompt, 4)]
      let scores = try scorer.score(options, after: prompt)
      for (option, score) in zip(options, scores) where !option.isEmpty {
        let logs = Tensor(model.logits(prompt + option), shape: [prompt.count + option.count, width]).logSoftmax(dim: -1).array(Float.self)
        let expected = option.enumerated().map { logs[(prompt.count - 1 + $0.offset) * width + Int($0.element)] }
        expectClose(score.tokens, expected, relative: 1e-5, absolute: 2e-5)
        expectClose([score.sum], [expected.reduce(0) { $0 + Double($1) }], relative: 1e-5, absolute: 1e-4)
      }
      #expect(scores[0] == Scorer.Score(tokens: [], isGreedy: true))
      #expect(scores[6].isGreedy && !scores[5].isGreedy)
    }
  }

  /// Counts the tokens that a decoder computes, and hands everything on.
  private final class Counting: CausalBackend {
    let inner: any CausalBackend
    private(set) var computed = 0
    private(set) var copied = 0
    init(_ inner: any CausalBackend) { self.inner = inner }
    var vocabularySize: Int { inner.vocabularySize }
    var slots: Int { inner.slots }
    var capacity: Int { inner.capacity }
    var promptTokens: Int { inner.promptTokens }
    func run(_ tokens: CausalDecoder.Tokens, isPrompt: Bool, logits: inout [Float]) -> [Int32] {
      computed += tokens.count
      return inner.run(tokens, isPrompt: isPrompt, logits: &logits)
    }
    func likeliest(_ tokens: CausalDecoder.Tokens, isPrompt: Bool) -> [Int32] {
      computed += tokens.count
      return inner.likeliest(tokens, isPrompt: isPrompt)
    }
    func logProbabilities(_ tokens: CausalDecoder.Tokens, targets: [Int32]) -> (values: [Float], best: [Int32]) {
      computed += tokens.count
      return inner.logProbabilities(tokens, targets: targets)
    }
    func copy(_ positions: Range<Int>, from source: Int, to target: Int) {
      copied += positions.count
      inner.copy(positions, from: source, to: target)
    }
  }

  @Test(arguments: [1, 3], DecoderKind.allCases) func prefixesThatPromptsShareAreComputedOnce(_ slots: Int, _ kind: DecoderKind) throws {
    let model = try TinyModel()
    let stem = ids(60, from: 1)
    let questions = (0..<4).map { stem + ids(3 + $0, from: $0 + 30) }
    let options = (0..<3).map { ids(1 + $0, from: $0 + 50) }
    let counting = Counting(model.backend(kind, slots: slots))
    let scorer = Scorer(counting)
    for (index, question) in questions.enumerated() {
      let before = counting.computed
      let scores = try scorer.score(options, after: question)
      let alone = try Scorer(model.backend(kind, slots: slots)).score(options, after: question)
      for (score, expected) in zip(scores, alone) {
        expectClose(score.tokens, expected.tokens, relative: 1e-5, absolute: 1e-5)
        #expect(score.isGreedy == expected.isGreedy)
      }
      // The first computes its prompt, later ones what follows the stem; each the options but for their last tokens.
      let tail = options.reduce(0) { $0 + $1.count - 1 }
      #expect(counting.computed - before == question.count - (index == 0 ? 0 : stem.count) + tail, "question \(index)")
    }
    // The same question again costs its last token, whose logits are needed.
    let before = counting.computed
    _ = try scorer.score([[5]], after: questions[3])
    #expect(counting.computed - before == 1)
    #expect((counting.copied > 0) == (slots > 1))
  }

  @Test func impossiblePromptsAreRefused() throws {
    let scorer = Scorer(try TinyModel().decoder(capacity: 32))
    #expect(throws: GenerationError.emptyPrompt) { try scorer.score([[1]], after: []) }
    #expect(throws: GenerationError.promptTooLong(tokens: 33, capacity: 32)) { try scorer.score([[1, 2, 3]], after: ids(30, from: 1)) }
    #expect(throws: GenerationError.idOutside(vocabulary: 97, id: 97)) { try scorer.score([[97]], after: [1]) }
  }
}
