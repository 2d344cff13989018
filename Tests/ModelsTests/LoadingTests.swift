import Checkpoints
import Files
import Glibc
import Models
import NN
import TestSupport
import Testing
import Tokenizers
import Torch

/// What a folder may look like and still be the same model, and what is said when it is not one.
@Suite struct LoadingTests {
  static let tokenizer = ["tokenizer.json", "tokenizer_config.json", "vocab.txt"]

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["bert_seqcls_bin", "bert_seqcls_bin_legacy", "bert_seqcls_bin_gamma_beta"])
  func everySerialisationIsTheSameModel(_ name: String) throws {
    let golden = try GoldenCase("bert_seqcls", "pair_padded")
    let (reference, _) = try classifier(Fixtures.path("a_models/bert_seqcls"))
    let (network, store) = try classifier(Fixtures.path("a_models/\(name)"))
    #expect(store.initialised.isEmpty)
    let (found, expected) = withoutGradients { (network.logits(golden.packed, .evaluation), reference.logits(golden.packed, .evaluation)) }
    #expect(found.isEqual(to: expected))
  }

  @Test func aBareEncoderGetsANewHeadThatIsAnnounced() throws {
    try withTemporaryFolder { folder in
      try write(to: folder) { $0.hasPrefix("classifier.") ? nil : String($0.dropFirst("bert.".count)) }
      let model = try ClassifierModel.load(folder, labels: ["no", "yes"], seed: 7)
      #expect(model.newParameters == ["classifier.weight", "classifier.bias"])
      #expect(model.announcements == ["\(folder): new, to be trained before use: classifier.weight, classifier.bias"])
      #expect(model.config.problemType == .singleLabel && model.labels == ["no", "yes"])

      let again = try ClassifierModel.load(folder, labels: ["no", "yes"], seed: 7)
      let other = try ClassifierModel.load(folder, labels: ["no", "yes"], seed: 8)
      let head = "classifier.weight"
      #expect(try #require(model.parameters[head]).isEqual(to: #require(again.parameters[head])))
      #expect(try !#require(model.parameters[head]).isEqual(to: #require(other.parameters[head])))
      let encoder = "bert.encoder.layer.1.output.dense.weight"
      #expect(try #require(model.parameters[encoder]).isEqual(to: #require(other.parameters[encoder])))
    }
  }

  @Test func aHeadForOtherClassesIsReplacedAndThatIsSaid() throws {
    try withTemporaryFolder { folder in
      try write(to: folder) { $0 }
      let model = try ClassifierModel.load(folder, labels: ["a", "b", "c", "d", "e"])
      #expect(model.parameters["classifier.weight"]?.shape == [5, 64])
      #expect(model.announcements.contains("\(folder): the head it came with is replaced: classifier.bias, classifier.weight"))
      #expect(try ClassifierModel.load(folder).announcements.isEmpty)
    }
  }

  /// A RoBERTa folder as published, tokenizer included: logits of texts are transformers'.
  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["text", "text_pair"])
  func aRobertaFolderClassifiesTexts(_ name: String) throws {
    let folder = "\(Fixtures.all!)/a_models/roberta_seqcls"
    let golden = try GoldenCase("roberta_seqcls", name)
    let model = try ClassifierModel.load(folder)
    let test = try #require(try JSON.read("\(folder)/expected.json")["cases"]?[name])
    let options = EncodingOptions(truncation: Truncation(maximumLength: test["max_length"]!.int!))
    let rows = try test["texts"]!.array!.enumerated().map { try model.tokenizer.encode($1.string!, pair: test["pairs"]?.array?[$0].string, options: options) }
    let packed = PackedTokens(ids: rows.flatMap(\.ids), types: nil, lengths: rows.map(\.count))
    let logits = withoutGradients { model.network.logits(packed, .evaluation) }
    expectClose(logits.array(Float.self), golden["logits"].floats, relative: 0, absolute: 1e-5, "\(name): logits")
  }

  @Test func onceIsEnoughToSayEverythingThatDoesNotFit() throws {
    try withTemporaryFolder { folder in
      try write(to: folder) { name in
        switch name {
        case "classifier.weight": "classifer.weight"  // as somebody misspelled it
        case "bert.encoder.layer.1.attention.self.key.bias": nil
        case "bert.pooler.dense.bias": "bert.pooler.dense.scale"
        default: name
        }
      }
      let error = try #require(throws: InputError.self) { try ClassifierModel.load(folder) }
      #expect(error.path == folder)
      for words in [
        "3 missing, 2 unexpected, 0 of the wrong shape or dtype", "no tensor 'classifier.weight'; nearest is 'classifer.weight'",
        "no tensor 'bert.encoder.layer.1.attention.self.key.bias'", "no tensor 'bert.pooler.dense.bias'; nearest is 'bert.pooler.dense.scale'",
        "tensor 'bert.pooler.dense.scale' belongs to no parameter of this model",
      ] { #expect("\(error)".contains(words), "\(error)") }
    }
  }

  @Test(
    .enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"),
    arguments: [
      ("missing_tensors", ["no tensor 'bert.encoder.layer.0.attention.self.query.weight'", "no tensor 'classifier.bias'"]),
      ("no_tensors", ["no tensor 'bert.embeddings.word_embeddings.weight'", "no tensor 'bert.pooler.dense.bias'"]),
      ("wrong_shape", ["bert.embeddings.word_embeddings.weight: found float32 [20, 9], expected float [20, 8]"]),
      ("wrong_dtype", ["bert.embeddings.word_embeddings.weight: found int64 [20, 8], expected float [20, 8]"]),
    ])
  func weightsThatContradictTheConfigurationAreListed(_ name: String, _ expected: [String]) throws {
    let error = try #require(throws: ParameterError.self) { try classifier(Fixtures.path("g_malformed/model/\(name)")) }
    for words in expected { #expect("\(error)".contains(words), "\(error)") }
  }

  /// A tokenizer that is not read yet, in a folder that needs it.
  @Test func aTokenizerOfAnotherKindIsNamed() throws {
    try withTemporaryFolder { folder in
      for file in ["config.json", "model.safetensors"] {
        try FileSystem.linkOrCopy(Fixtures.path("a_models/roberta_seqcls/\(file)"), to: "\(folder)/\(file)")
      }
      try AtomicWrite.file("\(folder)/tokenizer.json", #"{"model": {"type": "WordLevel", "vocab": {"a": 0}}}"#)
      let error = try #require(throws: InputError.self) { try ClassifierModel.load(folder) }
      #expect(error.path == "\(folder)/tokenizer.json")
      #expect(error.problem.contains("found a tokenizer of type \"WordLevel\"; supported: WordPiece, BPE, Unigram"), "\(error)")
    }
  }

  // MARK: -

  /// `bert_seqcls` with its tensors renamed, those renamed to nil left out.
  private func write(to folder: String, _ rename: (String) -> String?) throws {
    let source = Fixtures.path("a_models/bert_seqcls")
    for file in Self.tokenizer + ["config.json"] { try FileSystem.linkOrCopy("\(source)/\(file)", to: "\(folder)/\(file)") }
    let tensors = try Checkpoint.open(source).tensors.compactMap { tensor in rename(tensor.name).map { (name: $0, tensor: tensor.tensor()) } }
    try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
  }
}
