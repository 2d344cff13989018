import Configuration
import Datasets
import Files
import Glibc
import TestSupport
import Testing

@testable import Recipes
@testable import Training

extension RecipesTests {
  /// `attune label` on the shipped generations, with linear classifiers: seconds to train, and the same code around them.
  @Suite struct LabelTests {
    static let trained = Result {
      let folder = try temporaryFolder() + "/linear"
      _ = try Job.train(try Job.training(folder, dataset: "all", method: .linear))
      return folder
    }
    static let generations = "\(Fixtures.repository)/test_data/samples/generations"
    static let names = ["sample-causes", "sample-loneliness", "sample-stress"]
    let models: String

    init() throws { models = try Self.trained.get() }

    func job(_ output: String, overwrite: Bool = false) -> LabelJob {
      LabelJob(models: models, data: Self.generations, output: output, calculate: true, overwrite: overwrite, runtime: Job.runtime, console: Job.quiet)
    }

    @Test func everyFileComesBackWithItsRowsAndALabel() throws {
      try withTemporaryFolder { folder in
        let result = try TorchEngine().label(job(folder))
        #expect(result.json["scores"]?.array?.compactMap { $0["dataset"]?.string } == Self.names)
        for name in Self.names {
          let (given, labelled) = (try GenerationFile.read("\(Self.generations)/\(name).csv"), try GenerationFile.read("\(folder)/\(name).csv"))
          #expect(labelled.goldens == given.goldens && labelled.generated == given.generated)
          let table = try LabelTable.read("\(Fixtures.repository)/train_data/samples/\(name)/labels.json")
          #expect(try #require(labelled.labels).allSatisfy(table.shortNames.contains))
          #expect(try text("\(folder)/\(name).csv").hasPrefix("goldens,generated_text,labels\n"))
          // A verdict that a text states is its label, whatever the classifier thinks.
          for (generated, label) in zip(given.generated, try #require(labelled.labels)) {
            if let verdict = table.verdict(of: generated) { #expect(label == table.shortNames[verdict]) }
          }
        }
        // Seven of eight generations are right and linear models are nearly so.
        for score in try #require(result.json["scores"]?.array) { #expect(try #require(score["accuracy"]?.double) > 0.75) }
      }
    }

    @Test func aStoppedJobContinuesWithTheFilesThatAreMissing() throws {
      try withTemporaryFolder { folder in
        let first = try TorchEngine().label(job(folder))
        let before = try Self.names.map { try text("\(folder)/\($0).csv") }
        unlink("\(folder)/sample-loneliness.csv")
        let kept = inode("\(folder)/sample-causes.csv")
        let second = try TorchEngine().label(job(folder))
        #expect(second.json == first.json)
        #expect(try Self.names.map { try text("\(folder)/\($0).csv") } == before)
        #expect(inode("\(folder)/sample-causes.csv") == kept)
        // Held open, so that the file system does not give its number to the new one.
        let held = open("\(folder)/sample-causes.csv", O_RDONLY)
        defer { close(held) }
        _ = try TorchEngine().label(job(folder, overwrite: true))
        #expect(inode("\(folder)/sample-causes.csv") != kept)
        #expect(files(below: folder) == ["labelling.json"] + Self.names.map { "\($0).csv" })
      }
    }

    @Test func aSignalLeavesCompleteFilesOnly() throws {
      try withTemporaryFolder { folder in
        StopSignal.raise()
        defer { StopSignal.reset() }
        let stopped = try TorchEngine().label(job(folder))
        #expect(stopped.status == .stopped)
        #expect(files(below: folder) == ["labelling.json"])
        StopSignal.reset()
        #expect(try TorchEngine().label(job(folder)).status == .done)
        #expect(files(below: folder).count == 4)
      }
    }

    @Test func otherModelsAndForeignFilesAreRefused() throws {
      try withTemporaryFolder { folder in
        _ = try TorchEngine().label(job("\(folder)/out"))
        // The same classifiers, one of them changed.
        for name in Self.names {
          try AtomicWrite.createFolder("\(folder)/models/\(name)")
          for file in files(below: "\(models)/models/\(name)") {
            try FileSystem.linkOrCopy("\(models)/models/\(name)/\(file)", to: "\(folder)/models/\(name)/\(file)")
          }
        }
        try AtomicWrite.file("\(folder)/models/sample-stress/notes.txt", "changed")
        var other = job("\(folder)/out")
        other.models = "\(folder)/models"
        let changed = #expect(throws: InputError.self) { try TorchEngine().label(other) }
        #expect(changed?.description.contains("(sample-stress differ)") == true, "\(changed?.description ?? "")")

        try AtomicWrite.createFolder("\(folder)/foreign")
        try AtomicWrite.file("\(folder)/foreign/sample-causes.csv", "mine\n")
        let foreign = #expect(throws: InputError.self) { try TorchEngine().label(job("\(folder)/foreign")) }
        #expect(foreign?.path == "\(folder)/foreign/sample-causes.csv")
        #expect(try text("\(folder)/foreign/sample-causes.csv") == "mine\n")

        try AtomicWrite.createFolder("\(folder)/empty")
        other.models = "\(folder)/empty"
        let missing = #expect(throws: InputError.self) { try TorchEngine().label(other) }
        #expect(missing?.description.contains("attune train classifier --dataset sample-causes") == true)
      }
    }

    /// The labels that upstream's released classifiers gave; the scores that its script prints for them.
    @Test(
      .enabled(if: Fixtures.hasData, "set ATTUNE_DATA"),
      arguments: [("DR", 82.86, 80.99, 77.56), ("SAD", 80.0, 81.28, 70.23)] as [(String, Double, Double, Double)])
    func upstreamsRulesGiveUpstreamsNumbers(dataset: String, accuracy: Double, weighted: Double, macro: Double) throws {
      let data = try #require(Fixtures.data) + "/MentalLLaMA/examples/label_data_examples"
      let result = try TorchEngine().label(LabelJob(models: nil, data: data, output: nil, calculate: true, compatibility: .imhi))
      let score = try #require(result.json["scores"]?.array?.first { $0["dataset"]?.string == dataset })
      #expect(score["accuracy"]?.double == accuracy)
      #expect(score["weighted_f1"]?.double == weighted)
      #expect(score["macro_f1"]?.double == macro)
      #expect(result.text.contains("Dataset: \(dataset), average acc:\(accuracy), weighted F1 \(weighted), micro F1 \(accuracy), macro F1 \(macro)\n"))
    }

    private func inode(_ path: String) -> UInt {
      var status = stat()
      return stat(path, &status) == 0 ? UInt(status.st_ino) : 0
    }
  }
}
