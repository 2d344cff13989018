import Configuration
import Datasets
import Files
import Reports
import Tokenizers
import Torch
import Training

/// `--dry-run`: the resolved configuration, the schedule, and predicted memory and time of every run; nothing is written.
struct DryRun {
  let job: ClassifierJob
  let compute: ComputeChoice
  let catalog: Catalog
  let names: [String]
  let tokenizer: any Tokenizer

  func run() throws -> JobResult {
    var text = job.configuration.yaml + "\nComputed on \(compute.summary)\n"
    var plans: [JSON] = []
    var total = 0.0
    for name in names {
      let dataset = try catalog.load(
        name, onUnmatched: job.settings.data.onUnmatched == .drop ? .drop : .fail, holdOut: job.settings.data.validationFraction)
      try dataset.requireTraining()
      let data = try ClassifierData(dataset, view: job.settings.data.input, tokenizer: tokenizer, maxLength: job.settings.model.maxLength)
      let run = ClassifierRun(settings: job.settings, compute: compute, data: data, seed: job.settings.training.seed, folder: "", isQuiet: true)
      let estimate = try CostEstimate.measure(run, try run.makeTask(try run.makeModel()))
      let schedule = run.schedule
      let seconds = estimate.seconds * Double(job.settings.training.seeds)
      total += seconds
      let again = run.refits ? "  then on all \(run.whole.data.train.count) rows, at most \(run.whole.steps) steps, for as long as the held-out rows find best\n  " : "  "
      text += """

        \(data.dataset.name): \(data.train.count) rows, \(run.steps) steps of \(job.settings.training.batchSize), \(job.settings.training.seeds) seed(s)
          reads \(data.input.rawValue)
          learning rate \(schedule.sparkline) 0 to \(Format.short(schedule.peak)) over \(schedule.warmup) steps, then \(schedule.shape.rawValue)
        \(again)  predicted: \(Format.duration(seconds)), peak memory \(Format.fixed(Double(estimate.peakMemory) / 1e9, 2)) GB

        """
      plans.append(
        .object([
          "dataset": .string(data.dataset.name), "input": .string(data.input.rawValue), "rows": .integer(data.train.count), "steps": .integer(run.steps), "warmup_steps": .integer(schedule.warmup),
          "refit_steps": .integer(run.refits ? run.whole.steps : 0),
          "predicted_seconds": .number(seconds), "predicted_peak_memory_bytes": .integer(estimate.peakMemory),
        ]))
    }
    text += "\nIn all \(Format.duration(total)). Nothing was written.\n"
    return JobResult(text: text, json: ["status": "dry run", "runs": .array(plans)])
  }
}

extension LearningRateSchedule {
  /// The schedule in forty characters.
  var sparkline: String {
    let marks = Array("▁▂▃▄▅▆▇█")
    return String((0..<40).map { i in marks[min(7, Int(rate(i * max(1, steps) / 40) / peak * 7.999))] })
  }
}
