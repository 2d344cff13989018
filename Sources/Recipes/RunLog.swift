import Files
import Glibc
import Reports
import Training

/// What a training run writes while it goes: `metrics.jsonl`, TensorBoard events, `trainer_state.json`, and the progress bar.
///
/// `metrics.jsonl` is the record; the two others are made from its lines. A resumed run keeps the lines of the steps that it has
/// and writes the others anew, so the three agree whenever and however often a run was stopped.
final class RunLog: TrainingObserver {
  let folder: String
  let progress: Progress
  private(set) var trainingSeconds = 0.0
  private(set) var rowsSeen = 0
  private(set) var tokensSeen = 0
  private let plan: TrainingPlan
  private let epochs: Int
  private var lines: [JSON] = []
  private var board: TensorBoardWriter?
  private var file: Int32 = -1
  private var started = monotonicSeconds()
  private var lastStepAt = 0.0

  init(folder: String, title: String, plan: TrainingPlan, epochs: Int, isQuiet: Bool) {
    self.folder = folder
    self.plan = plan
    self.epochs = epochs
    progress = Progress(title, total: plan.steps, unit: "steps", isQuiet: isQuiet)
  }

  deinit { if file >= 0 { close(file) } }

  // MARK: What the loop tells

  func started(at step: Int) throws {
    let path = "\(folder)/metrics.jsonl"
    if step > 0, FileSystem.isFile(path) {
      // A killed run may leave a cut line at the end, and lines of steps that the resumed one will repeat.
      lines = try FileSystem.text(path).split(separator: "\n").compactMap { try? JSON.parse(String($0), source: path) }
        .filter { $0["step"]?.int.map { $0 <= step } ?? false }
    }
    try rewrite()
    progress.update(step)
    lastStepAt = monotonicSeconds()
    started = lastStepAt - (lines.last { $0["seconds"] != nil }?["seconds"]?.double ?? 0)
  }

  func stepped(_ record: StepRecord) throws {
    let now = monotonicSeconds()
    let took = now - lastStepAt
    trainingSeconds += took
    lastStepAt = now
    rowsSeen += record.rows
    tokensSeen += record.tokens
    try append([
      "step": .integer(record.step), "epoch": .number(record.epoch), "loss": .number(record.loss), "grad_norm": .number(record.gradientNorm),
      "learning_rate": .number(record.learningRate), "rows": .integer(record.rows), "tokens": .integer(record.tokens),
      "tokens_per_second": .number(Double(record.tokens) / max(took, 1e-9)), "seconds": .number(now - started),
    ])
    progress.update(record.step, figures: [("loss", Format.fixed(record.loss, 4))])
  }

  func validated(step: Int, epoch: Double, _ scores: ValidationScores, isBest: Bool, seconds: Double) throws {
    // A run killed between this step's save and its next validates the step again.
    if let repeated = lines.lastIndex(where: { $0["step"]?.int == step && $0["eval_loss"] != nil }) {
      lines.remove(at: repeated)
      try rewrite()
    }
    var row: JSONObject = ["step": .integer(step), "epoch": .number(epoch), "eval_loss": .number(scores.loss)]
    for (name, value) in scores.metrics { row["eval_\(name)"] = .number(value) }
    row["eval_runtime"] = .number(seconds)
    row["is_best"] = .bool(isBest)
    try append(row)
    let figures = (scores.metrics.isEmpty ? [("loss", scores.loss)] : scores.metrics.map { ($0.name, $0.value) })
      .map { "\($0.0) \(Format.fixed($0.1, 4))" }.joined(separator: "  ")
    progress.note("  validation at step \(step): \(figures)\(isBest ? "  (best so far)" : "")")
    try writeTrainerState(step: step)
    lastStepAt = monotonicSeconds()
  }

  func saved(step: Int, folder: String, seconds: Double) throws {
    try writeTrainerState(step: step)
    lastStepAt = monotonicSeconds()
  }

  // MARK: What is written

  private func append(_ row: JSONObject) throws {
    let json = JSON.object(row)
    lines.append(json)
    let text = Array((json.encoded() + "\n").utf8)
    guard write(file, text, text.count) == text.count else {
      throw InputError("\(folder)/metrics.jsonl", "cannot write: \(systemMessage(errno))", advice: "Free some space and run the same command again")
    }
    try show(json)
  }

  /// Writes `metrics.jsonl` and the events from `lines`, in place of what was there.
  private func rewrite() throws {
    let path = "\(folder)/metrics.jsonl"
    if file >= 0 { close(file) }
    try AtomicWrite.file(path, lines.map { $0.encoded() + "\n" }.joined())
    file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard file >= 0 else { throw InputError(path, "cannot write: \(systemMessage(errno))") }
    board = nil
    for name in FileSystem.entries(folder) where name.hasPrefix("events.out.tfevents.") { AtomicWrite.removeTree("\(folder)/\(name)") }
    board = try TensorBoardWriter(folder: folder)
    for line in lines { try show(line) }
  }

  /// Adds a line's figures to TensorBoard: `train/loss`, `eval/accuracy`, ….
  private func show(_ line: JSON) throws {
    guard let step = line["step"]?.int, let values = line.object else { return }
    let isValidation = line["eval_loss"] != nil
    let scalars = values.compactMap { key, value -> (tag: String, value: Double)? in
      guard let number = value.double else { return nil }
      if isValidation { return key.hasPrefix("eval_") && key != "eval_runtime" ? ("eval/\(key.dropFirst(5))", number) : nil }
      return ["loss", "grad_norm", "learning_rate", "epoch", "tokens_per_second"].contains(key) ? ("train/\(key)", number) : nil
    }
    try board?.add(scalars, step: step)
  }

  /// The line of the best validation so far.
  var bestValidation: JSONObject? { lines.last { $0["is_best"] == .bool(true) }?.object }

  private var best: (step: Int, metric: Double)? {
    guard let line = lines.last(where: { $0["is_best"] == .bool(true) }), let step = line["step"]?.int,
      let metric = line["eval_\(plan.bestMetric)"]?.double
    else { return nil }
    return (step, metric)
  }

  /// The file that transformers' Trainer writes, so that existing plotting scripts work.
  private func writeTrainerState(step: Int) throws {
    let best = best
    let state: JSONObject = [
      "best_global_step": best.map { .integer($0.step) } ?? .null, "best_metric": best.map { .number($0.metric) } ?? .null,
      "best_model_checkpoint": best == nil ? .null : "best", "epoch": lines.last?["epoch"] ?? 0, "eval_steps": .integer(plan.validateEvery),
      "global_step": .integer(step), "is_hyper_param_search": false, "is_local_process_zero": true, "is_world_process_zero": true,
      "log_history": .array(lines), "logging_steps": 1, "max_steps": .integer(plan.steps),
      "num_input_tokens_seen": .integer(lines.reduce(0) { $0 + ($1["tokens"]?.int ?? 0) }), "num_train_epochs": .integer(epochs),
      "save_steps": .integer(plan.saveEvery), "stateful_callbacks": [:], "total_flos": 0, "train_batch_size": .integer(plan.batchSize),
      "trial_name": .null, "trial_params": .null,
    ]
    try AtomicWrite.file("\(folder)/trainer_state.json", JSON.object(state).encoded(indent: 2) + "\n")
  }

  /// A figure over the steps that have it.
  func points(_ key: String) -> [Curves.Point] {
    lines.compactMap { line in
      guard let step = line["step"]?.int, let value = line[key]?.double else { return nil }
      return Curves.Point(step, value)
    }
  }

  /// Every validation so far.
  var validations: [FinetuneReport.Validation] {
    lines.compactMap { line in
      guard let step = line["step"]?.int, let epoch = line["epoch"]?.double, let loss = line["eval_loss"]?.double else { return nil }
      return .init(
        step: step, epoch: epoch, loss: loss, perplexity: line["eval_perplexity"]?.double, weightedF1: line["eval_weighted_f1"]?.double,
        answered: line["eval_answered"]?.double, isBest: line["is_best"] == .bool(true))
    }
  }

  /// The course of the run, for the report.
  var curves: Curves {
    Curves(
      trainingLoss: points("loss"), validationLoss: points("eval_loss"), metricName: plan.bestMetric,
      validationMetric: points("eval_\(plan.bestMetric)"), learningRate: points("learning_rate"), bestStep: best?.step)
  }
}

func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
