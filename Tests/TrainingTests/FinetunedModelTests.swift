import Datasets
import Files
import Glibc
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Training

/// A model that Attune fine-tuned and saved, as transformers reads it.
///
/// `Tests/Fixtures/roundtrip/finetuned` is such a folder, and `finetuned.json` what transformers computed from it. To make both again:
/// `ATTUNE_ROUNDTRIP=DIR swift test --filter FinetunedModelTests` writes `DIR/finetuned` and `DIR/finetuned.json`, then
/// `scripts/reference/classifier_roundtrip.py DIR/finetuned DIR/finetuned.json`, and copy the folder.
@Suite struct FinetunedModelTests {
  /// Rows of three lengths, ids that are words.
  private static let rows: [[Int32]] = [12, 7, 1].enumerated().map { row, length in (0..<length).map { Int32(5 + (37 * $0 + 101 * row) % 590) } }

  @Test func aSavedModelAnswersAsItDidAndAsTransformersDoes() throws {
    try withTemporaryFolder { folder in
      let model = try finetuned("\(folder)/base")
      try AtomicWrite.createFolder("\(folder)/saved")
      try model.save(into: "\(folder)/saved")
      let reloaded = try ClassifierModel.load("\(folder)/saved")
      #expect(reloaded.labels == model.labels && reloaded.announcements.isEmpty)
      #expect(logits(reloaded) == logits(model))
      if let target = getenv("ATTUNE_ROUNDTRIP").map({ String(cString: $0) }) {
        try AtomicWrite.createFolder("\(target)/finetuned")
        try model.save(into: "\(target)/finetuned")
        try AtomicWrite.file("\(target)/finetuned.json", answers(model).encoded() + "\n")
      }
    }
  }

  @Test func transformersReadsAFinetunedModelWithEqualLogits() throws {
    let folder = Fixtures.path("roundtrip/finetuned")
    let golden = try JSON.read(Fixtures.path("roundtrip/finetuned.json"))
    // The files are those that transformers read, and what Attune would write from them.
    let digests = try #require(golden["sha256"]?.object)
    #expect(FileSystem.entries(folder) == digests.keys.sorted())
    let model = try ClassifierModel.load(folder)
    try withTemporaryFolder { copy in
      try model.save(into: copy)
      for (file, digest) in digests {
        #expect(try SHA256.digest(ofFile: "\(folder)/\(file)") == digest.string, "\(file)")
        #expect(try SHA256.digest(ofFile: "\(copy)/\(file)") == digest.string, "\(file), saved again")
      }
    }
    let found = answers(model)
    #expect(golden["labels"] == found["labels"] && golden["input_ids"] == found["input_ids"])
    let expected = try #require(golden["logits"]?.array).flatMap { try #require($0.array).map { Float(try #require($0.double)) } }
    expectClose(logits(model).flatMap { $0 }, expected, relative: 0, absolute: 1e-5, "logits against transformers'")
  }

  /// Twelve steps of training on random rows, dropout on.
  private func finetuned(_ base: String) throws -> ClassifierModel {
    try TinyBert.write(to: base)
    let model = try ClassifierModel.load(base, labels: ["no", "yes", "压力"], seed: 4)
    let rows = TinyBert.examples((0..<32).map { .label(Int32($0 % 3)) })
    let task = ClassificationTask(model, loss: ClassificationLoss(.singleLabel), validation: [], names: [])
    var plan = TrainingLoop<ClassificationTask>.Plan()
    plan.batchSize = 8
    let loop = TrainingLoop(
      task, examples: rows, optimizer: AdamW(model.parameters.parameters, .init()), schedule: .init(.linear, peak: 5e-3, warmup: 2, steps: 12),
      plan: plan, folder: "", seed: 4, observer: Recorder())
    let before = model.parameters.parameters.map { $0.tensor.array(Float.self) }
    for step in 0..<12 { _ = try loop.step(on: Batch(Array(step % 4 * 8..<step % 4 * 8 + 8), of: rows)) }
    #expect(zip(before, model.parameters.parameters).allSatisfy { $0 != $1.tensor.array(Float.self) })
    return model
  }

  private func logits(_ model: ClassifierModel) -> [[Float]] {
    Predictor(model).logits(Self.rows.enumerated().map { EncodedExample(index: $0, ids: $1, target: .label(0)) })
  }

  /// What Attune computes, in the form that the script reads.
  private func answers(_ model: ClassifierModel) -> JSON {
    let width = Self.rows[0].count
    func padded(_ value: (Int32?) -> Int) -> JSON {
      .array(Self.rows.map { row in .array((0..<width).map { .integer(value($0 < row.count ? row[$0] : nil)) }) })
    }
    return [
      "labels": .array(model.labels.map { .string($0) }), "input_ids": padded { $0.map(Int.init) ?? 0 }, "attention_mask": padded { $0 == nil ? 0 : 1 },
      "logits": .array(logits(model).map { .array($0.map { .number(Double($0)) }) }),
    ]
  }
}
