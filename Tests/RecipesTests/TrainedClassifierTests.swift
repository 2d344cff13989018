import Configuration
import Datasets
import Files
import Glibc
import TestSupport
import Testing

@testable import Recipes

extension RecipesTests {
  /// Saved classifiers, of either kind, as `predict` and `eval classifier` use them.
  @Suite struct TrainedClassifierTests {
    struct Named: TextClassifier {
      var labels: [String]
      func logits(_ texts: [TextSegments]) -> [[Float]] { texts.map { _ in labels.indices.map(Float.init) } }
    }

    func classifier(_ labels: [String]) -> TrainedClassifier {
      TrainedClassifier(
        folder: "model", classifier: Named(labels: labels),
        metadata: ClassifierMetadata(dataset: "", input: .full, maxLength: 128, temperature: 1, labels: nil))
    }

    /// label_inference.py, lines 36 to 41: output k of the released classifiers means these golds.
    @Test(arguments: [
      ("t-sid", ["depression", "suicide or self-harm", "ptsd", "no mental disorders"]),
      ("swmh", ["depression", "suicide", "anxiety", "bipolar", "no mental disorder"]),
      ("DR", ["no", "yes"]),
    ])
    func releasedClassifiersAnswerInTheirOwnOrder(dataset: String, names: [String]) throws {
      let table = try #require(IMHILabels.table(dataset))
      let released = classifier(names.indices.map { "LABEL_\($0)" })
      #expect(try released.goldIDs(table).map { table.names[$0] } == names)
      // Logit k of the model is k, so the last class of the model is the largest, whatever its gold id.
      let logits = try released.goldLogits([("a text", nil)], table)[0]
      #expect(table.names[argmax(logits)] == names.last)
    }

    @Test func classesAreMatchedByNameAndNeverGuessed() throws {
      let table = try #require(IMHILabels.table("SAD"))
      #expect(try classifier(table.shortNames.reversed()).goldIDs(table) == Array((0..<9).reversed()))
      for labels in [["yes", "no"], table.names.dropLast() + ["something else"], Array(repeating: "work", count: 9)] {
        let error = #expect(throws: InputError.self) { try classifier(labels).goldIDs(table) }
        #expect(error?.path == "model/config.json")
      }
    }

    @Test func metadataReadsBackAndNamesWhatIsWrong() throws {
      try withTemporaryFolder { folder in
        let table = try LabelTable.read("\(Fixtures.repository)/train_data/samples/sample-causes/labels.json")
        let metadata = ClassifierMetadata(dataset: "sample-causes", input: .both, maxLength: 64, temperature: 1.25, labels: table)
        try metadata.write(into: folder)
        #expect(try ClassifierMetadata.read(folder, classes: 9, longest: 128) == metadata)
        #expect(throws: InputError.self) { try ClassifierMetadata.read(folder, classes: 8, longest: 128) }
        for (key, value) in [("temperature", 0), ("max_length", 4000), ("input", "posts"), ("labels", [:]), ("format", 2)] as [(String, JSON)] {
          var json = try #require(try JSON.read("\(folder)/attune.json").object)
          json[key] = value
          try AtomicWrite.createFolder("\(folder)/wrong")
          try AtomicWrite.file("\(folder)/wrong/attune.json", JSON.object(json).encoded())
          let error = #expect(throws: InputError.self) { try ClassifierMetadata.read("\(folder)/wrong", classes: 9, longest: 128) }
          #expect(error?.path == "\(folder)/wrong/attune.json", "\(key)")
        }
      }
    }

    /// The random fixture as Hugging Face publishes models: no attune.json, classes LABEL_0 to LABEL_2.
    @Test func predictionsFollowTheInputLineByLine() throws {
      try withTemporaryFolder { folder in
        let texts = ["a first text", "", "the third is a little longer than the others", "the third", "last"]
        try AtomicWrite.file("\(folder)/unix.txt", texts.joined(separator: "\n") + "\n")
        try AtomicWrite.file("\(folder)/dos.txt", texts.joined(separator: "\r\n"))
        try AtomicWrite.file("\(folder)/rows.jsonl", texts.map { JSON.object(["id": 1, "text": .string($0)]).encoded() + "\n" }.joined())
        let expected = try predict("\(folder)/unix.txt")
        #expect(expected.map(\.index) == [0, 1, 2, 3, 4])
        for prediction in expected {
          #expect(abs(prediction.probabilities.map(\.probability).reduce(0, +) - 1) < 1e-12)
          #expect(prediction.label == prediction.probabilities.max { $0.probability < $1.probability }?.label)
        }
        #expect(try predict("\(folder)/rows.jsonl") == expected)
        // The last line arrives alone, then batches of two: the same to rounding.
        for others in [try predict("\(folder)/dos.txt"), try predict("\(folder)/unix.txt", batchSize: 2)] {
          #expect(others.map(\.label) == expected.map(\.label))
          for (one, other) in zip(expected, others) {
            #expect(zip(one.probabilities, other.probabilities).allSatisfy { abs($0.probability - $1.probability) < 1e-6 })
          }
        }
      }
    }

    @Test(arguments: [
      ("bytes.txt", "line 2"), ("object.jsonl", "line 1"), ("key.jsonl", "line 2"),
    ])
    func damagedInputNamesItsLine(name: String, place: String) throws {
      let contents: [String: [UInt8]] = [
        "bytes.txt": Array("fine\n".utf8) + [0xFF, 0x0A], "object.jsonl": Array("{\"text\": \n".utf8), "key.jsonl": Array("{\"text\": \"a\"}\n{\"txt\": \"b\"}\n".utf8),
      ]
      try withTemporaryFolder { folder in
        try AtomicWrite.file("\(folder)/\(name)", try #require(contents[name]))
        let error = #expect(throws: InputError.self) { try predict("\(folder)/\(name)") }
        #expect(error?.path == "\(folder)/\(name)" && error?.location?.hasPrefix(place) == true, "\(error?.description ?? "")")
      }
    }

    @Test(arguments: [ClassifierMethod.full, .linear])
    func evaluationAgreesWithTheRunThatTrained(method: ClassifierMethod) throws {
      try withTemporaryFolder { folder in
        let trained = try Job.train(try Job.training("\(folder)/run", method: method))
        var job = EvaluateClassifierJob(
          model: "\(folder)/run/models/sample-stress", data: "\(Fixtures.repository)/test_data/samples/sample-stress.csv", output: "\(folder)/new/eval",
          runtime: Job.runtime, console: Job.quiet)
        let result = try TorchEngine().evaluate(job)
        func dataset(_ result: JobResult) -> JSON? { result.json["report"]?["datasets"]?.array?.first }
        for key in ["accuracy", "weighted_f1", "macro_f1"] { #expect(dataset(result)?[key]?["mean"] == dataset(trained)?[key]?["mean"], "\(key)") }
        #expect(dataset(result)?["confusion"] == dataset(trained)?["confusion"])
        #expect(Array(dataset(result)?["forms"]?.array ?? []) == Array(dataset(trained)?["forms"]?.array?.prefix(4) ?? []))
        #expect(files(below: "\(folder)/new/eval").contains("predictions.jsonl"))
        #expect(try JSON.read("\(folder)/new/eval/results.json") == result.json)
        let again = #expect(throws: InputError.self) { try TorchEngine().evaluate(job) }
        #expect(again?.path == "\(folder)/new/eval")
        job.overwrite = true
        #expect(try TorchEngine().evaluate(job).json == result.json)
      }
    }

    @Test func plainLabelledRowsAreReadAsTheyStand() throws {
      try withTemporaryFolder { folder in
        try AtomicWrite.file("\(folder)/rows.jsonl", ["LABEL_0", "2", "LABEL_1", "label_0"].map { "{\"text\": \"some text\", \"label\": \"\($0)\"}\n" }.joined())
        var job = EvaluateClassifierJob(model: Job.base, data: "\(folder)/rows.jsonl", runtime: Job.runtime, console: Job.quiet)
        let dataset = try #require(try TorchEngine().evaluate(job).json["report"]?["datasets"]?.array?.first)
        #expect(dataset["rows"]?.int == 4)
        #expect(dataset["confusion"]?.array?.map { $0.array?.compactMap(\.int).reduce(0, +) } == [2, 1, 1])
        try AtomicWrite.file("\(folder)/rows.jsonl", "{\"text\": \"some text\", \"label\": \"LABEL_7\"}\n{\"text\": \"b\", \"label\": \"LABEL_0\"}\n")
        let error = #expect(throws: InputError.self) { try TorchEngine().evaluate(job) }
        #expect(error?.location == "line 1, row 1")
        job.onUnmatched = .drop
        #expect(try TorchEngine().evaluate(job).json["report"]?["datasets"]?.array?.first?["rows"]?.int == 1)
      }
    }

    private func predict(_ path: String, batchSize: Int? = nil) throws -> [Prediction] {
      var predictions: [Prediction] = []
      let job = PredictJob(model: Job.base, source: .file(path), batchSize: batchSize, runtime: Job.runtime, console: Job.quiet)
      let result = try TorchEngine().predict(job) { predictions.append($0) }
      #expect(result.json["texts"]?.int == predictions.count)
      return predictions
    }
  }
}
