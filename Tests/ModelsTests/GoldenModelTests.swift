import Checkpoints
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

/// Hidden states, logits, losses and gradients against transformers' (eager attention, float32), to 1e-5.
@Suite struct GoldenModelTests {
  @Test(arguments: ["pair_padded", "single_nomask", "multi_label", "regression"])
  func bertGivesTransformersNumbers(_ name: String) throws { try expectClassifier("bert_seqcls", name) }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["text_pair", "text_edge"])
  func bertGivesTransformersNumbersOnPosts(_ name: String) throws { try expectClassifier("bert_seqcls", name) }

  @Test(arguments: ["padded", "left_padded"])
  func robertaGivesTransformersNumbers(_ name: String) throws { try expectClassifier("roberta_seqcls", name) }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["text", "text_pair"])
  func robertaGivesTransformersNumbersOnPosts(_ name: String) throws { try expectClassifier("roberta_seqcls", name) }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["padded", "single", "text_pair"])
  func debertaGivesTransformersNumbers(_ name: String) throws { try expectClassifier("deberta_v3", name) }

  /// What the published v3 models do without: see scripts/reference/deberta.py.
  @Test(arguments: ["convolution", "absolute", "query", "plain"])
  func everyKindOfDebertaGivesTransformersNumbers(_ name: String) throws { try expectClassifier(name, "padded", in: "deberta") }

  @Test func bertEncoderGivesTransformersNumbers() throws { try expectEncoder("padded") }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"))
  func bertEncoderGivesTransformersNumbersOnPosts() throws { try expectEncoder("text") }

  private func expectClassifier(_ model: String, _ name: String, in set: String = "a_models") throws {
    let golden = try GoldenCase(model, name, in: set)
    let (network, store) = try classifier(Fixtures.path("\(set)/\(model)"))
    for parameter in store.parameters { parameter.tensor.requiresGradient = true }

    for (i, hidden) in withoutGradients({ network.hiddenStates(golden.packed) }).enumerated() where golden.has("hidden_states.\(i)") {
      expectClose(hidden.array(Float.self), golden.atTokens("hidden_states.\(i)"), "\(name): hidden state \(i)")
    }
    let logits = network.logits(golden.packed, .evaluation)
    let classes = logits.shape[1]
    func rows(_ values: [Float]) -> [Float] { golden.rowsThatStartWithAToken.flatMap { values[$0 * classes..<($0 + 1) * classes] } }
    expectClose(rows(logits.array(Float.self)), rows(golden["logits"].floats), relative: 0, absolute: 1e-5, "\(name): logits")

    guard golden.rowsThatStartWithAToken.count == golden.rows else { return }
    let problem = try #require(golden.problem)
    let targets = golden.targets
    let items = problem == .singleLabel ? targets.count : logits.count
    let loss = ClassificationLoss(problem).sum(logits, targets) / Double(items)
    expectClose([loss.item], [Double(golden["loss"].floats[0])], relative: 0, absolute: 1e-5, "\(name): loss")
    loss.backward()
    try expectGradients(store, of: golden)
  }

  /// The bare encoder, whose golden loss is mean(pooler²) + Σ mask · h² / (Σ mask · hidden).
  private func expectEncoder(_ name: String) throws {
    let golden = try GoldenCase("bert_pooler", name)
    let folder = Fixtures.path("a_models/bert_pooler")
    let config = try ModelConfig.read(folder: folder)
    let store = ParameterStore(source: try Checkpoint.open(folder).parameters(for: config))
    let encoder = BertModel(config.encoder, pooled: true, at: store.root["bert"])
    try store.finish()
    for parameter in store.parameters { parameter.tensor.requiresGradient = true }

    let states = encoder.hiddenStates(golden.packed)
    for (i, hidden) in states.enumerated() {
      expectClose(hidden.array(Float.self), golden.atTokens("hidden_states.\(i)"), "\(name): hidden state \(i)")
    }
    let hidden = encoder(golden.packed)
    #expect(hidden.isEqual(to: states[states.count - 1]))
    let pooled = encoder.pooled(hidden, golden.packed)
    expectClose(pooled.array(Float.self), golden["pooler_output"].floats, "\(name): pooled")

    let loss = pooled.squared().mean() + hidden.squared().mean()
    expectClose([loss.item], [Double(golden["loss"].floats[0])], relative: 0, absolute: 1e-5, "\(name): loss")
    loss.backward()
    try expectGradients(store, of: golden, prefix: "bert.")
  }
}

/// A classifier built from a folder's configuration and weights alone, so that a family whose tokenizer is not read yet can be tested.
func classifier(_ folder: String, adapter: String? = nil) throws -> (network: any SequenceClassifier, store: ParameterStore) {
  let config = try ModelConfig.read(folder: folder)
  let store = ParameterStore(
    source: try Checkpoint.open(folder).parameters(for: config), adapters: try adapter.map { try AdapterFolder.open($0).setup(for: config.family) })
  let network = ClassifierModel.network(config, store)
  try store.finish(ignoring: config.family.isKnownUnused)
  return (network, store)
}
