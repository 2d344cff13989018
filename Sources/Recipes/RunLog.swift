import Files
import Glibc
import Reports
import Training

/// What a training run writes while it goes: `metrics.jsonl`, TensorBoard events, `trainer_state.json`, and the progress bar.
final class RunLog: TrainingObserver {
  let folder: String
  let progress: Progress
  private let totalSteps: Int
  private let epochs: Int
  private var lines: [JSON] = []
  private var board: TensorBoardWriter?
  private var file: Int32 = -1
  private let started = monotonicSeconds()
  private(set) var trainingSeconds = 0.0
  private(set) var rowsSeen = 0
  private var best: (step: Int, metric: Double)?
  let metricName: String

  init(folder: String, title: String, totalSteps: Int, epochs: Int, metricName: String, isQuiet: Bool) {
    self.folder = folder
    self.totalSteps = totalSteps
    self.epochs = epochs
    self.metricName = metricName
    progress = Progress(title, total: totalSteps, unit: "steps", isQuiet: isQuiet)
  }

  deinit { if file >= 0 { close(file) } }

  /// Keeps the lines of steps that the resumed run has, drops those it will repeat.
  func started(at step: Int) throws {
    let path = "\(folder)/metrics.jsonl"
    if step > 0, FileSystem.isFile(path) {
      for line in try FileSystem.text(path).split(separator: "\n") {
        guard let json = try? JSON.parse(String(line), source: path), let at = json["step"]?.int, at <= step else { continue }
        lines.append(json)
      }
    }
    try AtomicWrite.file(path, lines.map { $0.encoded() + "\n" }.joined())
    file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard file >= 0 else { throw InputError(path, "cannot write: \(systemMessage(errno))") }
    board = try TensorBoardWriter(folder: folder)
    progress.update(step)
    lastStepAt = monotonicSeconds()
  }

  private var lastStepAt = 0.0

  func stepped(_ record: StepRecord) throws {
    let now = monotonicSeconds()
    trainingSeconds += now - lastStepAt
    lastStepAt = now
    rowsSeen += record.rows
    try append([
      "step": .integer(record.step), "epoch": .number(record.epoch), "loss": .number(record.loss), "grad_norm": .number(record.gradientNorm),
      "learning_rate": .number(record.learningRate), "rows": .integer(record.rows), "tokens": .integer(record.tokens),
      "seconds": .number(now - started),
    ])
    try board?.add(
      [("train/loss", record.loss), ("train/grad_norm", record.gradientNorm), ("train/learning_rate", record.learningRate), ("train/epoch", record.epoch)],
      step: record.step)
    progress.update(record.step, figures: [("loss", Format.fixed(record.loss, 4))])
  }

  func validated(step: Int, epoch: Double, _ scores: ValidationScores, isBest: Bool, seconds: Double) throws {
    var row: JSONObject = ["step": .integer(step), "epoch": .number(epoch), "eval_loss": .number(scores.loss)]
    for (name, value) in scores.metrics { row["eval_\(name)"] = .number(value) }
    row["eval_runtime"] = .number(seconds)
    try append(row)
    try board?.add([("eval/loss", scores.loss)] + scores.metrics.map { ("eval/\($0.name)", $0.value) }, step: step)
    if isBest, let metric = scores[metricName] { best = (step, metric) }
    let figures = (scores.metrics.isEmpty ? [("loss", scores.loss)] : scores.metrics.map { ($0.name, $0.value) })
      .map { "\($0.0) \(Format.fixed($0.1, 4))" }.joined(separator: "  ")
    progress.note("  validation at step \(step): \(figures)\(isBest ? "  (best so far)" : "")")
    try writeTrainerState(step: step, epoch: epoch)
    lastStepAt = monotonicSeconds()
  }

  func saved(step: Int, folder: String, seconds: Double) throws { lastStepAt = monotonicSeconds() }

  /// The course of the run, for the report.
  var curves: Curves {
    func points(_ key: String) -> [Curves.Point] {
      lines.compactMap { line in
        guard let step = line["step"]?.int, let value = line[key]?.double else { return nil }
        return Curves.Point(step, value)
      }
    }
    return Curves(
      trainingLoss: points("loss"), validationLoss: points("eval_loss"), metricName: metricName,
      validationMetric: points("eval_\(metricName)"), learningRate: points("learning_rate"), bestStep: best?.step)
  }

  private func append(_ row: JSONObject) throws {
    let json = JSON.object(row)
    lines.append(json)
    let text = Array((json.encoded() + "\n").utf8)
    guard write(file, text, text.count) == text.count else {
      throw InputError("\(folder)/metrics.jsonl", "cannot write: \(systemMessage(errno))", advice: "Free some space and run the same command again")
    }
  }

  /// The file that transformers' Trainer writes, so that existing plotting scripts work.
  private func writeTrainerState(step: Int, epoch: Double) throws {
    let state: JSONObject = [
      "best_global_step": best.map { .integer($0.step) } ?? .null, "best_metric": best.map { .number($0.metric) } ?? .null,
      "best_model_checkpoint": best == nil ? .null : "best", "epoch": .number(epoch), "eval_steps": .integer(0), "global_step": .integer(step),
      "is_hyper_param_search": false, "is_local_process_zero": true, "is_world_process_zero": true, "log_history": .array(lines),
      "logging_steps": 1, "max_steps": .integer(totalSteps), "num_input_tokens_seen": .integer(lines.reduce(0) { $0 + ($1["tokens"]?.int ?? 0) }),
      "num_train_epochs": .integer(epochs), "save_steps": .integer(0), "stateful_callbacks": [:], "total_flos": 0, "train_batch_size": .integer(0),
      "trial_name": .null, "trial_params": .null,
    ]
    try AtomicWrite.file("\(folder)/trainer_state.json", JSON.object(state).encoded(indent: 2) + "\n")
  }
}

func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
