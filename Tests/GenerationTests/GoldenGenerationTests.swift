import Checkpoints
import Files
import Generation
import Models
import NN
import TestSupport
import Testing
import Torch

/// transformers' answers, token by token: greedy and beam search, with and without padding.
@Suite(.serialized, .enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES")) struct GoldenGenerationTests {
  static let cases: [(model: String, name: String)] = [
    ("llama_gqa", "greedy"), ("llama_gqa", "greedy_leftpad"), ("llama_gqa", "beam4"), ("llama_mha", "greedy"), ("llama_mha", "greedy_leftpad"),
    ("llama_mha", "greedy_eos"), ("llama_mha", "greedy_text"), ("llama_mha", "greedy_reppen"), ("llama_mha", "beam4"), ("mistral_swa", "greedy"),
    ("mistral_swa", "greedy_leftpad"), ("mistral_swa", "greedy_text"),
  ]

  private func decoder(_ folder: String, slots: Int, _ kind: DecoderKind) throws -> any CausalBackend {
    let (config, network, _) = try CausalModel.network(Fixtures.path(folder), frozen: true)
    switch kind {
    case .kernels: return network.decoder(config.decoder, slots: slots, capacity: 512)
    case .composed: return network.composedDecoder(config.decoder, slots: slots, capacity: 512)
    }
  }

  @Test(arguments: cases, DecoderKind.allCases) func answersAreTransformers(_ row: (model: String, name: String), _ kind: DecoderKind) throws {
    let (model, name) = row
    let golden = try GoldenTensors(Fixtures.path("a_models/\(model)/expected.safetensors"))
    let arguments = try #require(try JSON.read(Fixtures.path("a_models/\(model)/expected.json"))["generation"]?[name]?["args"])
    let (shape, ids) = (golden["\(name)/input_ids"].shape, golden["\(name)/input_ids"].integers)
    let mask = golden["\(name)/attention_mask"].integers
    let sequences = golden["\(name)/sequences"]
    let ends = arguments["eos_token_id"]?.int.map { [Int32($0)] } ?? []
    let prompts = (0..<shape[0]).map { row in
      (row * shape[1]..<(row + 1) * shape[1]).filter { mask[$0] == 1 }.map { Int32(ids[$0]) }
    }
    func expected(_ row: Int) -> [Int32] {
      let width = sequences.shape[1]
      let new = sequences.integers[row * width + shape[1]..<(row + 1) * width].map { Int32($0) }
      return new.firstIndex { ends.contains($0) }.map { Array(new[...$0]) } ?? new
    }
    let count = arguments["max_new_tokens"]!.int!
    if let beams = arguments["num_beams"]?.int {
      var options = BeamSearchOptions(beams: beams, maximumNewTokens: count)
      options.returned = arguments["num_return_sequences"]?.int ?? 1
      options.endIDs = ends
      let scores = golden["\(name)/sequences_scores"].floats
      for (i, prompt) in prompts.enumerated() {
        let found = BeamSearch(options).run(CachedBeams(try decoder("a_models/\(model)", slots: beams, kind), prompt: prompt), prompt: prompt)
        for (rank, answer) in found.enumerated() {
          #expect(answer.ids == expected(i * options.returned + rank))
          expectClose([answer.score], [scores[i * options.returned + rank]], relative: 1e-5, absolute: 1e-5, "score")
        }
      }
      return
    }
    var sampling = SamplingOptions()
    sampling.repetitionPenalty = arguments["repetition_penalty"]?.double ?? 1
    let requests = prompts.map { GenerationRequest(prompt: $0, maximumNewTokens: count, sampling: sampling, endIDs: ends) }
    let results = try GenerationEngine(decoder("a_models/\(model)", slots: 4, kind)).generate(requests)
    for (row, result) in results.enumerated() { #expect(result.ids == expected(row), "row \(row)") }
    if golden.has("\(name)/step_scores") {
      // The scores of the first step are the logits after the prompt.
      let steps = golden["\(name)/step_scores"]
      let decoder = try decoder("a_models/\(model)", slots: 1, kind)
      let width = decoder.vocabularySize
      var logits: [Float] = []
      let row = prompts[0] + expected(0).dropLast()
      for position in row.indices {
        var tokens = CausalDecoder.Tokens()
        tokens.append(row[position], slot: 0, position: position, isWanted: true)
        _ = decoder.run(tokens, isPrompt: false, logits: &logits)
        let step = position - prompts[0].count + 1
        guard step >= 0 else { continue }
        let expected = Array(steps.floats[step * width..<(step + 1) * width])
        expectClose(Array(logits.prefix(width)), expected, relative: 1e-5, absolute: 1e-5 * Double(expected.map(\.magnitude).max()!), "step \(step)")
      }
    }
  }

  @Test(arguments: 0..<5, DecoderKind.allCases) func aTrainedModelTellsItsStories(_ prompt: Int, _ kind: DecoderKind) throws {
    let golden = try GoldenTensors(Fixtures.path("f_stories260k/expected.safetensors"))
    let ids = golden["prompt\(prompt)/input_ids"].integers.map { Int32($0) }
    let expected = golden["prompt\(prompt)/logits"].floats
    let decoder = try decoder("f_stories260k", slots: 4, kind)
    expectClose(decoder.prompt(ids), expected, relative: 1e-5, absolute: 1e-5 * Double(expected.map(\.magnitude).max()!), "logits")
    let greedy = golden["prompt\(prompt)/greedy"].integers.map { Int32($0) }
    let answer = try GenerationEngine(decoder).generate([GenerationRequest(prompt: ids, maximumNewTokens: greedy.count - ids.count)])[0]
    #expect(ids + answer.ids == greedy)
    let beams = golden["prompt\(prompt)/beam4"].integers.map { Int32($0) }
    let search = BeamSearch(BeamSearchOptions(beams: 4, maximumNewTokens: beams.count - ids.count))
    #expect(ids + search.run(CachedBeams(decoder, prompt: ids), prompt: ids)[0].ids == beams)
  }

  @Test(arguments: 0..<4, DecoderKind.allCases) func aTrainedModelFindsTextsAsLikely(_ text: Int, _ kind: DecoderKind) throws {
    let golden = try GoldenTensors(Fixtures.path("f_stories260k/expected.safetensors"))
    let ids = golden["text\(text)/input_ids"].integers.map { Int32($0) }
    let expected = golden["text\(text)/token_logprobs"].floats
    let scorer = Scorer(try decoder("f_stories260k", slots: 2, kind))
    let score = try scorer.score([Array(ids[1...])], after: [ids[0]])[0]
    expectClose(score.tokens, expected, relative: 1e-5, absolute: 2e-5)
    // The same in two parts: the first is then a prompt.
    let half = ids.count / 2
    let second = try scorer.score([Array(ids[half...]), [ids[half]], []], after: Array(ids[..<half]))
    expectClose(second[0].tokens, Array(expected[(half - 1)...]), relative: 1e-5, absolute: 2e-5)
    #expect(second[1].tokens == [second[0].tokens[0]] && second[2].tokens.isEmpty && second[2].mean == 0)
    expectClose([second[0].mean], [expected[(half - 1)...].reduce(0.0) { $0 + Double($1) } / Double(ids.count - half)], relative: 1e-5, absolute: 1e-5)
  }
}
