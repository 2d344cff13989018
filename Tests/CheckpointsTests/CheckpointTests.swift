import Checkpoints
import Files
import NN
import TestSupport
import Testing
import Torch

/// Whether two tensors store the same elements.
private func sameBytes(_ a: StoredTensor, _ b: StoredTensor) -> Bool {
  a.dtype == b.dtype && a.shape == b.shape && a.withUnsafeBytes { a in b.withUnsafeBytes { a.elementsEqual($0) } }
}

@Suite struct CheckpointReading {
  /// Every serialisation of one model holds the same bits.
  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: [
    ("bert_seqcls_bin", "bert_seqcls"), ("bert_seqcls_bin_legacy", "bert_seqcls"), ("llama_gqa_sharded", "llama_gqa"),
    ("llama_mha_bin_sharded", "llama_mha"), ("t5_v10_bin", "t5_v10"),
  ])
  func alternativeSerialisationsAreBitEqual(_ folder: String, _ reference: String) throws {
    let found = try Checkpoint.open(Fixtures.path("a_models/\(folder)"))
    let expected = try Checkpoint.open(Fixtures.path("a_models/\(reference)"))
    for tensor in expected.tensors { #expect(sameBytes(tensor, try #require(found[tensor.name], "\(tensor.name)")), "\(tensor.name)") }
    // A .bin also has the tied copies that safetensors leaves out; each must equal some tensor of the reference.
    for tensor in found.tensors where expected[tensor.name] == nil {
      #expect(expected.tensors.contains { sameBytes($0, tensor) }, "\(tensor.name)")
    }
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: [
    ("bert_seqcls_bin_gamma_beta", "bert_seqcls"), ("bert_base_prefix", "bert_seqcls"), ("bert_seqcls", "bert_seqcls"),
  ])
  func publishedSpellingsMeetUnderOneKey(_ folder: String, _ reference: String) throws {
    let config = try ModelConfig.read(folder: Fixtures.path("a_models/bert_seqcls"))
    let found = try Checkpoint.open(Fixtures.path("a_models/\(folder)")).parameters(for: config)
    let expected = try Checkpoint.open(Fixtures.path("a_models/\(reference)"))
    let names = expected.tensors.map(\.name).filter { folder != "bert_base_prefix" || !$0.hasPrefix("classifier.") }
    #expect(Set(found.names) == Set(names))
    for name in found.names { #expect(found.tensor(name).isEqual(to: expected[name]!.tensor()), "\(name)") }
    #expect(config.family.isHeadless(found.names) == (folder == "bert_base_prefix"))
  }

  @Test func publishedKeysHaveOneSpelling() {
    for (stored, canonical) in [
      ("embeddings.LayerNorm.gamma", "bert.embeddings.LayerNorm.weight"), ("bert.encoder.layer.0.output.LayerNorm.beta", "bert.encoder.layer.0.output.LayerNorm.bias"),
      ("module.bert.pooler.dense.bias", "bert.pooler.dense.bias"), ("pooler.dense.weight", "bert.pooler.dense.weight"),
      ("embeddings.position_ids", nil), ("bert.embeddings.position_ids", nil), ("classifier.weight", "classifier.weight"),
    ] { #expect(ModelConfig.Family.bert.canonical(stored) == canonical) }
    #expect(ModelConfig.Family.roberta.canonical("encoder.layer.1.output.dense.bias") == "roberta.encoder.layer.1.output.dense.bias")
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"))
  func preTrainingHeadsAreAnnouncedAndNewHeadsToo() throws {
    try withTemporaryFolder { folder in
      let config = try ModelConfig.read(folder: Fixtures.path("a_models/bert_seqcls"))
      var tensors = try Checkpoint.open(Fixtures.path("a_models/bert_seqcls")).tensors.map { (name: $0.name, tensor: $0.tensor()) }
      tensors.append(("cls.predictions.bias", .zeros([700])))
      try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
      let source = try Checkpoint.open(folder).parameters(for: config, replacingHead: true)
      #expect(source.unused == ["cls.predictions.bias"])
      #expect(Set(source.replaced) == ["classifier.weight", "classifier.bias"])
      #expect(source.announcements(initialised: ["classifier.weight"]) == [
        "\(folder): new, to be trained before use: classifier.weight",
        "\(folder): the head it came with is replaced: \(source.replaced.joined(separator: ", "))",
        "\(folder): not needed by a classifier: cls.predictions.bias",
      ])
    }
  }

  @Test func twoSpellingsOfOneParameterAreAnError() throws {
    try withTemporaryFolder { folder in
      let tensors: [(name: String, tensor: Tensor)] = [("embeddings.LayerNorm.gamma", .zeros([2])), ("bert.embeddings.LayerNorm.weight", .zeros([2]))]
      try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
      let config = try ModelConfig(tinyConfig, path: "config.json")
      let error = #expect(throws: InputError.self) { try Checkpoint.open(folder).parameters(for: config) }
      #expect("\(error!)".contains("are both bert.embeddings.LayerNorm.weight"))
    }
  }

  /// A configuration of a huge model beside small weights is refused before its size is allocated.
  @Test func sizesOutOfProportionToTheWeightsAreRefused() throws {
    try withTemporaryFolder { folder in
      let tensors: [(name: String, tensor: Tensor)] = [("bert.pooler.dense.bias", .zeros([2]))]
      try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
      var json = tinyConfig.object!
      json["vocab_size"] = 10_000_000
      let config = try ModelConfig(.object(json), path: "config.json")
      let error = #expect(throws: InputError.self) { try Checkpoint.open(folder).parameters(for: config) }
      #expect("\(error!)".contains("the weights in \(folder) hold 2"))
    }
  }

  @Test func viewsAreLentNotCopiedAndKeepTheFileAlive() throws {
    try withTemporaryFolder { folder in
      let values: [Float] = [1, 2, 3, 4, 5, 6]
      try Safetensors.write([(name: "w", tensor: Tensor(values, shape: [2, 3]))], to: "\(folder)/a.safetensors")
      var tensor: Tensor
      do {
        let stored = try #require(try Checkpoint.open("\(folder)/a.safetensors")["w"])
        tensor = stored.tensor()
        stored.withUnsafeBytes { bytes in tensor.withBytes { #expect($0.baseAddress == UnsafeMutableRawPointer(mutating: bytes.baseAddress!)) } }
      }
      tensor.fill(7)  // the page becomes ours; the file stays
      #expect(tensor.array(Float.self) == [7, 7, 7, 7, 7, 7])
      tensor = try Checkpoint.open("\(folder)/a.safetensors")["w"]!.tensor()
      #expect(tensor.array(Float.self) == values)
    }
  }

  @Test func missingWeightsSayWhatWasLookedFor() throws {
    try withTemporaryFolder { folder in
      let error = #expect(throws: InputError.self) { try Checkpoint.open(folder) }
      #expect("\(error!)" == "\(folder): found no weights, expected one of model.safetensors, model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json. Check the path, or fetch the weights")
    }
  }

  /// The 90 MB encoder: header and views of 104 tensors, the weights untouched.
  @Test(.enabled(if: Fixtures.has(minilm), "set ATTUNE_FIXTURES to a set with minilm/"))
  func openingManyMegabytesTakesMilliseconds() throws {
    let clock = ContinuousClock()
    let elapsed = try clock.measure { _ = try Checkpoint.open(Fixtures.path(minilm)).tensors.map { $0.tensor() } }
    #expect(elapsed < .milliseconds(300), "\(elapsed)")
  }
}

private let minilm = "minilm/model.safetensors"

let tinyConfig: JSON = [
  "model_type": "bert", "vocab_size": 11, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
  "max_position_embeddings": 16,
]
