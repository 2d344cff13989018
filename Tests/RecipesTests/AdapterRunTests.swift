import Checkpoints
import Configuration
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Recipes

extension RecipesTests {
  /// `attune train classifier --method lora`: the same run, with adapters instead of whole models in it.
  @Suite struct AdapterRunTests {
    @Test(arguments: [[], ["lora.use_dora=true", "lora.dropout=0.1"]]) func aRunLeavesAdaptersAndAMergedModel(_ settings: [String]) throws {
      try withTemporaryFolder { folder in
        #expect(try Job.train(try job(folder, settings)).status == .done)
        let seed = "\(folder)/sample-stress/seed-42"
        for saved in ["\(seed)/best", "\(seed)/checkpoints/\(try #require(FileSystem.entries("\(seed)/checkpoints").last))"] {
          let adapter = try AdapterFolder.open(saved)
          #expect(adapter.config.rank == 4 && adapter.config.task == .sequenceClassification)
          #expect(!FileSystem.isFile("\(saved)/model.safetensors"))
          #expect(try JSON.read("\(saved)/labels.json")["labels"]?.array?.count == 2)
        }
        // Either folder answers: the adapter through its base model, the merged model alone.
        let batch = PackedTokens(ids: [2, 9, 30, 41, 3, 2, 8, 3], lengths: [5, 3])
        let adapted = try ClassifierModel.load("\(seed)/best")
        let merged = try ClassifierModel.load("\(folder)/models/sample-stress")
        #expect(merged.adapter == nil && merged.labels == adapted.labels)
        expectClose(
          merged.network.logits(batch, .evaluation).array(Float.self), adapted.network.logits(batch, .evaluation).array(Float.self), relative: 1e-5,
          absolute: 1e-5)
        let plain = try ClassifierModel.load(Job.base)
        let frozen = "bert.encoder.layer.0.attention.output.LayerNorm.weight"
        #expect(try #require(merged.parameters[frozen]).isEqual(to: try #require(plain.parameters[frozen])))
        let answers = try TrainedClassifier.load("\(folder)/models/sample-stress", compute: ComputeChoice(RuntimeOptions()), batchSize: nil)
        #expect(answers.metadata.dataset == "sample-stress")
      }
    }

    @Test func aContinuedRunEndsAsAnUninterruptedOne() throws {
      try withTemporaryFolder { folder in
        _ = try Job.train(try job("\(folder)/whole", ["model.dropout=0.1", "lora.dropout=0.1"]))
        // The second run's last states are gone, as if it had been killed after step 6.
        _ = try Job.train(try job("\(folder)/parts", ["model.dropout=0.1", "lora.dropout=0.1", "training.keep=9"]))
        let checkpoints = "\(folder)/parts/sample-stress/seed-42/checkpoints"
        for step in FileSystem.entries(checkpoints) where !["step-3", "step-6"].contains(step) { AtomicWrite.removeTree("\(checkpoints)/\(step)") }
        _ = try Job.train(try job("\(folder)/parts", ["model.dropout=0.1", "lora.dropout=0.1", "training.keep=9"]))
        let (a, b) = (try AdapterFolder.open("\(folder)/whole/sample-stress/seed-42/best"), try AdapterFolder.open("\(folder)/parts/sample-stress/seed-42/best"))
        #expect(a.tensors.names == b.tensors.names)
        for name in a.tensors.names { #expect(a.tensors.tensor(name).isEqual(to: b.tensors.tensor(name)), "\(name)") }
      }
    }

    private func job(_ output: String, _ settings: [String]) throws -> ClassifierJob {
      let all = [
        "data.folder=\(Fixtures.repository)", "data.dataset=sample-stress", "model.base=\(Job.base)", "model.method=lora", "lora.r=4", "model.max_length=48",
        "training.batch_size=8", "training.max_steps=14", "training.eval_every=5", "training.save_every=3", "training.precision=fp32", "training.device=cpu",
        "training.threads=1", "training.output=\(output)",
      ]
      let (values, configuration) = try ClassifierSettings.read(recipe: nil, overrides: (all + settings).map { Override($0) })
      #expect(values.optimizer.learningRate == 5e-4)
      return ClassifierJob(settings: values, configuration: configuration, console: Job.quiet)
    }
  }
}
