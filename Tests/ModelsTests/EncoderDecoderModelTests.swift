import Checkpoints
import Files
import Models
import NN
import TestSupport
import Testing
import Tokenizers
import Torch

/// Encoder-decoders as folders: adapters, scores, saving, and what is refused.
@Suite struct EncoderDecoderModelTests {
  @Test(arguments: ["bart", "t5_v11"])
  func adaptersGivePEFTsLogitsAndAreSavedAsTheyWere(_ model: String) throws {
    let folder = Fixtures.path("seq2seq/\(model)_lora")
    let golden = try SequencePairCase(GoldenCase(model, "padded", in: "seq2seq"))
    let expected = try GoldenTensors("\(folder)/expected.safetensors")["padded/logits"]
    let (_, network, store) = try EncoderDecoderModel.network(Fixtures.path("seq2seq/\(model)"), adapter: folder)
    let logits = withoutGradients { network.logits(network(golden.pairs)) }
    expectClose(logits.array(Float.self), golden.atTargets(expected), relative: 1e-5, absolute: 1e-5 * Double(logits.abs().amax().item), "logits")

    let saved = try AdapterFolder.open(folder)
    #expect(saved.config.task == .sequenceToSequence)
    #expect(Set(store.adapterTensors.map(\.name)) == Set(saved.tensors.names))
    // A new adapter on all linear layers is where PEFT puts one.
    var config = saved.config
    config.targets = .allLinear
    let new = try EncoderDecoderModel.network(Fixtures.path("seq2seq/\(model)"), newAdapter: config).parameters
    #expect(Set(new.adapterTensors.map(\.name)) == Set(saved.tensors.names))
    #expect(new.trainable.count == saved.tensors.names.count)
  }

  @Test(arguments: ["bart", "t5_v10"])
  func aNewAdapterOnTheUsualLayersStartsAsTheModel(_ model: String) throws {
    let golden = try SequencePairCase(GoldenCase(model, "padded", in: "seq2seq"))
    let folder = Fixtures.path("seq2seq/\(model)")
    var config = AdapterConfig()
    config.task = .sequenceToSequence
    let (_, network, store) = try EncoderDecoderModel.network(folder, newAdapter: config)
    let base = try EncoderDecoderModel.network(folder).network
    #expect(store.adaptedLayers.count == 2 * 4, "query and value of three self-attentions and a cross-attention")
    let (found, expected) = withoutGradients { (network.logits(network(golden.pairs)), base.logits(base(golden.pairs))) }
    expectClose(found.array(Float.self), expected.array(Float.self), relative: 1e-6, absolute: 1e-6)
  }

  /// The published formula, `BARTScore`, with the released tiny model's tokenizer.
  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: [("cand", "ref"), ("ref", "cand")])
  func scoresAreBARTScores(_ source: String, _ target: String) throws {
    let golden = try #require(try JSON.read(Fixtures.path("d_metrics/model_based.json"))["data"])
    let model = try EncoderDecoderModel.load(Fixtures.path("a_models/bart"), frozen: true)
    let options = EncodingOptions(truncation: Truncation(maximumLength: try #require(golden["bartscore"]?["max_length"]?.int)))
    let pairs = try #require(golden["pairs"]?.array)
    func ids(_ key: String) throws -> [[Int32]] { try pairs.map { try model.tokenizer.encode($0[key]?.string ?? "", pair: nil, options: options).ids } }
    let scores = model.score(try ids(source), try ids(target)).map { $0.reduce(0, +) / Float($0.count) }
    let expected = try #require(golden["bartscore"]?["\(source)_to_\(target)"]?.array).map { Float($0.double ?? .nan) }
    expectClose(scores, expected, relative: 0, absolute: 1e-5)
  }

  @Test func scoresDoNotDependOnTheRowsBeside() throws {
    let sources: [[Int32]] = [[5, 6, 7, 2], [9, 2], [4, 8, 15, 16, 23, 42, 2], [11, 2]]
    let targets: [[Int32]] = [[30, 2], [12, 13, 14, 15, 2], [], [7]]
    for name in ["bart", "t5_v11"] {
      let model = try withTemporaryFolder { try load(name, in: "\($0)/base") }
      let together = model.score(sources, targets)
      #expect(together.map(\.count) == [2, 5, 0, 1])
      for row in sources.indices {
        expectClose(model.score([sources[row]], [targets[row]])[0], together[row], relative: 1e-6, absolute: 1e-6)
        expectClose(model.score(sources, targets, tokenBudget: 8)[row], together[row], relative: 1e-6, absolute: 1e-6)
      }
    }
  }

  @Test(arguments: ["bart", "t5_v10", "t5_v11"]) func aSavedFolderIsTheSameModel(_ name: String) throws {
    let golden = try SequencePairCase(GoldenCase(name, "padded", in: "seq2seq"))
    try withTemporaryFolder { folder in
      let whole = try load(name, in: "\(folder)/base")
      try AtomicWrite.createFolder("\(folder)/whole")
      try whole.save(into: "\(folder)/whole")
      #expect(try whole.difference(fromSaved: "\(folder)/whole", on: golden.pairs) == nil)
      #expect(try Set(Checkpoint.open("\(folder)/whole").tensors.map(\.name)) == Set(Checkpoint.open(whole.base).tensors.map(\.name)))
      #expect(try ModelConfig.read(folder: "\(folder)/whole").network == whole.config.network)

      let adapted = try load(name, in: "\(folder)/base", newAdapter: AdapterConfig())
      for parameter in adapted.parameters.adapterParameters { withoutGradients { parameter.tensor.add(0.25) } }
      try AtomicWrite.createFolder("\(folder)/adapter")
      try adapted.save(into: "\(folder)/adapter")
      #expect(try adapted.difference(fromSaved: "\(folder)/adapter", on: golden.pairs) == nil)
      #expect(try adapted.difference(fromSaved: "\(folder)/adapter", on: golden.pairs, limit: 0) == nil)
      withoutGradients { adapted.parameters.adapterParameters[0].tensor.add(1) }
      #expect(try adapted.difference(fromSaved: "\(folder)/adapter", on: golden.pairs) != nil)
      #expect(try adapted.restoreParameters(from: "\(folder)/adapter").isEmpty)
      #expect(try adapted.difference(fromSaved: "\(folder)/adapter", on: golden.pairs) == nil)
    }
  }

  /// A generating model becomes a classifier with a new head, whole or adapted, and is read again as one.
  @Test(arguments: ["bart", "t5_v11"], [false, true]) func aGeneratingModelIsTrainedToClassify(_ name: String, _ adapts: Bool) throws {
    try withTemporaryFolder { folder in
      _ = try load(name, in: "\(folder)/base")
      var adapter = AdapterConfig()
      adapter.task = .sequenceClassification
      let model = try ClassifierModel.load("\(folder)/base", newAdapter: adapts ? adapter : nil, labels: ["no", "yes"])
      #expect(model.newParameters.allSatisfy { $0.hasPrefix("classification_head.") } && model.newParameters.count == 4)
      #expect(!adapts || model.parameters.trainable.contains { $0.name.hasSuffix("classification_head.dense.weight") })
      let end = Int32(model.config.sequenceIDs.endOfSequence[0])
      let batch = PackedTokens(ids: [9, 30, 41, end, 8, end], lengths: [4, 2], fillsUp: true)
      try AtomicWrite.createFolder("\(folder)/saved")
      try model.save(into: "\(folder)/saved")
      let again = try ClassifierModel.load("\(folder)/saved")
      #expect(again.labels == ["no", "yes"] && again.newParameters.isEmpty)
      let (kept, read) = withoutGradients { (model.network.logits(batch, .evaluation), again.network.logits(batch, .evaluation)) }
      #expect(kept.isEqual(to: read) && kept.shape == [2, 2])
      if !adapts {
        let names = try Checkpoint.open("\(folder)/saved").tensors.map(\.name)
        let root = name == "bart" ? "model." : "transformer."
        #expect(names.allSatisfy { $0.hasPrefix(root) || $0.hasPrefix("classification_head.") })
        #expect(try JSON.read("\(folder)/saved/config.json")["architectures"]?.array?.first?.string?.hasSuffix("ForSequenceClassification") == true)
      }
    }
  }

  /// Files hold the one table of word vectors as `shared`, as a copy on either side, or as all three.
  @Test(arguments: [("bart", "model."), ("t5_v10", "")])
  func everyPublishedSpellingIsTheSameModel(_ name: String, _ prefix: String) throws {
    let config = try ModelConfig.read(folder: Fixtures.path("seq2seq/\(name)"))
    let shared = "\(prefix)shared.weight"
    let copies = ["encoder", "decoder"].map { "\(prefix)\($0).embed_tokens.weight" }
    #expect(config.canonicalNames([shared] + copies + ["lm_head.weight"]) == [shared, nil, nil, "lm_head.weight"])
    #expect(config.canonicalNames(copies) == [shared, nil])
    #expect(config.canonicalNames(["module.\(shared)"]) == [shared])
    if name == "bart" {
      #expect(config.canonicalNames(["shared.weight", "encoder.layers.0.fc1.bias", "final_logits_bias", "encoder.version"])
        == [shared, "model.encoder.layers.0.fc1.bias", "final_logits_bias", nil])
    } else {
      let unused = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
      #expect(config.canonicalNames([unused, "transformer.encoder.final_layer_norm.weight"]) == [nil, "encoder.final_layer_norm.weight"])
      var classifier = config
      classifier.architectures = ["T5ForSequenceClassification"]
      #expect(classifier.canonicalNames([shared, "encoder.final_layer_norm.weight", "classification_head.dense.bias"])
        == ["transformer.shared.weight", "transformer.encoder.final_layer_norm.weight", "classification_head.dense.bias"])
    }
  }

  @Test func anotherKindOfModelIsRefused() throws {
    let error = #expect(throws: InputError.self) { try EncoderDecoderModel.network(Fixtures.path("a_models/bert_seqcls")) }
    #expect(error?.description.contains("found bert, expected an encoder-decoder: bart or t5") == true)
    let other = #expect(throws: InputError.self) { try CausalModel.network(Fixtures.path("seq2seq/bart")) }
    #expect(other?.description.contains("found bart, expected a decoder: llama or mistral") == true)
  }

  @Test(arguments: [
    ("bart", "encoder_attention_heads", JSON.integer(3), "a divisor of d_model 16"), ("bart", "d_model", .null, "an integer"),
    ("bart", "decoder_start_token_id", 48, "an integer from 0 to 47"), ("bart", "normalize_before", true, "false or null"),
    ("bart", "activation_function", "mish", "one of gelu"), ("t5_v10", "feed_forward_proj", "gated-mish", "an activation"),
    ("t5_v10", "relative_attention_max_distance", 4, "more than half of the 8 buckets"), ("t5_v10", "d_ff", 1_000_000_000, "an integer from 1 to"),
    ("t5_v10", "tie_word_embeddings", 3, "true or false"),
  ])
  func unusableConfigurationsAreRefusedByName(_ model: String, _ key: String, _ value: JSON, _ expected: String) throws {
    let path = Fixtures.path("seq2seq/\(model)/config.json")
    var object = try #require(try JSON.read(path).object)
    object[key] = value
    let error = #expect(throws: InputError.self) { try ModelConfig(.object(object), path: path) }
    let words = error?.description ?? ""
    #expect(words.contains("\"\(key)\"") && words.contains(expected), "\(words)")
  }

  /// The model with a tokenizer that stands in for its own, which it does not have, in a new folder.
  private func load(_ name: String, in folder: String, newAdapter: AdapterConfig? = nil) throws -> EncoderDecoderModel {
    if !FileSystem.isFolder(folder) {
      try AtomicWrite.createFolder(folder)
      for file in ["config.json", "model.safetensors"] { try FileSystem.linkOrCopy(Fixtures.path("seq2seq/\(name)/\(file)"), to: "\(folder)/\(file)") }
      try FileSystem.linkOrCopy(Fixtures.path("a_models/bert_seqcls/vocab.txt"), to: "\(folder)/vocab.txt")
    }
    return try EncoderDecoderModel.load(folder, newAdapter: newAdapter)
  }
}
