public import Datasets
import Files
import Glibc
import NN
public import Torch

/// The loop: fetch, forward, loss, backward, clip, step, log, validate, save. Everything that trains goes through `run`.
///
/// One rule scales every loss: the sum over items divided by the number of items of the whole step, so a step does not
/// depend on how its rows are split into micro-batches.
public final class TrainingLoop<Task: TrainingTask> {
  public typealias Plan = TrainingPlan

  public enum Outcome: Hashable, Sendable {
    case finished, stoppedEarly
    /// A signal came; the state is saved.
    case interrupted
  }

  let task: Task
  let examples: [EncodedExample]
  let sampler: BatchSampler
  let optimizer: AdamW
  let schedule: LearningRateSchedule
  let plan: Plan
  let folder: String
  let device: Device
  let observer: any TrainingObserver
  /// Where dropout masks come from.
  let generator: Generator
  var state = RunState()
  /// Set while the first steps are watched.
  private var firstSteps: FirstSteps?
  /// The step whose model is in `best`, once there is one.
  public var bestStep: Int? { task.hasValidation ? state.bestStep : state.step }
  /// The state on disk, so that a run that was finished already writes nothing again.
  var savedState: RunState?

  /// - Parameters:
  ///   - folder: the run folder; states go to `checkpoints/step-N`, the best model to `best`.
  ///   - seed: of the order of rows and of dropout.
  public init(
    _ task: Task, examples: [EncodedExample], optimizer: AdamW, schedule: LearningRateSchedule, plan: Plan, folder: String, seed: UInt64,
    device: Device = .cpu, observer: any TrainingObserver
  ) {
    self.task = task
    self.examples = examples
    self.optimizer = optimizer
    self.schedule = schedule
    self.plan = plan
    self.folder = folder
    self.device = device
    self.observer = observer
    sampler = BatchSampler(lengths: examples.map { $0.ids.count }, batchSize: plan.batchSize, seed: seed, shuffles: plan.shuffles)
    generator = Generator(seed: seed)
    Generator.defaultGenerator(of: device).seed(seed)
  }

  /// Trains from the saved state, if the run folder has one, to the end of the plan.
  public func run() throws -> Outcome {
    try restoreLatest()
    if plan.checksFirstSteps, state.step < FirstSteps.count { firstSteps = FirstSteps(optimizer) }
    try observer.started(at: state.step)
    if plan.savesAtStart, state.step == 0, savedState == nil { try save() }
    let prefetcher = Prefetcher(sampler, examples: examples, from: state.cursor)
    defer { prefetcher.cancel() }

    while true {
      if state.owesValidation {
        guard try validate() else { return try ended(.interrupted) }
      }
      // Also of a restored state: a run that ended early stays ended.
      if state.validationsWithoutGain >= plan.patience ?? .max { return try ended(.stoppedEarly) }
      if state.step >= plan.steps { return try ended(.finished) }
      if StopSignal.isRaised { return try ended(.interrupted) }

      let record = try step(on: prefetcher.next())
      try observer.stepped(record)

      let isLast = state.step == plan.steps
      state.owesValidation = isLast || (plan.validateEvery > 0 && state.step % plan.validateEvery == 0)
      if !isLast, plan.saveEvery > 0, state.step % plan.saveEvery == 0, !StopSignal.isRaised { try save() }
    }
  }

  /// One optimizer step over the micro-batches of `batch`.
  func step(on batch: Batch) throws -> StepRecord {
    let parts = batch.split(plan.microBatchSize, tokens: plan.microBatchTokens, of: examples)
    let items = parts.reduce(0) { $0 + task.itemCount($1) }
    var total = 0.0
    for part in parts {
      let loss = computing { task.summedLoss(part, .training(generator)) } / items
      total += loss.item
      guard total.isFinite else { throw nonFinite("loss", in: part) }
      loss.backward()
    }
    let norm = optimizer.gradientNorm()
    guard norm.isFinite else { throw nonFinite("gradient", in: batch) }
    firstSteps?.see(optimizer)
    optimizer.clip(norm: norm, to: plan.maxGradientNorm)
    let rate = schedule.rate(state.step)
    optimizer.step(learningRate: rate)
    if let first = firstSteps, state.step + 1 >= FirstSteps.count {
      try first.judge(optimizer)
      firstSteps = nil
    }

    state.advance(batchesPerEpoch: sampler.batchesPerEpoch)
    return StepRecord(
      step: state.step, epoch: state.epoch(batchesPerEpoch: sampler.batchesPerEpoch), loss: total, gradientNorm: norm, learningRate: rate,
      tokens: batch.ids.count, rows: batch.rows.count)
  }

  /// Scores the validation rows, and keeps the model if it is the best so far.
  /// - Returns: false when a signal came before the end.
  private func validate() throws -> Bool {
    guard task.hasValidation else {
      try saveBest()
      state.owesValidation = false
      return true
    }
    let start = monotonicSeconds()
    guard let scores = withoutGradients({ computing { task.validate(shouldStop: { StopSignal.isRaised }) } }) else { return false }
    let isBest = state.judge(scores, by: plan.bestMetric)
    try observer.validated(
      step: state.step, epoch: state.epoch(batchesPerEpoch: sampler.batchesPerEpoch), scores, isBest: isBest, seconds: monotonicSeconds() - start)
    if isBest { try saveBest() }
    state.owesValidation = false
    return true
  }

  private func ended(_ outcome: Outcome) throws -> Outcome {
    if state != savedState { try save() }
    return outcome
  }

  /// Runs `body` in the plan's precision.
  func computing<R>(_ body: () throws -> R) rethrows -> R {
    plan.computeType == .float32 ? try body() : try autocast(plan.computeType, on: device, body)
  }

  /// Names the rows whose own loss is not finite; all of `batch` when only their sum, or their gradient, is not.
  private func nonFinite(_ what: String, in batch: Batch) -> TrainingError {
    optimizer.dropGradients()
    let culprits = withoutGradients {
      batch.rows.filter { row in
        !computing { task.summedLoss(Batch([row], of: examples), .evaluation) }.item.isFinite
      }
    }
    return .nonFinite(what: what, step: state.step + 1, rows: (culprits.isEmpty ? batch.rows : culprits).map(task.name(ofRow:)))
  }
}

func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
