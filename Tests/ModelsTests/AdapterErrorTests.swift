import Checkpoints
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

/// Adapters that do not fit their model: one error with every tensor, nothing skipped in silence.
@Suite struct AdapterErrorTests {
  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: [
    ("missing_b", "no tensor 'base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight'"),
    ("orphan_layer", "tensor 'base_model.model.model.layers.99.self_attn.q_proj.lora_A.weight' belongs to no parameter"),
    ("r_mismatch", "lora_A.weight: found float32 [4, 64], expected float [16, 64]"), ("no_weights", "found no weights"), ("bad_regex_target", "target_modules"),
    ("r_zero", "key \"r\""), ("unknown_type", "MAGIC"),
  ])
  func aModelRefusesAnAdapterThatDoesNotFit(_ name: String, _ words: String) throws {
    let folder = Fixtures.path("g_malformed/adapter/\(name)")
    let error = try #require(throws: InputError.self) { _ = try CausalModel.network(Fixtures.path("a_models/llama_mha"), adapter: folder) }
    #expect(error.path.hasPrefix(folder) && "\(error)".contains(words), "\(error)")
  }

  @Test func anAdapterOfAnotherFamilyIsRefused() throws {
    let error = try #require(throws: InputError.self) {
      _ = try CausalModel.network(Fixtures.path("lora/llama"), adapter: Fixtures.path("lora/bert_usual"))
    }
    #expect("\(error)".contains("belongs to no parameter") || "\(error)".contains("no layer"), "\(error)")
  }

  @Test func targetsThatAreNoLayersAreRefused() throws {
    let config = AdapterConfig()
    let error = try #require(throws: InputError.self) { _ = try ClassifierModel.load(Fixtures.path("a_models/bert_seqcls"), newAdapter: with(config, "querry")) }
    #expect("\(error)".contains("no layer"), "\(error)")
    let model = try ClassifierModel.load(Fixtures.path("a_models/bert_seqcls"), newAdapter: with(config, "query", "vallue"))
    #expect(model.announcements.contains { $0.contains("vallue") })
  }

  @Test func aBaseModelThatMovedIsNamed() throws {
    try withTemporaryFolder { folder in
      var config = AdapterConfig()
      config.baseModel = "nowhere/llama"
      try AdapterFolder.write(AdapterDescription(config: config, layers: ["a"]), tensors: [("base_model.model.a.lora_A.weight", .zeros([1]))], into: folder)
      let error = try #require(throws: InputError.self) { _ = try CausalModel.network(folder) }
      #expect("\(error)".contains("nowhere/llama") && error.location == "key \"base_model_name_or_path\"", "\(error)")
    }
  }

  private func with(_ config: AdapterConfig, _ names: String...) -> AdapterConfig {
    var config = config
    config.targets = .modules(.names(names))
    return config
  }
}
