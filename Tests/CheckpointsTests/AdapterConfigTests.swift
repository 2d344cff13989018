import Checkpoints
import Files
import Glibc
import NN
import TestSupport
import Testing

/// `adapter_config.json` as PEFT 0.21.2 writes and reads it.
@Suite struct AdapterConfigTests {
  private static let saved: [String] = {
    let cases = FileSystem.entries(Fixtures.path("lora")).filter { FileSystem.isFile(Fixtures.path("lora/\($0)/adapter_config.json")) }
    return cases.map { "lora/\($0)" } + (Fixtures.hasAll ? ["lora_qv", "dora", "lora_all_rslora", "lora_rank_pattern", "bert_seqcls_lora"].map { "b_lora/\($0)" } : [])
  }()

  /// Byte for byte: every key, in PEFT's order, with PEFT's spelling of numbers.
  @Test(arguments: saved) func whatPEFTWroteIsWrittenAgain(_ folder: String) throws {
    let path = Fixtures.path(folder)
    let config = try AdapterConfig.read(folder: path)
    let text = try FileSystem.text("\(path)/adapter_config.json")
    #expect(config.encoded() == (text.hasSuffix("\n") ? String(text.dropLast()) : text))
    #expect(config.unknownKeys.isEmpty)
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"))
  func aFileFromAnEarlyVersionGetsTheDefaultsOfThisOne() throws {
    let early = try AdapterConfig.read(folder: Fixtures.path("b_lora/lora_qv_bin"))
    #expect(try early.encoded() + "\n" == FileSystem.text(Fixtures.path("b_lora/lora_qv/adapter_config.json")))
  }

  @Test func unknownKeysAreKept() throws {
    let config = try read(#""r": 4, "made_up": {"a": [1]}, "peft_version": "9.9""#)
    #expect(config.unknownKeys == ["made_up"])
    let again = try JSON.parse(config.encoded(), source: "test")
    #expect(again["made_up"] == ["a": [1]])
    #expect(again["peft_version"] == "9.9")
  }

  @Test func theDefaultsArePEFTs() throws {
    let config = try read("")
    #expect(config.rank == 8 && config.alpha == 8 && config.dropout == 0 && config.targets == .standard && config.wholeModules.isEmpty)
    #expect(try read(#""task_type": "SEQ_CLS""#).wholeModules == ["classifier", "score"])
    #expect(try read(#""task_type": "SEQ_CLS", "modules_to_save": ["score", "norm"]"#).wholeModules == ["score", "norm", "classifier"])
  }

  @Test(arguments: [
    (#""r": 0"#, "r"), (#""r": -5"#, "r"), (#""r": 2.5"#, "r"), (#""target_modules": 5"#, "target_modules"), (#""target_modules": []"#, "target_modules"),
    (#""init_lora_weights": "pissa""#, "init_lora_weights"), (#""use_qalora": true"#, "use_qalora"), (#""layer_replication": [[0, 2]]"#, "layer_replication"),
    (#""target_parameters": ["experts.weight"]"#, "target_parameters"), (#""trainable_token_indices": [3]"#, "trainable_token_indices"),
    (#""bias": "some""#, "bias"), (#""task_type": "TOKEN_CLS""#, "task_type"), (#""rank_pattern": {"q": 1.5}"#, "rank_pattern"),
    (#""alora_invocation_tokens": [1, 2]"#, "alora_invocation_tokens"), (#""lora_bias": true, "use_dora": true"#, "lora_bias"),
    (#""layers_pattern": ["layers"]"#, "layers_pattern"), (#""target_modules": ".*q", "layers_to_transform": [1]"#, "layers_to_transform"),
    (#""eva_config": {"rho": 2.0}"#, "eva_config"), (#""peft_type": "IA3""#, "peft_type"),
  ])
  func whatThisBuildDoesNotComputeIsRefusedByName(_ members: String, _ key: String) throws {
    let error = try #require(throws: InputError.self) { try read(members) }
    #expect(error.path == "test" && "\(error.location ?? "")".contains(key))
  }

  // MARK: Patterns

  @Test(arguments: [
    (#".*\.(q|v)_proj"#, true), ("model", false), (#"q_proj|.*v_proj|.*q_proj"#, true), (#"model\.layers\.[0-3]\..*"#, true),
    (#"(?:.*\.)?self_attn\.q_proj"#, true), (#".*(?!v)q_proj"#, true), (#"^model.*proj$"#, true), (#".{3,}"#, true), (#"\D+\d\D+"#, true),
    (#"(?P<head>model)\.layers.*"#, true), (#"[^q]*"#, false), (#"model\.layers\.\w+\.self_attn\.q_pro"#, false),
  ])
  func patternsMatchWholePathsAsPythonDoes(_ pattern: String, _ matches: Bool) throws {
    var config = AdapterConfig()
    config.targets = .modules(.pattern(pattern))
    let plan = try LoRAPlan(config, family: .llama, path: "test")
    #expect((plan.update(ofLayer: "model.layers.3.self_attn.q_proj") != nil) == matches)
  }

  @Test(arguments: ["(unclosed[", "*", "a{2,1}", #"\h"#, "[a-z&&[b]]", "[[:alpha:]]", "(?<name>q)", "(?i)q", #"\Qq\E"#, "a\\", "(*F)", #"\p{L}"#])
  func patternsThatPythonReadsOtherwiseAreRefused(_ pattern: String) throws {
    var config = AdapterConfig()
    config.targets = .modules(.pattern(pattern))
    let error = try #require(throws: InputError.self) { try LoRAPlan(config, family: .llama, path: "test") }
    #expect("\(error)".contains("target_modules"))
  }

  private func read(_ members: String) throws -> AdapterConfig {
    let type = members.contains("peft_type") ? "" : #""peft_type": "LORA""# + (members.isEmpty ? "" : ", ")
    return try AdapterConfig(try JSON.parse("{\(type)\(members)}", source: "test"), path: "test")
  }
}
