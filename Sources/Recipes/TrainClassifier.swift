import Baselines
import Configuration
import Datasets
import Files
import Models
import Reports
import Tokenizers
import Torch
import Training

/// `attune train classifier`: per dataset and seed one model, judged beside the majority class and a linear model, the best of
/// each dataset in `models/DATASET`, ready for `attune label`.
///
/// ```
/// runs/NAME/  config.yaml  manifest.json  results.json  report.html  figures/
///   models/DR/                 the model of the seed with the best validation score; with `lora` its adapter merged into the encoder
///   DR/seed-42/                metrics.jsonl  trainer_state.json  events…  checkpoints/step-N/  best/  predictions.jsonl
///                              with `lora`, steps and best hold adapters, as PEFT reads them; `attune predict` reads either
///                              refit/ the same again where the model was trained once more on all rows
/// ```
struct TrainClassifier {
  let job: ClassifierJob
  private var settings: ClassifierSettings { job.settings }

  func run() throws -> JobResult {
    let training = settings.training
    let compute = try ComputeChoice(
      device: training.device, precision: training.precision, threads: training.threads, deterministic: training.deterministic)
    let catalog = try Catalog(root: settings.data.folder)
    let names = try Self.datasetNames(settings, catalog)
    let tokenizer = try Tokenizers.load(settings.model.base)
    let isQuiet = job.console.detail == .quiet
    if job.dryRun { return try DryRun(job: job, compute: compute, catalog: catalog, names: names, tokenizer: tokenizer).run() }

    let folder = try RunFolder(training.output ?? defaultOutput, configuration: job.configuration, existing: job.existing)
    try RunManifest.begin(folder, settings: settings, base: settings.model.base, catalog: catalog, names: names, compute: compute)
    StopSignal.install()
    let console = Progress("", total: 0, unit: "", isQuiet: isQuiet)
    console.note("\(folder.isContinued ? "Continuing" : "Writing") \(folder.path) on \(compute.summary)")

    var reports: [DatasetReport] = []
    for name in names {
      let data = try load(name, catalog, tokenizer)
      for note in data.notes { console.note(note) }
      console.note(
        "\(data.dataset.name): \(data.train.count) training, \(data.validation.count) validation, \(data.dataset.test.count) test rows; "
          + "\(data.truncated) cut to \(settings.model.maxLength) tokens")
      let baselines = try ClassifierBaselines(settings.refits(data.dataset) ? data.joined : data)

      var outcomes: [(seed: UInt64, outcome: ClassifierRun.Outcome)] = []
      for seed in training.seed..<training.seed + UInt64(training.seeds) {
        let run = ClassifierRun(
          settings: settings, compute: compute, data: data, seed: seed, folder: "\(folder.path)/\(data.dataset.name)/seed-\(seed)", isQuiet: isQuiet)
        guard let outcome = try run.run() else {
          return JobResult(.stopped, text: "Stopped and saved. Run the same command again to continue.\n", json: ["status": "stopped", "run": .string(folder.path)])
        }
        console.note(outcome.comparison(name: "\(data.dataset.name) seed \(seed)"))
        outcomes.append((seed, outcome))
      }
      let best = outcomes.max { ($0.outcome.validationScore, $1.seed) < ($1.outcome.validationScore, $0.seed) }!.outcome  // seeds >= 1
      try settings.keepModel(from: best.model, as: "\(folder.path)/models/\(data.dataset.name)")
      reports.append(try ClassifierSummary(data: data, baselines: baselines, outcomes: outcomes.map(\.outcome)).report())
    }
    let report = ClassifierReport(title: "Label classifiers", facts: facts(compute, folder), datasets: reports)
    try ClassifierResults.write(report, into: folder.path)
    return JobResult(text: ClassifierResults.text(report, folder: folder.path), json: ClassifierResults.json(report, folder: folder.path))
  }

  /// The datasets asked for: one by name in any case, or every one with training rows.
  static func datasetNames(_ settings: ClassifierSettings, _ catalog: Catalog) throws -> [String] {
    switch settings.data.dataset {
    case .named(let name): return [try catalog.entry(named: name).name]
    case .all:
      let names = catalog.trainable()
      guard !names.isEmpty else {
        throw InputError(catalog.root, "found no dataset with training rows", advice: "Import data with: attune data import imhi --from DIR")
      }
      return names
    }
  }

  private var defaultOutput: String { "runs/classifier-\(settings.data.dataset.yaml)" }

  private func load(_ name: String, _ catalog: Catalog, _ tokenizer: any Tokenizer) throws -> ClassifierData {
    let dataset = try catalog.load(
      name, onUnmatched: settings.data.onUnmatched == .drop ? .drop : .fail, holdOut: settings.data.validationFraction)
    try dataset.requireTraining()
    return try ClassifierData(dataset, view: settings.data.input, tokenizer: tokenizer, maxLength: settings.model.maxLength)
  }

  private func facts(_ compute: ComputeChoice, _ folder: RunFolder) -> [ClassifierReport.Fact] {
    [
      .init("base model", settings.model.base), .init("text read", settings.data.input.rawValue), .init("computed on", compute.summary),
      .init("libtorch", "\(Runtime.version), \(Runtime.cpuCapability)"),
      .init("seeds", (0..<UInt64(settings.training.seeds)).map { "\(settings.training.seed + $0)" }.joined(separator: ", ")),
      .init("run folder", folder.path),
    ]
  }
}

extension ClassifierRun.Outcome {
  /// Prediction against measurement, said at the end of each run.
  func comparison(name: String) -> String {
    guard samplesPerSecond > 0 else { return "\(name): was trained before; its best model is scored again" }
    let gigabytes = { (bytes: Int) in "\(Format.fixed(Double(bytes) / 1e9, 2)) GB" }
    return "\(name): took \(Format.duration(seconds)) (predicted \(Format.duration(predicted.seconds))), peak memory \(gigabytes(peakMemory)) "
      + "(predicted \(gigabytes(predicted.peakMemory))), \(Format.short(samplesPerSecond)) samples/s"
  }
}
