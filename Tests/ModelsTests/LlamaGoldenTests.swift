import Checkpoints
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

/// LLaMA and Mistral against transformers (eager attention, float32): hidden states, logits, log-probabilities, losses, gradients; with
/// the CPU's kernels, and composed of ordinary operations as on an accelerator.
@Suite(.serialized) struct LlamaGoldenTests {
  private static let wholeSet: [(model: String, name: String)] = [
    ("llama_gqa", "long"), ("llama_gqa", "right_padded"), ("llama_gqa", "left_padded"), ("llama_gqa", "text"), ("llama_mha", "single"),
    ("llama_mha", "right_padded"), ("llama_mha", "left_padded"), ("llama_mha", "text"), ("mistral_swa", "single"), ("mistral_swa", "right_padded"),
    ("mistral_swa", "left_padded"), ("mistral_swa", "short"), ("mistral_swa", "text"), ("llama_gqa_sharded", "long"), ("llama_mha_bin_sharded", "single"),
  ]

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: wholeSet, [true, false])
  func decoderGivesTransformersNumbers(_ row: (model: String, name: String), _ kernels: Bool) throws {
    let (model, name) = row
    Kernels.areOn = kernels
    defer { Kernels.areOn = true }
    let golden = try GoldenCase(model.hasSuffix("sharded") ? String(model.prefix(9)) : model, name)
    let (_, network, store) = try CausalModel.network(Fixtures.path("a_models/\(model)"))
    for parameter in store.parameters { parameter.tensor.requiresGradient = true }
    try expectHiddenStates(withoutGradients { network.model.hiddenStates(golden.packed) }, golden)

    let hidden = network.model(golden.packed)
    let logits = hidden.linear([network.head], nil)
    let largest = Double(logits.abs().amax().item)
    let width = golden.has("logits") ? golden.atTokens("logits") : golden["logits_last_token"].floats
    let found = golden.has("logits") ? logits : logits.indexSelect(0, golden.lastTokens)
    expectClose(found.array(Float.self), width, relative: 1e-5, absolute: 1e-5 * largest, "\(name): logits")

    let (positions, targets) = golden.causalTargets
    let predicting = hidden.indexSelect(0, Tensor(positions.map(\.token)))
    let probabilities = withoutGradients { predicting.tokenLogProbabilities(weight: network.head, targets: Tensor(targets)) }
    let expected = golden["token_logprobs"].floats
    expectClose(probabilities.array(Float.self), positions.map { expected[$0.golden] }, relative: 1e-5, absolute: 1e-5 * largest, "\(name): log-probabilities")

    let loss = predicting.linearCrossEntropy(weight: network.head, targets: Tensor(targets)) / Double(targets.count)
    expectClose([loss.item], [Double(golden["loss"].floats[0])], relative: 1e-5, absolute: 1e-5, "\(name): loss")
    loss.backward()
    try expectGradients(store, of: golden)
  }

  @Test(arguments: ["right_padded", "left_padded"], [true, false])
  func classifierGivesTransformersNumbers(_ name: String, _ kernels: Bool) throws {
    Kernels.areOn = kernels
    defer { Kernels.areOn = true }
    try expectClassifier(name)
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"))
  func classifierGivesTransformersNumbersOnPosts() throws { try expectClassifier("text") }

  private func expectClassifier(_ name: String) throws {
    let golden = try GoldenCase("llama_seqcls", name)
    let (network, store) = try classifier(Fixtures.path("a_models/llama_seqcls"))
    for parameter in store.parameters { parameter.tensor.requiresGradient = true }
    try expectHiddenStates(withoutGradients { network.hiddenStates(golden.packed) }, golden)
    let logits = network.logits(golden.packed, .evaluation)
    let classes = logits.shape[1]
    func rows(_ values: [Float]) -> [Float] { golden.rowsReadAtAToken.flatMap { values[$0 * classes..<($0 + 1) * classes] } }
    expectClose(rows(logits.array(Float.self)), rows(golden["logits"].floats), relative: 1e-5, absolute: 1e-5, "\(name): logits")

    guard golden.rowsReadAtAToken.count == golden.rows else { return }
    let loss = ClassificationLoss(.singleLabel).sum(logits, golden.targets) / Double(golden.rows)
    expectClose([loss.item], [Double(golden["loss"].floats[0])], relative: 1e-5, absolute: 1e-5, "\(name): loss")
    loss.backward()
    try expectGradients(store, of: golden)
  }

  private func expectHiddenStates(_ states: [Tensor], _ golden: GoldenCase) throws {
    for (i, hidden) in states.enumerated() where golden.has("hidden_states.\(i)") {
      let expected = golden.atTokens("hidden_states.\(i)")
      let largest = expected.reduce(0) { max($0, $1.magnitude) }
      expectClose(hidden.array(Float.self), expected, relative: 1e-5, absolute: 1e-5 * Double(largest), "\(golden.name): hidden state \(i)")
    }
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["config.json", "config.v4.json"], ["llama_gqa", "llama_mha", "mistral_swa"])
  func bothSpellingsOfTheConfigurationAreTheSameModel(_ file: String, _ model: String) throws {
    let folder = Fixtures.path("a_models/\(model)")
    let config = try ModelConfig(try JSON.read("\(folder)/\(file)"), path: file)
    #expect(try config.network == ModelConfig.read(folder: folder).network)
  }
}

extension GoldenCase {
  /// Rows without padding of another id than `pad_token_id`: there transformers reads a position of padding, which is an
  /// accident of the batch, and Attune the last token.
  fileprivate var rowsReadAtAToken: [Int] {
    let ids = self["input_ids"].integers
    return (0..<rows).filter { row in (row * width..<(row + 1) * width).allSatisfy { isToken[$0] || ids[$0] == 0 } }
  }

  /// Index of each row's last token among the packed tokens.
  fileprivate var lastTokens: Tensor {
    var last: [Int] = []
    var token = -1
    for row in 0..<rows {
      token += isToken[row * width..<(row + 1) * width].count { $0 }
      last.append(token)
    }
    return Tensor(last)
  }

  /// The packed positions whose successor is a target, the index of each in `token_logprobs` (rows, width - 1), and the targets.
  var causalTargets: (positions: [(token: Int, golden: Int)], targets: [Int]) {
    let labels = self["labels"].integers
    var positions: [(token: Int, golden: Int)] = []
    var targets: [Int] = []
    var token = -1
    for row in 0..<rows {
      for column in 0..<width where isToken[row * width + column] {
        token += 1
        guard column + 1 < width, labels[row * width + column + 1] != -100 else { continue }
        positions.append((token, row * (width - 1) + column))
        targets.append(labels[row * width + column + 1])
      }
    }
    return (positions, targets)
  }
}
