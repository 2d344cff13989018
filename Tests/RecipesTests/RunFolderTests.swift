import Configuration
import Datasets
import Files
import Reports
import TestSupport
import Testing

@testable import Recipes

extension RecipesTests {
  /// What a run leaves behind.
  @Suite struct RunFolderTests {
    /// One finished run, shared by the tests that only read it.
    static let run = Result {
      let folder = try temporaryFolder() + "/run"
      return (folder, try Job.train(try Job.training(folder)))
    }
    let folder: String
    let result: JobResult

    init() throws { (folder, result) = try Self.run.get() }

    @Test func theFolderHoldsWhatIsPromised() throws {
      let seed = "sample-stress/seed-42"
      let expected = [
        "config.yaml", "manifest.json", "results.json", "report.html", "\(seed)/metrics.jsonl", "\(seed)/trainer_state.json", "\(seed)/predictions.jsonl",
        "\(seed)/best/model.safetensors", "\(seed)/checkpoints/step-14/training_state/state.json", "models/sample-stress/config.json",
        "models/sample-stress/attune.json",
      ]
      let found = files(below: folder)
      for file in expected { #expect(found.contains(file), "\(file)") }
      #expect(found.contains { $0.hasPrefix("\(seed)/events.out.tfevents.") })
      #expect(!found.contains { $0.contains(".partial-") })
    }

    @Test func resultsAreReadBackAndAreTheDocumentOfTheJob() throws {
      let results = try JSON.read("\(folder)/results.json")
      #expect(results == result.json)
      #expect(results["status"] == "done")
      let report = try ClassifierReport(json: try #require(results["report"]), source: "results.json")
      let dataset = try #require(report.datasets.first)
      #expect(report.datasets.count == 1 && dataset.name == "sample-stress" && dataset.labels == ["no", "yes"])
      #expect(dataset.rows == dataset.confusion.joined().reduce(0, +))
      #expect(Array(dataset.forms.map(\.name).prefix(4)) == ["verdict removed", "with verdict", "labelling, verdict removed", "labelling, with verdict"])
      #expect(dataset.baselines.map(\.kind) == [.majority, .linear])
      // A stated verdict is read by rule, so labelling is right there whatever the model knows.
      #expect(dataset.forms[3].accuracy.mean == 1)
    }

    @Test func theManifestHashesWhatTheNumbersDependOn() throws {
      let manifest = try JSON.read("\(folder)/manifest.json")
      let dataset = try Catalog(root: Fixtures.repository).load("sample-stress")
      let data = try #require(manifest["data"]?["sample-stress"])
      for (split, file) in dataset.sources { #expect(data["files"]?[split.rawValue]?["sha256"]?.string == (try SHA256.digest(ofFile: file))) }
      for (part, examples) in [("train", dataset.train), ("validation", dataset.validation), ("test", dataset.test)] {
        let ids = Array(examples.map { "\($0.id)\n" }.joined().utf8)
        #expect(data["rows"]?[part]?["rows"]?.int == examples.count)
        #expect(data["rows"]?[part]?["ids_sha256"]?.string == ids.withUnsafeBytes(SHA256.digest))
      }
      for file in ["model.safetensors", "vocab.txt", "config.json"] {
        #expect(manifest["base"]?[file]?.string == (try SHA256.digest(ofFile: "\(Job.base)/\(file)")))
      }
      #expect(manifest["configuration"]?.string == (try SHA256.digest(ofFile: "\(folder)/config.yaml")))
      for key in ["binary", "libtorch", "device", "threads"] { #expect(manifest[key] != nil, "\(key)") }
    }

    @Test func theConfigurationReadsBackAsItWas() throws {
      let again = try ClassifierSettings.read(recipe: "\(folder)/config.yaml")
      #expect(again.settings == (try Job.training(folder)).settings)
    }

    @Test func anotherConfigurationIsRefusedByTheNamesOfItsKeys() throws {
      let before = try text("\(folder)/config.yaml")
      let job = try Job.training(folder, dataset: "sample-stress", "optimizer.learning_rate=1e-3", "model.max_length=32", "model.method=linear")
      let error = #expect(throws: InputError.self) { try Job.train(job) }
      #expect(error?.description.contains("optimizer.learning_rate") == true)
      #expect(error?.description.contains("model.max_length") == true)
      #expect(error?.description.contains("model.method") == true)
      #expect(error?.description.contains("--overwrite") == true)
      #expect(try text("\(folder)/config.yaml") == before)
    }

    @Test func overwriteRemovesNothingThatIsNotARun() throws {
      try withTemporaryFolder { folder in
        try AtomicWrite.file("\(folder)/thesis.txt", "mine")
        var job = try Job.training(folder)
        job.existing = .overwrite
        let error = #expect(throws: InputError.self) { try Job.train(job) }
        #expect(error?.description.contains("attune did not write it") == true)
        let data = "\(Fixtures.repository)/test_data/samples/sample-stress.csv"
        let evaluation = EvaluateClassifierJob(
          model: "\(self.folder)/models/sample-stress", data: data, output: folder, overwrite: true, runtime: Job.runtime, console: Job.quiet)
        #expect(throws: InputError.self) { try TorchEngine().evaluate(evaluation) }
        #expect(files(below: folder) == ["thesis.txt"])
      }
    }

    @Test func predictionsAreNumbersAndIdsOnly() throws {
      let predictions = try lines("\(folder)/sample-stress/seed-42/predictions.jsonl")
      let test = try Catalog(root: Fixtures.repository).load("sample-stress").test
      #expect(predictions.count == 2 * test.count)
      for (line, example) in zip(predictions, test) {
        #expect(line.object.map { Array($0.keys) } == ["id", "form", "gold", "predicted", "probabilities"])
        #expect(line["id"]?.string == "\(example.id)" && line["gold"]?.int == example.label)
        #expect(abs((line["probabilities"]?.array?.compactMap(\.double).reduce(0, +) ?? 0) - 1) < 1e-9)
      }
    }

    /// Neither the posts nor the explanations, in no file and not in what is printed.
    @Test func noTextLeavesTheData() throws {
      let dataset = try Catalog(root: Fixtures.repository).load("sample-stress")
      let rows = dataset.train.prefix(10) + dataset.validation.prefix(10) + dataset.test.prefix(20)
      let needles = rows.flatMap { [$0.post, $0.text] }.map { String($0.prefix(40)) }
      for file in files(below: folder) {
        try MappedFile.withBytes(of: "\(folder)/\(file)") { bytes in
          for needle in needles { #expect(!holds(bytes, Array(needle.utf8)), "\(file)") }
        }
      }
      let printed = result.text + result.json.encoded()
      for needle in needles { #expect(!printed.contains(needle)) }
    }

    @Test func aFinishedRunIsNotTrainedAgain() throws {
      let metrics = "\(folder)/sample-stress/seed-42/metrics.jsonl"
      let before = try text(metrics)
      let again = try Job.train(try Job.training(folder))
      #expect(again.json["report"]?["datasets"]?.array?.first?["forms"] == result.json["report"]?["datasets"]?.array?.first?["forms"])
      #expect(try text(metrics) == before)
    }
  }
}
