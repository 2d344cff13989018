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

/// The language-model task: what is learned, that rows stay apart, that a step does not depend on its split, and what is saved.
@Suite(.serialized) struct LanguageModelTests {
  @Test func eachLearnedTokenIsPredictedFromTheOneBeforeIt() {
    let rows = [
      EncodedExample(index: 0, ids: [2, 10, 11, 12], target: .tokens([false, false, true, true])),
      EncodedExample(index: 1, ids: [2, 12, 3], target: .tokens([false, true, false])),
    ]
    let batch = Batch([1, 0], of: rows)  // ids 2 12 3 | 2 10 11 12
    let (positions, targets) = CausalModel.predictions(batch)
    #expect(positions == [0, 4, 5] && targets == [12, 11, 12])
  }

  @Test func packedRowsGiveTheLogitsAndLossesOfRowsAlone() throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: folder)
      let model = try CausalModel.load(folder)
      let rows = TinyLlama.examples(9)
      let task = LanguageModelTask(model, validation: [], names: [])
      let packed = Batch(Array(rows.indices), of: rows)
      let together = withoutGradients { model.network.logits(packed.tokens(on: .cpu)) }
      var start = 0
      var sum = 0.0
      for row in rows.indices {
        let single = Batch([row], of: rows)
        let alone = withoutGradients { model.network.logits(PackedTokens(ids: rows[row].ids, lengths: [rows[row].ids.count])) }
        let length = rows[row].ids.count
        expectClose(together[start..<start + length].array(Float.self), alone.array(Float.self), relative: 1e-5, absolute: 1e-5, "row \(row)")
        sum += withoutGradients { task.summedLoss(single, .evaluation).item }
        start += length
      }
      let whole = withoutGradients { task.summedLoss(packed, .evaluation).item }
      expectClose([whole], [sum], relative: 1e-6, absolute: 0)
      #expect(task.itemCount(packed) == Double(rows.reduce(0) { $0 + CausalModel.predictions(Batch([$1.index], of: rows)).targets.count }))
    }
  }

  @Test(arguments: [false, true])
  func stepsAreTheSameOverEverySplit(lora: Bool) throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: folder)
      let whole = try course(folder, lora: lora) { _ in }
      let splits: [(inout TrainingPlan) -> Void] = [
        { $0.microBatchSize = 1 }, { $0.microBatchSize = 3 }, { $0.microBatchSize = 7 }, { $0.microBatchTokens = 40 }, { ($0.microBatchSize, $0.microBatchTokens) = (5, 60) },
      ]
      for (index, split) in splits.enumerated() {
        let parts = try course(folder, lora: lora, split)
        expectClose(parts.losses, whole.losses, relative: 1e-6, absolute: 0, "split \(index): loss")
        expectClose(parts.norms, whole.norms, relative: 1e-6, absolute: 0, "split \(index): gradient norm")
        for (a, b) in zip(parts.weights, whole.weights) { expectClose(a.1, b.1, relative: 1e-6, absolute: 1e-6, "split \(index): \(a.0)") }
      }
    }
  }

  /// With dropout in attention and in the adapters: the second run of a layer draws the masks of the first.
  @Test(arguments: [(false, DType.float32), (true, .float32), (true, .bfloat16)])
  func checkpointedGradientsAreTheSameBits(lora: Bool, type: DType) throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: folder)
      let rows = TinyLlama.examples(7)
      func run(_ checkpoints: Bool) throws -> ([Float], [(String, [Float])], [UInt8]) {
        let adapter = lora ? TinyLlama.lora { ($0.start, $0.dropout) = (.random, 0.2) } : nil
        let model = try CausalModel.load(folder, newAdapter: adapter, frozenType: type == .float32 ? nil : type, dropout: 0.2, seed: 6)
        let task = LanguageModelTask(model, validation: [], names: [], checkpoints: checkpoints)
        let generator = Generator(seed: 8)
        for parameter in model.parameters.trainable { parameter.tensor.requiresGradient = true }
        func forward() -> Tensor { task.summedLoss(Batch(Array(rows.indices), of: rows), .training(generator)) }
        let loss = type == .float32 ? forward() : autocast(type, on: .cpu, forward)
        loss.backward()
        let gradients = try model.parameters.trainable.map { ($0.name, try #require($0.tensor.gradient).array(Float.self)) }
        return ([Float(loss.item)], gradients, generator.state)
      }
      let (plain, checkpointed) = (try run(false), try run(true))
      #expect(plain.0 == checkpointed.0 && plain.2 == checkpointed.2)
      for (a, b) in zip(plain.1, checkpointed.1) {
        #expect(a.1 == b.1, "\(a.0)")
        #expect(a.1.contains { $0 != 0 }, "\(a.0) has no gradient")
      }
    }
  }

  @Test func microBatchesKeepToRowsAndTokens() {
    let rows = [5, 5, 5, 30, 2, 2, 2].enumerated().map { EncodedExample(index: $0, ids: [Int32](repeating: 4, count: $1), target: .label(0)) }
    let batch = Batch(Array(rows.indices), of: rows)
    func parts(_ size: Int?, _ tokens: Int?) -> [[Int]] { batch.split(size, tokens: tokens, of: rows).map(\.rows) }
    #expect(parts(nil, 12) == [[0, 1], [2], [3], [4, 5, 6]])
    #expect(parts(2, 12) == [[0, 1], [2], [3], [4, 5], [6]])
    #expect(parts(nil, 1) == [[0], [1], [2], [3], [4], [5], [6]])
    #expect(parts(nil, 51) == [Array(0..<7)] && parts(nil, nil) == [Array(0..<7)] && parts(3, nil) == [[0, 1, 2], [3, 4, 5], [6]])
  }

  @Test func validationIsTheMeanOverTokensWhateverTheBudget() throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: folder)
      let model = try CausalModel.load(folder)
      let rows = TinyLlama.examples(12)
      func scores(_ budget: Int) throws -> ValidationScores {
        let task = LanguageModelTask(model, validation: rows, names: [], tokenBudget: budget) { _, _ in [("weighted_f1", 0.5)] }
        return try #require(withoutGradients { task.validate(shouldStop: { false }) })
      }
      let (one, all) = (try scores(1), try scores(4096))
      expectClose([one.loss], [all.loss], relative: 1e-6, absolute: 0)
      #expect(all["perplexity"].map { abs($0.logarithm - all.loss) < 1e-9 } == true && all["weighted_f1"] == 0.5)
      let task = LanguageModelTask(model, validation: rows, names: [])
      #expect(task.validate(shouldStop: { true }) == nil && task.hasValidation)
    }
  }

  @Test(arguments: [false, true])
  func aRunWithoutValidationKeepsItsLastStateAndSavesTheFirst(lora: Bool) throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: "\(folder)/base")
      let model = try CausalModel.load("\(folder)/base", newAdapter: lora ? TinyLlama.lora() : nil, seed: 3)
      let rows = TinyLlama.examples(12)
      let task = LanguageModelTask(model, validation: [], names: rows.map { "row-\($0.index)" })
      var plan = TrainingPlan()
      (plan.batchSize, plan.steps, plan.bestMetric, plan.savesAtStart, plan.checksFirstSteps) = (4, 5, "loss", true, true)
      let recorder = Recorder()
      let loop = TrainingLoop(
        task, examples: rows, optimizer: AdamW(model.parameters.trainable, .init()), schedule: .init(.linear, peak: 1e-3, warmup: 2, steps: 5), plan: plan,
        folder: "\(folder)/run", seed: 3, observer: recorder)
      #expect(try loop.run() == .finished)
      #expect(recorder.saves == [0, 5] && recorder.validations.isEmpty)
      let tokens = PackedTokens(ids: rows[0].ids, lengths: [rows[0].ids.count])
      #expect(try model.difference(fromSaved: "\(folder)/run/best", on: tokens) == nil)
      #expect(try model.difference(fromSaved: "\(folder)/run/best", on: tokens, limit: 0) == nil)
      #expect(try model.difference(fromSaved: "\(folder)/run/checkpoints/step-5", on: tokens) == nil)

      // Another state is told from this one, both ways.
      let trained = try #require(model.parameters.trainable.first { $0.name.contains("v_proj") && $0.name.hasSuffix("weight") })
      withoutGradients { trained.tensor.copy(from: trained.tensor + 1e-3) }
      for limit in [0, 1 << 30] { #expect(try model.difference(fromSaved: "\(folder)/run/best", on: tokens, limit: limit) ?? 0 > 0) }
      #expect(throws: TrainingError.self) { try task.verifySaved(in: "\(folder)/run/best") }
      #expect(try model.restoreParameters(from: "\(folder)/run/best").isEmpty)
      #expect(try model.difference(fromSaved: "\(folder)/run/best", on: tokens) == nil)
    }
  }

  @Test func theFirstStepsNameWhatTheyDoNotTrain() throws {
    let store = ParameterStore(source: nil)
    let (used, unused) = (store.root["lora_B"].parameter("weight", [3], .zeros), store.root["left"].parameter("out", [2], .ones))
    let optimizer = AdamW(store.parameters, .init())
    var first = FirstSteps(optimizer)
    for step in 0..<FirstSteps.count {
      (used * 2).sum().backward()
      (unused * 0).sum().backward()
      first.see(optimizer)
      optimizer.step(learningRate: step == 0 ? 0 : 1e-3)
    }
    let error = try #require(throws: TrainingError.self) { try first.judge(optimizer) }
    #expect("\(error)".contains("step 3: no gradient but zero reached left.out. ") && !"\(error)".contains("lora_B"))

    var frozen = FirstSteps(optimizer)
    (used * 2 + unused.sum()).sum().backward()
    frozen.see(optimizer)
    optimizer.step(learningRate: 0)
    let still = try #require(throws: TrainingError.self) { try frozen.judge(optimizer) }
    #expect("\(still)".contains("the optimizer did not move lora_B.weight"))
  }

  private struct Course {
    var losses: [Double] = []
    var norms: [Double] = []
    var weights: [(String, [Float])] = []
  }

  private func course(_ folder: String, lora: Bool, _ split: (inout TrainingPlan) -> Void) throws -> Course {
    let adapter = lora ? TinyLlama.lora { $0.start = .random } : nil
    let model = try CausalModel.load(folder, newAdapter: adapter, seed: 2)
    let rows = TinyLlama.examples(16)
    let task = LanguageModelTask(model, validation: [], names: rows.map { "\($0.index)" })
    var plan = TrainingPlan()
    (plan.batchSize, plan.steps) = (16, 5)
    split(&plan)
    let loop = TrainingLoop(
      task, examples: rows, optimizer: AdamW(model.parameters.trainable, .init()), schedule: .init(.constant, peak: 5e-5, warmup: 0, steps: 5), plan: plan,
      folder: "", seed: 0, observer: Recorder())
    var course = Course()
    for _ in 0..<5 {
      let record = try loop.step(on: Batch(Array(0..<16), of: rows))
      course.losses.append(record.loss)
      course.norms.append(record.gradientNorm)
    }
    course.weights = model.parameters.trainable.map { ($0.name, $0.tensor.array(Float.self)) }
    return course
  }
}

extension Double {
  fileprivate var logarithm: Double { Glibc.log(self) }
}
