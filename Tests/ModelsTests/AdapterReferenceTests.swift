import Checkpoints
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

/// Every kind of adapter on tiny models (`scripts/reference/lora_reference.py`): what PEFT adapts and saves is what the store adapts and
/// saves, and the logits are PEFT's.
@Suite(.serialized) struct AdapterReferenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name, base: String
    let layers: JSONObject
    var folder: String { Fixtures.path("lora/\(name)") }
    var baseFolder: String { Fixtures.path("lora/\(base)") }
    var testDescription: String { name }

    static let all = ((try? JSON.read(Fixtures.path("lora/cases.json")))?.object ?? [:]).map {
      Case(name: $0.key, base: $0.value["base"]!.string!, layers: $0.value["layers"]!.object!)
    }
    /// Cases whose configuration PEFT resolved before saving it, and what it was.
    static let resolved: [String: AdapterConfig.Targets] = [
      "usual": .standard, "bert_usual": .standard, "all_linear": .allLinear, "whole_modules": .allLinear, "bf16": .allLinear, "bert_all": .allLinear,
      "roberta_all": .allLinear,
    ]
  }

  @Test func thereAreCases() { #expect(Case.all.count == 24) }

  @Test(arguments: Case.all) func aNewAdapterHasPEFTsTensors(_ item: Case) throws {
    let saved = try AdapterFolder.open(item.folder)
    for targets in [saved.config.targets] + (Case.resolved[item.name].map { [$0] } ?? []) {
      var config = saved.config
      config.targets = targets
      let plan = try LoRAPlan(config, family: try ModelConfig.read(folder: item.baseFolder).family, path: "test")
      let store = try build(item, AdapterSetup(plan))
      #expect(Set(store.adaptedLayers) == Set(item.layers.keys))
      for (path, layer) in item.layers {
        let update = try #require(plan.update(ofLayer: path))
        #expect(update.rank == layer["rank"]?.int)
        #expect(update.scale == layer["scale"]?.double)
      }
      let shapes = Dictionary(uniqueKeysWithValues: saved.tensors.names.map { ($0, saved.tensors.description(of: $0)!.shape) })
      #expect(Dictionary(uniqueKeysWithValues: store.adapterTensors.map { ($0.name, $0.tensor.shape) }) == shapes)
      #expect(store.trainable.allSatisfy { $0.tensor.dtype == .float32 })
    }
  }

  @Test(arguments: Case.all.filter { !$0.base.hasSuffix("bf16") }, [true, false]) func aSavedAdapterGivesPEFTsLogits(_ item: Case, _ kernels: Bool) throws {
    Kernels.areOn = kernels
    defer { Kernels.areOn = true }
    let golden = try GoldenTensors("\(item.folder)/expected.safetensors")
    let logits = try self.logits(item, golden)
    let expected = golden["logits"].floats
    let largest = Double(expected.reduce(0) { max($0, $1.magnitude) })
    expectClose(logits, expected, relative: 1e-5, absolute: 1e-5 * largest)
  }

  /// What is saved is what was read, tensor by tensor and bit by bit; bfloat16 modules that were trained whole come back as float32.
  @Test(arguments: Case.all) func aSavedAdapterIsSavedAgainAsItWas(_ item: Case) throws {
    let saved = try AdapterFolder.open(item.folder)
    let config = try ModelConfig.read(folder: item.baseFolder)
    let store = try build(item, saved.setup(for: config.family))
    try withTemporaryFolder { folder in
      let description = AdapterDescription(config: saved.config, layers: store.adaptedLayers, classifier: config.family.isDecoder ? nil : config)
      try AdapterFolder.write(description, tensors: store.adapterTensors.map { ($0.name, $0.tensor) }, into: folder)
      let again = try AdapterFolder.open(folder)
      #expect(again.config == saved.config)
      #expect(Set(again.tensors.names) == Set(saved.tensors.names))
      for name in again.tensors.names {
        #expect(again.tensors.tensor(name).isEqual(to: saved.tensors.tensor(name).to(again.tensors.tensor(name).dtype)), "\(name)")
      }
    }
  }

  /// The random start of a tensor depends on the seed and its name alone, and the model starts as its base.
  @Test func aNewAdapterStartsAsPEFTStartsIt() throws {
    let item = try #require(Case.all.first { $0.name == "embeddings_dora" })
    var config = try AdapterConfig.read(folder: item.folder)
    func store(_ seed: UInt64) throws -> ParameterStore { try build(item, AdapterSetup(try LoRAPlan(config, family: .llama, path: "test")), seed: seed) }
    let (first, other) = (try store(1), try store(2))
    let few = try #require(first.adapterParameters.first { $0.name.contains("layers.1.mlp.down_proj.lora_A") })
    let bound = 1 / (24.0).squareRoot()
    #expect(few.tensor.abs().amax().item <= bound)
    #expect(few.tensor.abs().amax().item > 0.8 * bound)
    #expect(!few.tensor.isEqual(to: try #require(other.adapterParameters.first { $0.name == few.name }).tensor))
    for parameter in first.adapterParameters where parameter.name.contains("lora_B") || parameter.name.hasSuffix("lora_embedding_A") {
      #expect(parameter.tensor.abs().amax().item == 0)
    }
    let magnitude = try #require(first.adapterParameters.first { $0.name.contains("layers.0.self_attn.v_proj.lora_magnitude") })
    let weight = try #require(first["model.layers.0.self_attn.v_proj.weight"])
    #expect(magnitude.tensor.isEqual(to: weight.norm(1)))

    config.targets = .modules(.names(["down_proj"]))
    let alone = try store(1)
    #expect(try #require(alone.adapterParameters.first { $0.name == few.name }).tensor.isEqual(to: few.tensor))
    let golden = try GoldenTensors("\(item.folder)/expected.safetensors")
    let plain = try CausalModel.network(item.baseFolder).network
    let adapted = try CausalModel.network(item.baseFolder, newAdapter: config).network
    let batch = packed(golden)
    expectClose(adapted.logits(batch).array(Float.self), plain.logits(batch).array(Float.self), relative: 1e-5, absolute: 1e-5)
  }

  // MARK: -

  private func packed(_ golden: GoldenTensors) -> PackedTokens {
    let ids = golden["input_ids"]
    return PackedTokens(ids: ids.integers.map(Int32.init), lengths: Array(repeating: ids.shape[1], count: ids.shape[0]))
  }

  private func logits(_ item: Case, _ golden: GoldenTensors) throws -> [Float] {
    let family = try ModelConfig.read(folder: item.baseFolder).family
    if family.isDecoder { return try CausalModel.network(item.baseFolder, adapter: item.folder).network.logits(packed(golden)).array(Float.self) }
    return try classifier(item.baseFolder, adapter: item.folder).network.logits(packed(golden), .evaluation).array(Float.self)
  }

  private func build(_ item: Case, _ setup: AdapterSetup, seed: UInt64 = 0) throws -> ParameterStore {
    let config = try ModelConfig.read(folder: item.baseFolder)
    let store = ParameterStore(source: try Checkpoint.open(item.baseFolder).parameters(for: config), adapters: setup, seed: seed)
    switch config.family {
    case .llama, .mistral: _ = LlamaForCausalLM(config.decoder, at: store.root)
    case .bart: _ = BartForConditionalGeneration(config.bart, at: store.root)
    case .t5: _ = T5ForConditionalGeneration(config.t5, at: store.root)
    case .bert, .roberta, .deberta: _ = ClassifierModel.network(config, store)
    }
    try store.finish()
    return store
  }
}
