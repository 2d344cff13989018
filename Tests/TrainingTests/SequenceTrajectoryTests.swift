import Checkpoints
import Datasets
import Files
import Glibc
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Training

/// Training BART and T5 beside transformers and PEFT (`scripts/reference/seq2seq_reference.py`): 24 steps of AdamW, two micro-batches a
/// step, the loss over the step's target tokens; and that a step does not depend on how its rows are split.
@Suite(.serialized) struct SequenceTrajectoryTests {
  @Test(arguments: ["bart", "bart_lora", "t5_v11", "t5_v11_lora"])
  func trainingFollowsPyTorchForTwentyFourSteps(_ name: String) throws {
    let root = Fixtures.path("seq2seq")
    let log = try #require(try JSON.read("\(root)/train.json")[name]?.array)
    let golden = try GoldenTensors("\(root)/train.safetensors")
    let rows = try examples(golden, name.hasPrefix("bart") ? "bart" : "t5", steps: log.count)
    try withTemporaryFolder { base in
      let model = try load(name.replacing("_lora", with: ""), adapter: name.hasSuffix("_lora") ? "\(root)/\(name)" : nil, in: base)
      let trained = model.parameters.trainable
      let loop = loop(model, rows, AdamW(trained, .init(weightDecay: 0.01)), steps: log.count, parts: 2)
      for (step, expected) in log.enumerated() {
        let record = try loop.step(on: Batch(Array(4 * step..<4 * step + 4), of: rows))
        func number(_ key: String) throws -> [Double] { [try #require(expected[key]?.double)] }
        expectClose([record.loss], try number("loss"), relative: 1e-5, absolute: 0, "loss of step \(step)")
        expectClose([record.gradientNorm], try number("grad_norm"), relative: 2e-5, absolute: 0, "gradient norm of step \(step)")
        expectClose([record.learningRate], try number("learning_rate"), relative: 1e-12, absolute: 1e-18, "learning rate of step \(step)")
      }
      let prefix = "\(name)/final/"
      let final = golden.names.filter { $0.hasPrefix(prefix) }
      #expect(final.count == trained.count)
      for key in final {
        // A key bias moves all scores of a query alike: its gradient is rounding, which AdamW turns into steps.
        if key.hasSuffix("k_proj.bias") { continue }
        let (expected, parameter) = (golden[key].floats, String(key.dropFirst(prefix.count)))
        let largest = Double(expected.reduce(0) { max($0, $1.magnitude) })
        let tensor = try #require(trained.first { $0.name == parameter }, "\(parameter)").tensor
        expectClose(tensor.array(Float.self), expected, relative: 1e-5, absolute: max(2e-5, 2e-5 * largest), key)
      }
    }
  }

  @Test(arguments: ["bart", "t5_v11"]) func aStepIsTheSameOverEverySplit(_ name: String) throws {
    let golden = try GoldenTensors(Fixtures.path("seq2seq/train.safetensors"))
    let rows = try examples(golden, name == "bart" ? "bart" : "t5", steps: 3)
    func course(_ plan: (inout TrainingPlan) -> Void) throws -> (losses: [Double], weights: [[Float]]) {
      try withTemporaryFolder { base in
        let model = try load(name, adapter: nil, in: base)
        let loop = loop(model, rows, AdamW(model.parameters.trainable, .init()), steps: 3, parts: 1, plan)
        let losses = try (0..<3).map { try loop.step(on: Batch(Array(4 * $0..<4 * $0 + 4), of: rows)).loss }
        return (losses, model.parameters.trainable.filter { !$0.name.hasSuffix("k_proj.bias") }.map { $0.tensor.array(Float.self) })
      }
    }
    let whole = try course { _ in }
    for split: (inout TrainingPlan) -> Void in [{ $0.microBatchSize = 1 }, { $0.microBatchSize = 3 }, { $0.microBatchTokens = 20 }] {
      let parts = try course(split)
      expectClose(parts.losses, whole.losses, relative: 1e-6, absolute: 0)
      for (a, b) in zip(parts.weights, whole.weights) { expectClose(a, b, relative: 1e-5, absolute: 1e-5) }
    }
  }

  @Test func aSavedModelIsVerifiedOnValidationRows() throws {
    let rows = try examples(try GoldenTensors(Fixtures.path("seq2seq/train.safetensors")), "bart", steps: 1)
    try withTemporaryFolder { folder in
      let model = try load("bart", adapter: nil, in: "\(folder)")
      let task = LanguageModelTask(model, validation: rows, names: [])
      let scores = try #require(task.validate { false })
      let perplexity = try #require(scores["perplexity"])
      #expect(abs(perplexity - exp(scores.loss)) < 1e-9)
      for task in [task, LanguageModelTask(model, validation: [], names: [])] {
        let saved = "\(folder)/saved\(task.hasValidation)"
        try AtomicWrite.createFolder(saved)
        try task.saveModel(to: saved)
        try task.verifySaved(in: saved)
      }
      withoutGradients { model.parameters.trainable[0].tensor.add(0.5) }
      #expect(throws: TrainingError.self) { try task.verifySaved(in: "\(folder)/savedtrue") }
      #expect(try task.restoreModel(from: "\(folder)/savedtrue").isEmpty)
      try task.verifySaved(in: "\(folder)/savedtrue")
    }
  }

  private func loop(
    _ model: EncoderDecoderModel, _ rows: [EncodedExample], _ optimizer: AdamW, steps: Int, parts: Int, _ change: (inout TrainingPlan) -> Void = { _ in }
  ) -> TrainingLoop<LanguageModelTask> {
    var plan = TrainingPlan()
    (plan.batchSize, plan.microBatchSize, plan.steps, plan.maxGradientNorm) = (4, 4 / parts, steps, 1)
    change(&plan)
    let task = LanguageModelTask(model, validation: [], names: rows.map { "\($0.index)" })
    return TrainingLoop(
      task, examples: rows, optimizer: optimizer, schedule: LearningRateSchedule(.linear, peak: 5e-3, warmup: 4, steps: steps), plan: plan, folder: "",
      seed: 0, observer: Recorder())
  }

  /// The rows of the trace: sources without their padding, then their targets.
  private func examples(_ golden: GoldenTensors, _ family: String, steps: Int) throws -> [EncodedExample] {
    var rows: [EncodedExample] = []
    for step in 0..<steps {
      for part in 0..<2 {
        let (ids, labels) = (golden["batches/\(family)/\(step)/\(part)/input_ids"], golden["batches/\(family)/\(step)/\(part)/labels"])
        let end = family == "bart" ? 2 : 1
        for row in 0..<ids.shape[0] {
          func part(_ entry: GoldenTensors.Entry) -> [Int32] {
            let all = entry.integers[row * entry.shape[1]..<(row + 1) * entry.shape[1]]
            return all[...(all.firstIndex(of: end) ?? all.startIndex)].map { Int32($0) }
          }
          let (source, target) = (part(ids), part(labels))
          rows.append(
            EncodedExample(index: rows.count, ids: source + target, target: .tokens(source.map { _ in false } + target.map { _ in true })))
        }
      }
    }
    return rows
  }

  private func load(_ name: String, adapter: String?, in folder: String) throws -> EncoderDecoderModel {
    for file in ["config.json", "model.safetensors"] { try FileSystem.linkOrCopy(Fixtures.path("seq2seq/\(name)/\(file)"), to: "\(folder)/\(file)") }
    try TinyLlama.addTokenizer(to: folder)
    return try EncoderDecoderModel.load(folder, adapter: adapter)
  }
}
