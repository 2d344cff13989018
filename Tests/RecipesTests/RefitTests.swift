import Configuration
import Datasets
import Files
import TestSupport
import Testing

@testable import Recipes

extension RecipesTests {
  /// The second training, over validation rows too.
  @Suite struct RefitTests {
    static let seed = "run/sample-stress/seed-42"

    /// Trains on a copy of the samples below `folder`.
    func job(_ folder: String, withValidation: Bool = false, _ settings: String...) throws -> ClassifierJob {
      try Job.copySamples(to: folder, withValidation: withValidation)
      let all = ["data.folder=\(folder)", "training.batch_size=64", "training.max_steps=null", "training.epochs=2", "training.eval_every=epoch"] + settings
      return try Job.training("\(folder)/run", dataset: "sample-stress", method: .full, settings: all)
    }

    @Test func withoutAValidationFileTheModelIsTrainedAgainOnAllRows() throws {
      try withTemporaryFolder { folder in
        let job = try job(folder)
        #expect(try Job.train(job).status == .done)
        let catalog = try Catalog(root: folder)
        let dataset = try catalog.load("sample-stress", holdOut: job.settings.data.validationFraction)
        #expect(dataset.holdsOut && !dataset.validation.isEmpty)

        // The same share of the course: as many epochs as were best, over more rows.
        let first = try lines("\(folder)/\(Self.seed)/metrics.jsonl"), second = try lines("\(folder)/\(Self.seed)/refit/metrics.jsonl")
        let best = try #require(first.last { $0["is_best"] == .bool(true) })
        #expect(first.filter { $0["eval_loss"] != nil }.compactMap { $0["eval_loss"]?.double }.min() == best["eval_loss"]?.double)
        let (perEpoch, perEpochOfAll) = (try batches(first), try batches(second))
        #expect(perEpochOfAll >= perEpoch)
        let bestEpochs = Double(try #require(best["step"]?.int)) / Double(perEpoch)
        #expect(second.count == Int((bestEpochs * Double(perEpochOfAll)).rounded()))
        #expect(second.allSatisfy { $0["eval_loss"] == nil })
        let rowsOf = { (lines: [JSON], epoch: Double) in lines.filter { ($0["epoch"]?.double ?? 9) <= epoch }.compactMap { $0["rows"]?.int }.reduce(0, +) }
        let views = 2  // with its verdict and without
        #expect(rowsOf(first, 1) <= dataset.train.count * views && rowsOf(second, 1) <= (dataset.train.count + dataset.validation.count) * views)
        #expect(rowsOf(second, 1) > rowsOf(first, 1))

        // The model that is kept is the second one, and the folder says so.
        let kept = try SHA256.digest(ofFile: "\(folder)/run/models/sample-stress/model.safetensors")
        #expect(kept == (try SHA256.digest(ofFile: "\(folder)/\(Self.seed)/refit/best/model.safetensors")))
        #expect(kept != (try SHA256.digest(ofFile: "\(folder)/\(Self.seed)/best/model.safetensors")))
        #expect(try JSON.read("\(folder)/run/manifest.json")["data"]?["sample-stress"]?["refit"] == .bool(true))
        let notes = try #require(try JSON.read("\(folder)/run/results.json")["report"]?["datasets"]?.array?.first?["notes"]?.array?.compactMap(\.string))
        #expect(notes.contains { $0.contains("trained again on all \(rowsOf(second, 1)) rows") }, "\(notes)")
      }
    }

    @Test(arguments: [(RefitPolicy.auto, true, false), (.always, true, true), (.never, false, false), (.auto, false, true)])
    func thePolicyDecides(policy: RefitPolicy, hasValidationFile: Bool, refits: Bool) throws {
      try withTemporaryFolder { folder in
        let job = try job(folder, withValidation: hasValidationFile, "training.refit=\(policy.rawValue)", "training.epochs=1")
        #expect(try Job.train(job).status == .done)
        #expect(FileSystem.isFile("\(folder)/\(Self.seed)/refit/best/model.safetensors") == refits)
        let state = try JSON.read("\(folder)/\(Self.seed)/trainer_state.json")
        #expect((state["best_metric"]?.double == state["log_history"]?.array?.last { $0["eval_loss"] != nil }?["eval_loss"]?.double) == refits)
        var dry = job
        dry.dryRun = true
        let plan = try #require(try Job.train(dry).json["runs"]?.array?.first)
        #expect((try #require(plan["refit_steps"]?.int) > 0) == refits)
      }
    }

    @Test func aStopInTheSecondTrainingIsContinuedToTheSameWeights() throws {
      try withTemporaryFolder { folder in
        #expect(try Job.train(try job("\(folder)/whole", "training.save_every=2")).status == .done)
        let parts = try job("\(folder)/parts", "training.save_every=2")
        let stopped = try stopping(after: 3, in: "\(folder)/parts/\(Self.seed)/refit/metrics.jsonl") { try Job.train(parts) }
        #expect(stopped.status == .stopped)
        #expect(!FileSystem.exists("\(folder)/parts/run/models"))
        #expect(try Job.train(parts).status == .done)
        for file in ["model.safetensors", "attune.json"] {
          let digests = try ["parts", "whole"].map { try SHA256.digest(ofFile: "\(folder)/\($0)/run/models/sample-stress/\(file)") }
          #expect(digests[0] == digests[1], "\(file)")
        }
        #expect(
          try lines("\(folder)/parts/\(Self.seed)/refit/metrics.jsonl").map(timeless) == lines("\(folder)/whole/\(Self.seed)/refit/metrics.jsonl").map(timeless))
      }
    }

    private func batches(_ lines: [JSON]) throws -> Int {
      let epochs = try #require(lines.first?["epoch"]?.double)
      return Int((1 / epochs).rounded())
    }
  }
}
