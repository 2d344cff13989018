import Checkpoints
import Configuration
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Recipes

/// `attune merge` from folder to folder.
@Suite struct MergeTests {
  @Test(arguments: MergeJob.Rounding.allCases) func aMergedClassifierGivesTheAdaptersLabels(_ rounding: MergeJob.Rounding) throws {
    try withTemporaryFolder { folder in
      let base = Fixtures.path("a_models/bert_seqcls")
      let adapter = try makeAdapter(in: folder, base: base)
      var job = MergeJob(base: base, adapter: adapter, output: "\(folder)/merged", rounding: rounding, verify: 5)
      job.console.detail = .quiet
      let result = try Merge(job: job).run()
      #expect(result.json["verify"]?["rows"]?.int == 5)
      #expect(result.json["verify"]?["label_agreement"]?.double == 1)
      #expect(try #require(result.json["verify"]?["max_logit_difference"]?.double) < 1e-4)
      #expect(try JSON.read("\(folder)/merged/merge.json") == result.json)
      #expect(FileSystem.entries("\(folder)/merged") == ["config.json", "expected.json", "merge.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"])

      let merged = try ClassifierModel.load("\(folder)/merged")
      #expect(merged.labels == ["low", "middle", "high"])
      let adapted = try ClassifierModel.load(adapter)
      let batch = PackedTokens(ids: [2, 9, 30, 41, 3, 2, 8, 3], lengths: [5, 3])
      expectClose(
        merged.network.logits(batch, .evaluation).array(Float.self), adapted.network.logits(batch, .evaluation).array(Float.self), relative: 1e-5, absolute: 1e-5)

      #expect(throws: InputError.self) { try Merge(job: job).run() }
      job.overwrite = true
      #expect(throws: Never.self) { try Merge(job: job).run() }
    }
  }

  /// What an adapter changes at one end of tied embeddings, or at both, the merged model holds apart.
  @Test(arguments: ["tied_input", "tied_output", "tied_both", "tied_updates"]) func tiedEmbeddingsComeApart(_ name: String) throws {
    try withTemporaryFolder { folder in
      let (base, adapter) = (Fixtures.path("lora/llama_tied"), Fixtures.path("lora/\(name)"))
      var job = MergeJob(base: base, adapter: adapter, output: "\(folder)/merged")
      job.console.detail = .quiet
      _ = try Merge(job: job).run()
      let merged = try CausalModel.network("\(folder)/merged")
      #expect(!merged.config.tiesEmbeddings)
      let batch = PackedTokens(ids: [1, 9, 30, 21, 3, 1, 8, 3], lengths: [5, 3])
      let expected = try CausalModel.network(base, adapter: adapter).network.logits(batch).array(Float.self)
      let largest = Double(expected.map(\.magnitude).max() ?? 0)
      expectClose(merged.network.logits(batch).array(Float.self), expected, relative: 1e-5, absolute: 1e-5 * largest)
    }
  }

  @Test func anAdapterThatWasNotTrainedIsRefused() throws {
    try withTemporaryFolder { folder in
      let base = Fixtures.path("a_models/bert_seqcls")
      let adapter = try makeAdapter(in: folder, base: base, isTrained: false)
      var job = MergeJob(base: base, adapter: adapter, output: "\(folder)/merged")
      job.console.detail = .quiet
      let error = try #require(throws: InputError.self) { try Merge(job: job).run() }
      #expect("\(error)".contains("rounds to nothing") && "\(error)".contains("0 of 4096 elements change"), "\(error)")
      #expect(!FileSystem.exists("\(folder)/merged"))
    }
  }

  @Test func otherFoldersAreNeverReplaced() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/precious.txt", "kept")
      let base = Fixtures.path("a_models/bert_seqcls")
      let job = MergeJob(base: base, adapter: base, output: folder, overwrite: true)
      #expect(throws: InputError.self) { try Merge(job: job).run() }
      #expect(FileSystem.isFile("\(folder)/precious.txt"))
    }
  }

  @Test(arguments: [("tokenizer.json", true), ("generation_config.json", true), ("chat_template.jinja", true), ("merges.txt", true), ("config.json", false),
    ("model-00001-of-00002.safetensors", false), ("model.safetensors.index.json", false), ("pytorch_model.bin", false), ("README.md", false)])
  func whatIsCarriedOver(_ name: String, _ isCarried: Bool) { #expect(Merge.isCarried(name) == isCarried) }

  /// A rank-2 adapter on every linear layer, with labels of its own.
  private func makeAdapter(in folder: String, base: String, isTrained: Bool = true) throws -> String {
    var config = AdapterConfig()
    (config.rank, config.targets, config.task) = (2, .allLinear, .sequenceClassification)
    let model = try ClassifierModel.load(base, newAdapter: config, labels: ["low", "middle", "high"], seed: 3)
    let generator = Generator(seed: 5)
    for parameter in model.parameters.trainable where isTrained && parameter.name.contains("lora_B") {
      parameter.tensor.copy(from: .randn(parameter.tensor.shape, generator: generator) * 0.2)
    }
    try AtomicWrite.createFolder("\(folder)/adapter")
    try model.save(into: "\(folder)/adapter")
    return "\(folder)/adapter"
  }
}
