import Checkpoints
@testable import Generation
import TestSupport
import Testing
import Torch

@Suite(.serialized) struct ScorerTests {
  @Test(arguments: [1, 2, 5]) func continuationsGetTheLikelihoodOfTheWholeForwardPass(_ slots: Int) throws {
    let model = try TinyModel()
    let scorer = Scorer(model.decoder(slots: slots))
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

  @Test func impossiblePromptsAreRefused() throws {
    let scorer = Scorer(try TinyModel().decoder(capacity: 32))
    #expect(throws: GenerationError.emptyPrompt) { try scorer.score([[1]], after: []) }
    #expect(throws: GenerationError.promptTooLong(tokens: 33, capacity: 32)) { try scorer.score([[1, 2, 3]], after: ids(30, from: 1)) }
    #expect(throws: GenerationError.idOutside(vocabulary: 97, id: 97)) { try scorer.score([[97]], after: [1]) }
  }
}
