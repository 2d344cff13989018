import Checkpoints
import Files
import Generation
import Models
import TestSupport
import Testing
import Torch

/// transformers' answers of BART and T5, token by token: greedy and beam search, from padded batches.
@Suite(.serialized, .enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES")) struct EncoderDecoderGenerationTests {
  static let cases: [(model: String, name: String)] = [
    ("bart", "greedy"), ("bart", "greedy_noeos"), ("bart", "beam4"), ("bart", "beam4_cnn"), ("bart", "beam4_ret"), ("t5_v10", "greedy"),
    ("t5_v10", "beam4"), ("t5_v10", "beam4_text"), ("t5_v11", "greedy"), ("t5_v11", "beam4"),
  ]

  @Test(arguments: cases, [1, 3]) func answersAreTransformers(_ model: (model: String, name: String), _ together: Int) throws {
    let golden = try Answers(model.model, model.name)
    if let beams = golden.beams {
      let backend = golden.backend(slots: beams * together, beams: beams)
      let engine = BeamEngine(backend, options: golden.beamOptions)
      for (i, source) in golden.sources.enumerated() {
        try engine.submit(source: source, prompt: [golden.start]) { found in
          for (rank, answer) in found.enumerated() {
            #expect(answer.ids == golden.expected(i * golden.beamOptions.returned + rank), "row \(i), rank \(rank)")
            expectClose([answer.score], [golden.scores[i * golden.beamOptions.returned + rank]], relative: 1e-5, absolute: 1e-5, "score")
          }
        }
      }
      while !engine.isIdle { engine.step() }
      return
    }
    let engine = GenerationEngine(golden.backend(slots: together))
    let results = try engine.generate(golden.sources.map(golden.request))
    for (row, result) in results.enumerated() { #expect(result.ids == golden.expected(row), "row \(row)") }
  }

  @Test func everyStepHasTransformersLogits() throws {
    let golden = try Answers("bart", "greedy_noeos")
    let steps = golden.stepScores
    let backend = golden.backend(slots: 2)
    let width = backend.vocabularySize
    backend.attend(to: golden.sources[0], slot: 1)
    var logits: [Float] = []
    for (position, id) in ([golden.start] + golden.expected(0).dropLast()).enumerated() {
      var tokens = CausalDecoder.Tokens()
      tokens.append(id, slot: 1, position: position, isWanted: true)
      _ = backend.run(tokens, isPrompt: position == 0, logits: &logits)
      let expected = Array(steps[position * width..<(position + 1) * width])
      expectClose(Array(logits.prefix(width)), expected, relative: 1e-5, absolute: 1e-5 * Double(expected.map(\.magnitude).max()!), "step \(position)")
    }
  }

  /// Drawn answers, many through few slots, bit for bit whatever runs beside them.
  @Test(arguments: ["bart", "t5_v11"]) func anAnswerDependsOnItsRequestAlone(_ model: String) throws {
    let golden = try Answers(model, "greedy")
    let requests = (0..<7).map { index in
      var request = golden.request(golden.sources[index % 2].dropLast(index) + [golden.sources[0].last!])
      (request.sampling.isSampled, request.sampling.temperature, request.seed) = (true, 1.5, UInt64(index))
      request.maximumNewTokens = 5 + 3 * index
      return request
    }
    func run(_ requests: [GenerationRequest], slots: Int) throws -> [[Int32]] {
      try GenerationEngine(golden.backend(slots: slots)).generate(requests).map(\.ids)
    }
    let together = try run(requests, slots: 3)
    #expect(try requests.reversed().map { try run([$0], slots: 3)[0] } == together.reversed())
    #expect(try run(requests.reversed(), slots: 2) == together.reversed())
    #expect(Set(together).count == 7)
  }

  @Test func aSourceOutsideTheVocabularyIsRefused() throws {
    let golden = try Answers("bart", "greedy")
    let engine = GenerationEngine(golden.backend(slots: 1))
    #expect(throws: GenerationError.idOutside(vocabulary: 600, id: 600)) { try engine.submit(golden.request([600])) { _ in } }
  }
}

/// A golden generation of `a_models`.
private struct Answers {
  let name: String
  let sources: [[Int32]]
  let count: Int
  private let makeBackend: (_ slots: Int, _ beams: Int) -> EncoderDecoderBackend
  let beams: Int?
  private let golden: GoldenTensors
  private let arguments: JSON
  private let rules: SequenceRules

  init(_ model: String, _ name: String) throws {
    let folder = Fixtures.path("a_models/\(model)")
    self.name = name
    golden = try GoldenTensors("\(folder)/expected.safetensors")
    guard let arguments = try JSON.read("\(folder)/expected.json")["generation"]?[name]?["args"] else { throw InputError(folder, "has no case \(name)") }
    self.arguments = arguments
    let (config, network, _) = try EncoderDecoderModel.network(folder, frozen: true)
    makeBackend = { EncoderDecoderBackend(network, vocabulary: config.vocabularySize, slots: $0, beams: $1, capacity: 80) }
    rules = try SequenceRules(folder: folder, config: config)
    let (shape, ids, mask) = (golden["\(name)/input_ids"].shape, golden["\(name)/input_ids"].integers, golden["\(name)/attention_mask"].integers)
    sources = (0..<shape[0]).map { row in (row * shape[1]..<(row + 1) * shape[1]).filter { mask[$0] == 1 }.map { Int32(ids[$0]) } }
    count = arguments["max_new_tokens"]!.int!
    beams = arguments["num_beams"]?.int
  }

  func backend(slots: Int, beams: Int = 1) -> EncoderDecoderBackend { makeBackend(slots, beams) }
  var start: Int32 { rules.start }
  var stepScores: [Float] { golden["\(name)/step_scores"].floats }
  var scores: [Float] { golden["\(name)/sequences_scores"].floats }

  /// The case's arguments over what the folder says, as transformers lays them.
  private var sampling: SamplingOptions {
    var options = SamplingOptions(rules)
    if let value = arguments["forced_eos_token_id"] { options.forcedLast = value.int.map { [Int32($0)] } ?? [] }
    options.noRepeatNgramSize = arguments["no_repeat_ngram_size"]?.int ?? options.noRepeatNgramSize
    options.minimumLength = arguments["min_length"]?.int ?? options.minimumLength
    return options
  }

  private var ends: [Int32] {
    guard let value = arguments["eos_token_id"] else { return rules.ends }
    return value.int.map { [Int32($0)] } ?? []
  }

  func request(_ source: [Int32]) -> GenerationRequest {
    var request = GenerationRequest(prompt: [start], maximumNewTokens: count, sampling: sampling, endIDs: ends)
    request.source = source
    return request
  }

  var beamOptions: BeamSearchOptions {
    var options = BeamSearchOptions(beams: beams!, maximumNewTokens: count)
    (options.endIDs, options.constraints) = (ends, sampling)
    options.returned = arguments["num_return_sequences"]?.int ?? 1
    options.lengthPenalty = arguments["length_penalty"]?.double ?? 1
    if arguments["early_stopping"]?.bool == true { options.earlyStopping = .always }
    return options
  }

  func expected(_ row: Int) -> [Int32] {
    let sequences = golden["\(name)/sequences"]
    let width = sequences.shape[1]
    let new = sequences.integers[row * width + 1..<(row + 1) * width].map { Int32($0) }
    return new.firstIndex { ends.contains($0) }.map { Array(new[...$0]) } ?? new
  }
}
