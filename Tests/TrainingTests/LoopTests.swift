import Datasets
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Training

/// What the loop decides: which model is best, when to end, what must never be written, and that it leaves nothing behind.
@Suite(.serialized) struct LoopTests {
  @Test func theEarliestOfEqualScoresIsBestAndPatienceCountsFromIt() throws {
    try withTemporaryFolder { folder in
      let recorder = Recorder()
      let loop = scripted(folder, scores: [0.5, 0.6, 0.6, 0.55, 0.9], recorder) { $0.patience = 2 }
      try expect(loop, endsAs: .stoppedEarly)
      #expect(recorder.validations.map(\.isBest) == [true, true, false, false])
      #expect(loop.state.bestStep == 4 && loop.state.bestScore == 0.6 && loop.state.step == 8)
      #expect(recorder.steps.last?.step == 8)

      // What was decided stays decided when the same command runs again.
      let again = scripted(folder, scores: [], Recorder()) { $0.patience = 2 }
      try expect(again, endsAs: .stoppedEarly)
      #expect(again.state == loop.state)
    }
  }

  @Test func aLossIsBetterWhenItIsLower() throws {
    try withTemporaryFolder { folder in
      let recorder = Recorder()
      let loop = scripted(folder, scores: [0.5, 0.4, 0.7, 0.6, 0.6], recorder) { $0.bestMetric = "loss" }  // the loss is -score
      try expect(loop, endsAs: .finished)
      #expect(recorder.validations.map(\.isBest) == [true, false, true, false, false])
      #expect(loop.state.bestScore == -0.7)
    }
  }

  @Test func theBestFolderHoldsTheWeightsOfTheBestStep() throws {
    try withTemporaryFolder { folder in
      let recorder = Recorder()
      let loop = scripted(folder, scores: [0.1, 0.8, 0.3, 0.2, 0.1], recorder)
      var best: [Float] = []
      recorder.onStep = { record in
        if record.step == 4 { best = loop.task.weight.array(Float.self) }
      }
      try expect(loop, endsAs: .finished)
      let saved = ScriptedTask()
      #expect(try saved.restoreModel(from: "\(folder)/best").isEmpty)
      #expect(saved.weight.array(Float.self) == best)
      #expect(loop.task.weight.array(Float.self) != best)
      try FolderManifest.check("\(folder)/best")
    }
  }

  @Test func withoutValidationTheLastStateIsTheModel() throws {
    try withTemporaryFolder { folder in
      let recorder = Recorder()
      let loop = scripted(folder, scores: [], recorder)
      loop.task.hasValidation = false
      try expect(loop, endsAs: .finished)
      #expect(recorder.validations.isEmpty && loop.bestStep == 10)
      let saved = ScriptedTask()
      #expect(try saved.restoreModel(from: "\(folder)/best").isEmpty)
      #expect(saved.weight.array(Float.self) == loop.task.weight.array(Float.self))
      try FolderManifest.check("\(folder)/best")
    }
  }

  @Test func validationsFallEveryIntervalAndAfterTheLastStep() throws {
    try withTemporaryFolder { folder in
      let recorder = Recorder()
      let loop = scripted(folder, scores: [0.1, 0.2, 0.3, 0.4], recorder) { $0.validateEvery = 3 }
      try expect(loop, endsAs: .finished)
      #expect(recorder.validations.map(\.step) == [3, 6, 9, 10])
      #expect(recorder.steps.map(\.epoch).last == 10.0 / 3)
    }
  }

  @Test func aLossThatIsNotFiniteStopsTheRunBeforeAnythingIsWritten() throws {
    try withTemporaryFolder { folder in
      let recorder = Recorder()
      let loop = scripted(folder, scores: Array(repeating: 0.5, count: 9), recorder) { $0.saveEvery = 1 }
      let ordinary = loop.task.loss
      // Row 7 is the only one at fault, whoever shares its batch.
      loop.task.loss = { weight, batch in batch.rows.contains(7) ? weight.sum() * Double.nan : ordinary(weight, batch) }
      let bad = try #require(loop.sampler.batches(ofEpoch: 0).firstIndex { $0.contains(7) })
      let error = try #require(throws: TrainingError.self) { try loop.run() }
      guard case .nonFinite("loss", step: bad + 1, rows: ["row-7"]) = error else {
        Issue.record("\(error)")
        return
      }
      #expect("\(error)".contains("step \(bad + 1): the loss is not finite; rows: row-7. No checkpoint of this step was written"))
      #expect(recorder.saves == Array(1..<max(1, bad + 1)))
      #expect(loop.task.weight.array(Float.self).allSatisfy(\.isFinite) && loop.task.weight.gradient == nil)
    }
  }

  @Test func aGradientThatIsNotFiniteNamesTheWholeStep() throws {
    try withTemporaryFolder { folder in
      let loop = scripted(folder, scores: [], Recorder())
      // √|w - w| is 0 with an infinite slope.
      loop.task.loss = { weight, _ in (weight - weight.detached()).abs().sqrt().sum() }
      let before = loop.task.weight.array(Float.self)
      let error = try #require(throws: TrainingError.self) { try loop.run() }
      let rows = loop.sampler.batches(ofEpoch: 0)[0].map { "row-\($0)" }
      guard case .nonFinite("gradient", step: 1, rows: rows) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(loop.task.weight.array(Float.self) == before)
      #expect(!FileSystem.exists("\(folder)/checkpoints"))
    }
  }

  /// After one step the first moment is (1 - beta1) times the gradient that the optimizer took.
  @Test(arguments: [(0.0, 1.0), (3.5, 3.5 / 7.000001), (7.1, 1.0)])  // torch.nn.utils.clip_grad_norm_: limit / (norm + 1e-6), at most 1
  func gradientsAreClippedToTheirGlobalNorm(limit: Double, factor: Double) throws {
    let store = ParameterStore(source: nil)
    let (a, b) = (store.root.parameter("a", [2], .zeros), store.root.parameter("b", [1], .zeros))
    let optimizer = AdamW(store.parameters, .init())
    (a * Tensor([Float(2), 3])).sum().backward()
    (b * 6).sum().backward()
    #expect(optimizer.gradientNorm() == 7)
    optimizer.clip(norm: 7, to: limit)
    optimizer.step(learningRate: 0.1)
    let taken = optimizer.state.filter { $0.name.hasSuffix(".exp_avg") }.flatMap { $0.tensor.array(Float.self) }
    expectClose(taken, [0.2, 0.3, 0.6].map { Float($0 * factor) }, relative: 1e-6, absolute: 0)
    #expect(a.gradient == nil && b.gradient == nil)
  }

  @Test func whatDecaysIsDecidedByName() {
    for name in ["bert.encoder.layer.0.output.dense.weight", "bert.embeddings.word_embeddings.weight", "classifier.weight"] { #expect(AdamW.decays(name)) }
    for name in ["classifier.bias", "bert.embeddings.LayerNorm.weight", "bert.encoder.layer.0.output.LayerNorm.bias", "model.layers.0.input_layernorm.weight", "model.norm.weight"] {
      #expect(!AdamW.decays(name))
    }
  }

  @Test func twoHundredStepsLeaveNoTensorBehind() throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: "\(folder)/base")
      let before = Tensor.liveCount
      try trainTwoHundredSteps(folder)
      #expect(Tensor.liveCount == before, "after the run")
    }
  }

  private func trainTwoHundredSteps(_ folder: String) throws {
    let model = try ClassifierModel.load("\(folder)/base", labels: ["no", "yes"])
    let rows = TinyBert.examples((0..<40).map { .label(Int32($0 % 2)) }, longest: 12)
    let task = ClassificationTask(model, loss: ClassificationLoss(.singleLabel), validation: Array(rows.prefix(6)), names: rows.map { "\($0.index)" })
    var plan = TrainingLoop<ClassificationTask>.Plan()
    (plan.batchSize, plan.microBatchSize, plan.steps, plan.validateEvery, plan.saveEvery) = (4, 3, 200, 50, 70)
    let recorder = Recorder()
    var live: [Int] = []
    recorder.onStep = { _ in live.append(Tensor.liveCount) }
    let loop = TrainingLoop(
      task, examples: rows, optimizer: AdamW(model.parameters.parameters, .init()), schedule: .init(.linear, peak: 1e-3, warmup: 20, steps: 200),
      plan: plan, folder: folder, seed: 1, observer: recorder)
    #expect(try loop.run() == .finished)
    #expect(live.count == 200 && Set(live.dropFirst()).count == 1, "live tensors after each step: \(live.min()!) to \(live.max()!)")
  }

  private func expect<Task>(_ loop: TrainingLoop<Task>, endsAs expected: TrainingLoop<Task>.Outcome, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let outcome = try loop.run()
    #expect(outcome == expected, sourceLocation: sourceLocation)
  }

  /// Ten steps over ten rows in batches of four (an epoch is three), validated every two.
  private func scripted(
    _ folder: String, scores: [Double], _ recorder: Recorder, _ change: (inout TrainingLoop<ScriptedTask>.Plan) -> Void = { _ in }
  ) -> TrainingLoop<ScriptedTask> {
    let task = ScriptedTask(scores: scores)
    var plan = TrainingLoop<ScriptedTask>.Plan()
    (plan.batchSize, plan.steps, plan.validateEvery, plan.bestMetric) = (4, 10, 2, "accuracy")
    change(&plan)
    return TrainingLoop(
      task, examples: ScriptedTask.examples(10), optimizer: AdamW(task.parameters, .init()),
      schedule: .init(.constant, peak: 0.01, warmup: 0, steps: plan.steps), plan: plan, folder: folder, seed: 2, observer: recorder)
  }
}
