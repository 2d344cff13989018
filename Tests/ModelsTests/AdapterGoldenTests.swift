import Checkpoints
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

/// Adapters that PEFT 0.21.2 saved, against what it computed with them: logits, losses and the gradient of every trained tensor.
@Suite(.serialized) struct AdapterGoldenTests {
  private static let decoders = ["lora_qv", "lora_qv_bin", "lora_all_rslora", "lora_rank_pattern", "dora"]
  private static func base(_ adapter: String) -> String { adapter == "lora_all_rslora" ? "llama_gqa" : "llama_mha" }
  private static func expected(_ adapter: String) -> String { adapter == "lora_qv_bin" ? "lora_qv" : adapter }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: decoders, [true, false])
  func adaptedDecoderGivesPEFTsNumbers(_ adapter: String, _ kernels: Bool) throws {
    Kernels.areOn = kernels
    defer { Kernels.areOn = true }
    for name in ["case0", "case1"] { try expectDecoder(adapter, name) }
  }

  private func expectDecoder(_ adapter: String, _ name: String) throws {
    let golden = try GoldenCase(Self.expected(adapter), name, in: "b_lora")
    let (folder, base) = (Fixtures.path("b_lora/\(adapter)"), Fixtures.path("a_models/\(Self.base(adapter))"))
    let (_, network, store) = try CausalModel.network(base, adapter: folder)
    for parameter in store.trainable { parameter.tensor.requiresGradient = true }

    let hidden = network.model(golden.packed)
    let logits = hidden.linear([network.head], nil)
    expect(logits, golden.atTokens("logits"), "\(adapter) \(name): logits")
    let (positions, targets) = golden.causalTargets
    let loss = hidden.indexSelect(0, Tensor(positions.map(\.token))).linearCrossEntropy(weight: network.head, targets: Tensor(targets))
    expectClose([loss.item / Double(targets.count)], [Double(golden["loss"].floats[0])], relative: 1e-5, absolute: 1e-5, "\(name): loss")
    (loss / Double(targets.count)).backward()
    expectGradients(store, golden)

    let plain = try CausalModel.network(base).network
    expect(withoutGradients { plain.logits(golden.packed) }, golden.atTokens("base_logits"), "\(adapter) \(name): base logits")
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["bert_seqcls_lora", "llama_seqcls_lora"], ["case0", "case1"])
  func adaptedClassifierGivesPEFTsNumbers(_ adapter: String, _ name: String) throws {
    let golden = try GoldenCase(adapter, name, in: "b_lora")
    let base = Fixtures.path("a_models/\(adapter.dropLast("_lora".count))")
    let (network, store) = try classifier(base, adapter: Fixtures.path("b_lora/\(adapter)"))
    for parameter in store.trainable { parameter.tensor.requiresGradient = true }

    let logits = network.logits(golden.packed, .evaluation)
    expect(logits, golden["logits"].floats, "\(adapter) \(name): logits")
    let loss = ClassificationLoss(.singleLabel).sum(logits, golden.targets) / Double(golden.rows)
    expectClose([loss.item], [Double(golden["loss"].floats[0])], relative: 1e-5, absolute: 1e-5, "\(name): loss")
    loss.backward()
    expectGradients(store, golden)

    let plain = try classifier(base).network
    expect(withoutGradients { plain.logits(golden.packed, .evaluation) }, golden["base_logits"].floats, "\(adapter) \(name): base logits")
  }

  private func expect(_ found: Tensor, _ expected: [Float], _ what: String) {
    let largest = Double(expected.reduce(0) { max($0, $1.magnitude) })
    expectClose(found.array(Float.self), expected, relative: 1e-5, absolute: 1e-5 * largest, what)
  }

  /// Every trained tensor has PEFT's gradient, and nothing else is trained.
  private func expectGradients(_ store: ParameterStore, _ golden: GoldenCase) {
    for parameter in store.parameters where !store.trainable.contains(where: { $0.tensor === parameter.tensor }) {
      #expect(!parameter.tensor.requiresGradient, "\(parameter.name) is frozen")
    }
    guard !golden.gradients.isEmpty else { return }
    #expect(Set(golden.gradients) == Set(store.trainable.map { $0.name.namedDefault }))
    for parameter in store.trainable {
      let expected = golden["grad.\(parameter.name.namedDefault)"].floats
      let largest = Double(expected.reduce(0) { max($0, $1.magnitude) })
      expectClose(
        parameter.tensor.gradient?.array(Float.self) ?? [], expected, relative: 1e-5, absolute: 1e-5 * max(largest, 0.01), "gradient of \(parameter.name)")
    }
  }
}

extension String {
  /// The name a key has inside PEFT's model, where the adapter is called `default`.
  fileprivate var namedDefault: String {
    if hasSuffix("lora_magnitude_vector") { return self + ".default.weight" }
    if contains(".lora_embedding_") { return self + ".default" }
    let (module, leaf) = (prefix(upTo: lastIndex(of: ".")!), suffix(from: lastIndex(of: ".")!))
    return contains(".lora_") ? "\(module).default\(leaf)" : "\(module).modules_to_save.default\(leaf)"
  }
}
