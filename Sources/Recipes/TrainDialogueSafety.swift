import Configuration
import Datasets
import Evaluation
import Files
import Models
import Reports
import Tokenizers
import Torch
import Training

/// `attune eval dialogue-safety --model DIR`: the published training once a seed, judged on the test set; where there are no training rows,
/// cross-validated on it.
///
/// ```
/// runs/NAME/  config.yaml  manifest.json  per_run.csv  summary.csv  confusion.csv  results.json  report.html  figures/  predictions/
///   seed-42/                      as in `TrainClassifier`, or of a cross-validation
///   seed-42/fold-1/               metrics.jsonl  trainer_state.json  predictions.jsonl; its model goes when it has judged
///   models/dialogue-safety/       the model of the seed with the best validation score; none of a cross-validation
/// ```
struct TrainDialogueSafety {
  let job: DialogueTrainingJob
  private var settings: ClassifierSettings { job.settings }
  private var dialogue: DialogueSettings { job.dialogue }

  func run() throws -> JobResult {
    let training = settings.training
    let compute = try ComputeChoice(
      device: training.device, precision: training.precision, threads: training.threads, deterministic: training.deterministic)
    let rows = try DialogueRows(
      train: dialogue.train, validation: dialogue.validation, test: dialogue.test, root: settings.data.folder,
      onUnmatched: settings.data.onUnmatched == .drop ? .drop : .fail)
    let entries = DialogueSafety.tagEntries.map { RenamedEntry($0.unused, as: $0.token) }
    let tokenizer = try Tokenizers.load(settings.model.base, renaming: entries, isDelimited: dialogue.compat)
    let trainings = DialogueTrainings(settings: settings, dialogue: dialogue, compute: compute, rows: rows, tokenizer: tokenizer, isQuiet: job.console.detail == .quiet)
    if job.dryRun { return try dryRun(trainings, compute) }

    let folder = try RunFolder(training.output ?? defaultOutput, configuration: job.configuration, existing: job.existing) {
      try DialogueTrainingJob.read(recipe: $0).configuration
    }
    try RunManifest.begin(folder, files: rows.sources.values.sorted(), base: settings.model.base, compute: compute)
    StopSignal.install()
    let console = Progress("", total: 0, unit: "", isQuiet: job.console.detail == .quiet)
    console.note("\(folder.isContinued ? "Continuing" : "Writing") \(folder.path) on \(compute.summary)")
    for note in notes(rows) { console.note(note) }

    var (runs, linear, outcomes): ([SafetyRun], [SafetyRun], [ClassifierRun.Outcome]) = ([], [], [])
    for seed in training.seed..<training.seed + UInt64(training.seeds) {
      guard let result = try trainings.run(seed: seed, in: folder.path, console) else {
        return JobResult(.stopped, text: "Stopped and saved. Run the same command again to continue.\n", json: ["status": "stopped", "run": .string(folder.path)])
      }
      runs.append(result.model)
      linear.append(result.linear)
      if let outcome = result.outcome { outcomes.append(outcome) }
    }
    if let best = outcomes.max(by: { $0.validationScore < $1.validationScore }) {
      try settings.keepModel(from: best.model, as: "\(folder.path)/models/\(DialogueSafety.name)")
    }
    let evaluation = try evaluation(rows, runs, linear, outcomes.first, compute, folder)
    try evaluation.write(into: folder.path)
    return JobResult(text: evaluation.text(folder: folder.path), json: evaluation.json(folder: folder.path))
  }

  private var baseName: String { FileSystem.name(of: settings.model.base) }
  private var defaultOutput: String { "runs/dialogue-safety-\(baseName)" }

  /// The model beside what it must beat on the same rows.
  private func evaluation(
    _ rows: DialogueRows, _ runs: [SafetyRun], _ linear: [SafetyRun], _ first: ClassifierRun.Outcome?, _ compute: ComputeChoice, _ folder: RunFolder
  ) throws -> SafetyEvaluation {
    let golds = rows.test.map(\.label)
    let common = (rows.isCrossValidated ? rows.test : rows.train).reduce(into: [Int](repeating: 0, count: DialogueSafety.labels.count)) { $0[$1.label] += 1 }
    let most = common.indices.max { (common[$0], $1) < (common[$1], $0) } ?? DialogueSafety.safe
    // Without folds the linear model has no seed: one run says it all.
    let lines = rows.isCrossValidated ? linear : Array(linear.prefix(1))
    var evaluation = try SafetyEvaluation(
      title: rows.isCrossValidated ? "Dialogue safety: cross-validation of \(baseName)" : "Dialogue safety: \(baseName)",
      systems: [
        SafetySystem(name: rows.isCrossValidated ? "\(baseName), cross-validated" : baseName, runs: runs),
        SafetySystem(name: "TF-IDF + logistic regression", runs: lines),
        SafetySystem(name: "majority class", runs: [SafetyRun(name: "1", golds: golds, predicted: golds.map { _ in most })]),
      ],
      facts: facts(rows, compute, folder), notes: notes(rows))
    evaluation.curves = first?.curves
    return evaluation
  }

  private func notes(_ rows: DialogueRows) -> [String] {
    var notes: [String] = []
    if rows.isCrossValidated {
      notes.append(
        "Cross-validated in \(dialogue.folds) folds on the public test set, because its training rows are not public: every row is judged by a model that has learned "
          + "from others of the same set. These scores must not be compared with the paper's, whose models learned from other and more rows and were judged on all of these.")
    }
    if dialogue.compat {
      notes.append("Warning: as upstream does, the checkpoint was chosen on the rows that judge it. The scores are higher than on rows that were never seen.")
    }
    return notes + rows.notes
  }

  private func facts(_ rows: DialogueRows, _ compute: ComputeChoice, _ folder: RunFolder) -> [ClassifierReport.Fact] {
    let sources = [Split.train, .validation, .test].compactMap { split in rows.sources[split].map { "\(split.rawValue) \($0)" } }
    return [
      .init("base model", settings.model.base), .init("head", settings.model.head.rawValue), .init("rows", sources.joined(separator: ", ")),
      .init("speaker tags", dialogue.compat ? "as upstream: pieces beside punctuation" : "whole"), .init("class weights", settings.training.classWeights.yaml),
      .init("loss", settings.training.focalGamma > 0 ? "focal, gamma \(settings.training.focalGamma)" : "cross-entropy"),
      .init("checkpoint chosen by", settings.training.bestMetric == .auto ? BestMetric.weightedF1.rawValue : settings.training.bestMetric.rawValue),
      .init("computed on", compute.summary), .init("libtorch", "\(Runtime.version), \(Runtime.cpuCapability)"),
      .init("seeds", (0..<UInt64(settings.training.seeds)).map { "\(settings.training.seed + $0)" }.joined(separator: ", ")), .init("run folder", folder.path),
    ]
  }

  private func dryRun(_ trainings: DialogueTrainings, _ compute: ComputeChoice) throws -> JobResult {
    let parts = try trainings.parts(seed: settings.training.seed, in: "")
    let run = parts[0].run
    let estimate = try CostEstimate.measure(run, try run.makeTask(try run.makeModel()))
    let count = parts.count * settings.training.seeds
    let seconds = estimate.seconds * Double(count)
    let text = """
      \(job.configuration.yaml)
      Computed on \(compute.summary)
      \(notes(trainings.rows).joined(separator: "\n"))

      \(count) trainings of \(run.data.train.count) rows, \(run.steps) steps of \(settings.training.batchSize), chosen on \(run.data.validation.count) rows, judged on \(run.data.dataset.test.count)
        learning rate \(run.schedule.sparkline) 0 to \(Format.short(run.schedule.peak)) over \(run.schedule.warmup) steps, then \(run.schedule.shape.rawValue)
        predicted: \(Format.duration(seconds)), peak memory \(Format.fixed(Double(estimate.peakMemory) / 1e9, 2)) GB
      Nothing was written.

      """
    return JobResult(
      text: text,
      json: [
        "status": "dry run", "trainings": .integer(count), "rows": .integer(run.data.train.count), "steps": .integer(run.steps),
        "cross_validated": .bool(trainings.rows.isCrossValidated), "predicted_seconds": .number(seconds), "predicted_peak_memory_bytes": .integer(estimate.peakMemory),
      ])
  }
}
