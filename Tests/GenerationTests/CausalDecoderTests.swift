import Checkpoints
import Files
import Generation
import TestSupport
import Testing
import Torch

/// Both decoders against the training-style forward pass of the same weights.
@Suite(.serialized) struct CausalDecoderTests {
  static let shapes: [JSONObject] = [
    [:], ["num_key_value_heads": 1], ["num_key_value_heads": 4], ["head_dim": 22], ["head_dim": 6, "hidden_size": 33, "intermediate_size": 19],
    ["attention_bias": true, "mlp_bias": true], ["model_type": "mistral", "sliding_window": 7], ["tie_word_embeddings": true],
    ["hidden_size": 128, "head_dim": 80, "intermediate_size": 200, "vocab_size": 301], ["rope_parameters": ["rope_type": "linear", "factor": 2]],
  ]

  @Test(arguments: shapes, DecoderKind.allCases) func promptAndStepsGiveTheModelsLogits(_ keys: JSONObject, _ kind: DecoderKind) throws {
    let model = try TinyModel(keys)
    let decoder = model.backend(kind)
    let row = ids(75, from: 3)
    let expected = model.logits(row)
    let width = model.config.vocabularySize
    let largest = Double(expected.reduce(0) { max($0, $1.magnitude) })
    // 41 tokens as a prompt in two calls, the rest one by one.
    var found = decoder.prompt(Array(row[..<9]), slot: 2) + decoder.prompt(Array(row[9..<41]), slot: 2, from: 9)
    var logits: [Float] = []
    for position in 41..<75 {
      var tokens = CausalDecoder.Tokens()
      tokens.append(row[position], slot: 2, position: position, isWanted: true)
      let best = decoder.run(tokens, isPrompt: false, logits: &logits)
      found += logits.prefix(width)
      #expect(logits.prefix(width).max() == logits[Int(best[0])])
    }
    expectClose(found, expected, relative: 1e-5, absolute: 1e-5 * largest, "\(JSON.object(keys).encoded())")
  }

  @Test(arguments: DecoderKind.allCases) func promptsLongerThanAPassGiveTheModelsLogits(_ kind: DecoderKind) throws {
    let model = try TinyModel()
    let row = ids(300, from: 5)
    let expected = model.logits(row)
    expectClose(model.backend(kind, capacity: 320).prompt(row), expected, relative: 1e-5, absolute: 1e-5 * Double(expected.map(\.magnitude).max()!))
  }

  @Test(arguments: DecoderKind.allCases) func bfloat16WeightsGiveTheirLogitsToRounding(_ kind: DecoderKind) throws {
    let model = try TinyModel(type: .bfloat16)
    let row = ids(40, from: 9)
    let expected = model.logits(row)
    let found = model.backend(kind).prompt(row)
    let largest = Double(expected.reduce(0) { max($0, $1.magnitude) })
    // Between ordinary operations everything but the stream is rounded to bfloat16.
    expectClose(found, expected, relative: 0, absolute: (kind == .kernels ? 0.02 : 0.04) * largest)
  }

  @Test(arguments: DecoderKind.allCases) func logProbabilitiesAreThoseOfTheLogits(_ kind: DecoderKind) throws {
    let model = try TinyModel()
    let row = ids(50, from: 4)
    let (logits, width) = (model.logits(row), model.config.vocabularySize)
    var tokens = CausalDecoder.Tokens()
    for (i, id) in row.enumerated() { tokens.append(id, slot: 1, position: i, isWanted: i >= 10) }
    let targets = (10..<50).map { Int32($0 * 7 % width) }
    let (values, best) = model.backend(kind).logProbabilities(tokens, targets: targets)
    let expected = Tensor(logits, shape: [50, width]).logSoftmax(dim: -1).array(Float.self)
    expectClose(values, (10..<50).map { expected[$0 * width + Int(targets[$0 - 10])] })
    #expect(best == (10..<50).map { row in Int32((0..<width).max { (logits[row * width + $0], $1) < (logits[row * width + $1], $0) }!) })
  }

  @Test(arguments: [DType.float32, .bfloat16]) func aTokensNumbersDependOnNothingBesideIt(_ type: DType) throws {
    let model = try TinyModel(type: type, ["hidden_size": 72, "intermediate_size": 100, "vocab_size": 131])
    let decoder = model.decoder(slots: 16)
    let rows = (0..<16).map { ids(20 + 3 * $0, from: $0 + 1) }
    let alone = rows.map { decoder.prompt($0, slot: 5) }
    // Prompts of several slots in one call, and cut elsewhere.
    var tokens = CausalDecoder.Tokens()
    for (slot, row) in rows.enumerated() { for (i, id) in row.enumerated() { tokens.append(id, slot: slot, position: i, isWanted: true) } }
    var logits: [Float] = []
    _ = decoder.run(tokens, isPrompt: true, logits: &logits)
    #expect(Array(logits.prefix(alone.joined().count)) == Array(alone.joined()))
    // Steps of 1 to 16 tokens.
    var steps: [[Float]] = []
    for (slot, row) in rows.enumerated() {
      var tokens = CausalDecoder.Tokens()
      tokens.append(7, slot: slot, position: row.count, isWanted: true)
      _ = decoder.run(tokens, isPrompt: false, logits: &logits)
      steps.append(Array(logits.prefix(131)))
    }
    for count in 2...16 {
      var tokens = CausalDecoder.Tokens()
      for slot in 16 - count..<16 { tokens.append(7, slot: slot, position: rows[slot].count, isWanted: true) }
      _ = decoder.run(tokens, isPrompt: false, logits: &logits)
      #expect(Array(logits.prefix(131 * count)) == Array(steps[(16 - count)...].joined()), "a step of \(count) tokens")
    }
  }

  @Test func aCopiedSlotContinuesAsTheOther() throws {
    let model = try TinyModel()
    let decoder = model.decoder()
    let row = ids(70, from: 2)
    let whole = decoder.prompt(row, slot: 0)
    for shared in [1, 31, 32, 33, 64, 69] {
      _ = decoder.prompt(ids(70, from: 8), slot: 1)  // what lay there before
      decoder.copy(0..<shared, from: 0, to: 1)
      #expect(decoder.prompt(Array(row[shared...]), slot: 1, from: shared) == Array(whole[(shared * 97)...]), "\(shared) shared")
      // In two pieces, the second not at a block's start.
      decoder.copy(0..<shared / 2, from: 0, to: 2)
      decoder.copy(shared / 2..<shared, from: 0, to: 2)
      #expect(decoder.prompt(Array(row[shared...]), slot: 2, from: shared) == Array(whole[(shared * 97)...]), "\(shared) shared in pieces")
    }
  }

  @Test func manyStepsTakeNoMemory() throws {
    let model = try TinyModel()
    let decoder = model.decoder(slots: 2, capacity: 512)
    var logits: [Float] = []
    func step(_ position: Int) {
      var tokens = CausalDecoder.Tokens()
      for slot in 0..<2 { tokens.append(Int32(position % 97), slot: slot, position: position % 512, isWanted: true) }
      _ = decoder.run(tokens, isPrompt: false, logits: &logits)
    }
    for position in 0..<512 { step(position) }
    let (tensors, memory) = (Tensor.liveCount, Runtime.residentMemory)
    for position in 0..<1000 { step(position) }
    #expect(Tensor.liveCount == tensors)
    #expect(Runtime.residentMemory - memory < 1 << 20)
  }
}
