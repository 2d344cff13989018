import Configuration
import Datasets
import Files
import Glibc
import Models
import NN
import Reports
import Tokenizers
import Torch
import Training

/// What fine-tuning with adapters and of whole models share: folder, data, model, loop, results.
struct Finetune {
  let job: FinetuneJob
  /// What the run leaves, by the name of its link beside `best`: `adapter`, `model`.
  let product: String
  /// Commands that use it, given its folder.
  let use: (_ folder: String) -> String
  let makeModel: (ComputeChoice) throws -> any TrainableLanguageModel
  var settings: FinetuneSettings { job.settings }

  init(job: FinetuneJob, product: String, use: @escaping (String) -> String, makeModel: @escaping (ComputeChoice) throws -> any TrainableLanguageModel) {
    (self.job, self.product, self.use, self.makeModel) = (job, product, use, makeModel)
  }

  func run() throws -> JobResult {
    let training = settings.training
    let compute = try ComputeChoice(
      device: training.device, precision: training.precision, threads: training.threads, deterministic: training.deterministic)
    let data = try FinetuneData(settings.data, base: settings.model.base, tokenizer: try Tokenizers.load(settings.model.base))
    if job.dryRun { return try FinetuneDryRun(finetune: self, compute: compute, data: data).run() }

    let start = monotonicSeconds()
    let folder = try RunFolder(training.output ?? defaultOutput, configuration: job.configuration, existing: job.existing) {
      try FinetuneSettings.read(settings.method, recipe: $0).configuration
    }
    try RunManifest.begin(folder, finetuning: settings, data: data, compute: compute)
    StopSignal.install()
    let isQuiet = job.console.detail == .quiet
    let console = Progress("", total: 0, unit: "", isQuiet: isQuiet)
    console.note("\(folder.isContinued ? "Continuing" : "Writing") \(folder.path) on \(compute.summary)")
    for note in data.corpus.notes { console.note(note) }
    console.note(data.summary)

    let model = try makeModel(compute)
    for announcement in model.announcements { console.note(announcement) }
    let trained = model.parameters.trainable
    console.note("training \(Format.count(trained.reduce(0) { $0 + $1.tensor.count })) of \(Format.count(weights(of: model))) parameters")
    let plan = plan(rows: data.examples.count, compute)
    let log = RunLog(folder: folder.path, title: product, plan: plan, epochs: training.epochs, isQuiet: isQuiet)
    let loop = TrainingLoop(
      try task(model, data), examples: data.examples, optimizer: AdamW(trained, settings.optimizer.adamW), schedule: schedule(steps: plan.steps), plan: plan,
      folder: folder.path, seed: training.seed, device: compute.device, observer: log)
    let outcome = try loop.run()
    log.progress.finish()
    if outcome == .interrupted {
      return JobResult(.stopped, text: "Stopped and saved. Run the same command again to continue.\n", json: ["status": "stopped", "run": .string(folder.path)])
    }
    link(in: folder.path)
    return try FinetuneResults(finetune: self, folder: folder.path, data: data, log: log, seconds: monotonicSeconds() - start).write()
  }

  func task(_ model: any TrainableLanguageModel, _ data: FinetuneData) throws -> LanguageModelTask {
    let budget = settings.training.microBatchTokens ?? 4096
    let judge = settings.training.evalGenerate == 0 ? nil : try AnswerJudge(data, count: settings.training.evalGenerate, tokenBudget: budget)
    return LanguageModelTask(
      model, validation: data.validationExamples, names: data.names, tokenBudget: budget, checkpoints: settings.training.gradientCheckpointing,
      judge: judge.map { judge in { judge.scores($0, shouldStop: $1) } })
  }

  func plan(rows: Int, _ compute: ComputeChoice) -> TrainingPlan {
    let training = settings.training
    let perEpoch = (rows + training.batchSize - 1) / training.batchSize
    var plan = TrainingPlan()
    plan.batchSize = training.batchSize
    plan.microBatchSize = training.packing ? training.microBatchSize : 1
    plan.microBatchTokens = training.microBatchTokens
    plan.steps = min(perEpoch * training.epochs, training.maxSteps ?? .max)
    plan.maxGradientNorm = settings.optimizer.maxGradientNorm
    plan.computeType = compute.dtype
    plan.validateEvery = training.evalEvery.steps(perEpoch: perEpoch)
    plan.saveEvery = training.saveEvery.steps(perEpoch: perEpoch)
    plan.keep = training.keep
    plan.patience = training.earlyStoppingPatience
    plan.bestMetric = training.bestMetric.rawValue
    plan.shuffles = training.shuffle
    plan.savesAtStart = true
    plan.checksFirstSteps = true
    return plan
  }

  func schedule(steps: Int) -> LearningRateSchedule {
    let warmup = settings.schedule.warmupSteps ?? Int((Double(steps) * settings.schedule.warmupRatio).rounded(.up))
    return LearningRateSchedule(.init(settings.schedule.shape), peak: settings.optimizer.learningRate, warmup: warmup, steps: steps)
  }

  func weights(of model: any TrainableLanguageModel) -> Int { model.parameters.parameters.reduce(0) { $0 + $1.tensor.count } }

  private var defaultOutput: String {
    "runs/\(settings.method.rawValue)-\(settings.model.base.split(separator: "/").last.map(String.init) ?? "model")"
  }

  /// `adapter` or `model`, for `best`; where links cannot be made `best` is enough.
  private func link(in folder: String) {
    unlink("\(folder)/\(product)")
    symlink("best", "\(folder)/\(product)")
  }
}
