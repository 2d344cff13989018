import Checkpoints
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

/// BART and T5 against transformers (eager attention, float32): hidden states, logits, log-probabilities, losses, gradients.
@Suite struct EncoderDecoderGoldenTests {
  private static let folders: [(folder: String, golden: String)] = [
    ("bart", "bart"), ("t5_v10", "t5_v10"), ("t5_v10_bin", "t5_v10"), ("t5_v11", "t5_v11"),
  ]

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: folders, ["padded", "single", "text"])
  func networkGivesTransformersNumbers(_ model: (folder: String, golden: String), _ name: String) throws {
    try expectNumbers(Fixtures.path("a_models/\(model.folder)"), try SequencePairCase(GoldenCase(model.golden, name)))
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"))
  func halfPrecisionWeightsAreComputedWithInFloat32() throws {
    let tensors = try GoldenTensors(Fixtures.path("a_models/bart_fp16/expected.safetensors"))
    let (_, network, store) = try EncoderDecoderModel.network(Fixtures.path("a_models/bart_fp16"))
    #expect(store.parameters.allSatisfy { $0.tensor.dtype == .float32 })
    for name in ["padded", "single"] where tensors.has("\(name)/logits") {
      let golden = try SequencePairCase(GoldenCase("bart", name))
      let logits = withoutGradients { network.logits(network(golden.pairs)) }
      expectClose(
        logits.array(Float.self), golden.atTargets(tensors["\(name)/logits"]), relative: 1e-5, absolute: 1e-5 * Double(logits.abs().amax().item),
        "\(name): logits")
    }
  }

  /// Tiny models with what the larger set leaves out: scaled embeddings, few buckets, a constant beside BART's logits.
  @Test(arguments: ["bart", "t5_v10", "t5_v11"])
  func tinyNetworksGiveTransformersNumbers(_ model: String) throws {
    try expectNumbers(Fixtures.path("seq2seq/\(model)"), try SequencePairCase(GoldenCase(model, "padded", in: "seq2seq")))
  }

  @Test(arguments: ["bart_seqcls", "t5_seqcls"])
  func classifiersGiveTransformersNumbers(_ model: String) throws {
    let golden = try GoldenCase(model, "padded", in: "seq2seq")
    let (network, store) = try classifier(Fixtures.path("seq2seq/\(model)"))
    for parameter in store.trainable { parameter.tensor.requiresGradient = true }
    let logits = network.logits(golden.packed, .evaluation)
    expectClose(logits.array(Float.self), golden["logits"].floats, relative: 1e-5, absolute: 1e-5, "logits")
    let loss = ClassificationLoss(.singleLabel).sum(logits, golden.targets) / Double(golden.rows)
    expectClose([loss.item], [Double(golden["loss"].floats[0])], relative: 1e-5, absolute: 1e-5, "loss")
    loss.backward()
    try expectGradients(store, of: golden)
  }

  @Test(arguments: ["bart", "t5_v11"])
  func gradientCheckpointingChangesNothing(_ model: String) throws {
    let golden = try SequencePairCase(GoldenCase(model, "padded", in: "seq2seq"))
    let (_, network, store) = try EncoderDecoderModel.network(Fixtures.path("seq2seq/\(model)"), dropout: 0.2)
    for parameter in store.trainable { parameter.tensor.requiresGradient = true }
    func gradients(_ checkpoints: Bool) -> [Tensor?] {
      for parameter in store.trainable { parameter.tensor.gradient = nil }
      network.loss(network(golden.pairs, .training(Generator(seed: 5)), checkpoints: checkpoints), targets: golden.pairs.targets).backward()
      return store.trainable.map(\.tensor.gradient)
    }
    for (plain, checkpointed) in zip(gradients(false), gradients(true)) { #expect(plain!.isEqual(to: checkpointed!)) }
  }

  private func expectNumbers(_ folder: String, _ golden: SequencePairCase) throws {
    let (_, network, store) = try EncoderDecoderModel.network(folder)
    for parameter in store.trainable { parameter.tensor.requiresGradient = true }
    let (pairs, name) = (golden.pairs, golden.source.name)
    withoutGradients {
      let memory = network.encode(pairs.source, .evaluation, checkpoints: false)
      expectStates(network.encoderHiddenStates(pairs.source), "encoder_hidden_states", golden) { golden.source.atTokens($0) }
      expectStates(
        network.decoderHiddenStates(pairs.inputs, memory: memory, of: pairs.source), "decoder_hidden_states", golden) { golden.atTargets(golden.source[$0]) }
      expectStates([memory], "encoder_last_hidden_state", golden) { _ in golden.source.atTokens("encoder_last_hidden_state") }
    }
    let hidden = network(pairs)
    let logits = network.logits(hidden)
    let largest = Double(logits.abs().amax().item)
    let whole = golden.source.has("logits")
    let expected = whole ? golden.atTargets(golden.source["logits"]) : golden.source["logits_last_token"].floats
    let found = whole ? logits : logits.indexSelect(0, pairs.inputs.lasts(except: nil))
    expectClose(found.array(Float.self), expected, relative: 1e-5, absolute: 1e-5 * largest, "\(name): logits")

    let probabilities = network.logProbabilities(hidden, targets: pairs.targets)
    expectClose(
      probabilities.array(Float.self), golden.atTargets(golden.source["token_logprobs"]), relative: 1e-5, absolute: 1e-5 * largest,
      "\(name): log-probabilities")
    let loss = network.loss(hidden, targets: pairs.targets) / Double(pairs.targets.count)
    expectClose([loss.item], [Double(golden.source["loss"].floats[0])], relative: 1e-5, absolute: 1e-5, "\(name): loss")
    loss.backward()
    try expectGradients(store, of: golden.source)
  }

  private func expectStates(_ states: [Tensor], _ what: String, _ golden: SequencePairCase, _ expected: (String) -> [Float]) {
    for (i, state) in states.enumerated() {
      let key = golden.source.has(what) ? what : "\(what).\(i)"
      guard golden.source.has(key) else { continue }
      let values = expected(key)
      let largest = values.reduce(0) { max($0, $1.magnitude) }
      expectClose(state.array(Float.self), values, relative: 1e-5, absolute: 1e-5 * Double(largest), "\(golden.source.name): \(key)")
    }
  }
}

/// A golden case of an encoder-decoder: sources as in `GoldenCase`, and targets with -100 behind them.
struct SequencePairCase {
  let source: GoldenCase
  /// Whether each position of (rows, targets) is a target.
  let isTarget: [Bool]
  let pairs: PackedPairs

  init(_ source: GoldenCase) throws {
    self.source = source
    let labels = source["labels"]
    isTarget = labels.integers.map { $0 != -100 }
    let width = labels.shape[1]
    let ids = source["input_ids"].integers
    func rows(_ values: [Int], _ width: Int, _ isReal: [Bool]) -> [[Int32]] {
      (0..<source.rows).map { row in (row * width..<(row + 1) * width).filter { isReal[$0] }.map { Int32(values[$0]) } }
    }
    pairs = PackedPairs(
      sources: rows(ids, source.width, source.isToken), targets: rows(labels.integers, width, isTarget), start: source["decoder_input_ids"].integers[0])
  }

  /// A golden (rows, targets, …) tensor at the positions that are targets.
  func atTargets(_ entry: GoldenTensors.Entry) -> [Float] {
    let (values, width) = (entry.floats, entry.shape.dropFirst(2).reduce(1, *))
    return isTarget.indices.filter { isTarget[$0] }.flatMap { values[$0 * width..<($0 + 1) * width] }
  }
}
