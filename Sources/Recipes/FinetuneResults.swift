import Configuration
import Datasets
import Files
import Reports
import Torch

/// `results.json` and `report.html` of a fine-tuning run, and the summary that it prints.
struct FinetuneResults {
  let finetune: Finetune
  let folder: String
  let compute: ComputeChoice
  let data: FinetuneData
  let log: RunLog
  let cost: FinetuneCost
  let seconds: Double

  func write() throws -> JobResult {
    let best = log.bestValidation
    let peak = try compute.peakMemory()
    let tokens = Double(log.tokensSeen) / max(log.trainingSeconds, 1e-9)
    var json: JSONObject = [
      "status": "done", "run": .string(folder), "method": .string(finetune.settings.method.rawValue), finetune.product: .string("\(folder)/best"),
      "notice": .string(ReportPage.notice), "training_rows": .integer(data.train.sequences.count), "validation_rows": .integer(data.validation.sequences.count),
      "dropped_rows": .integer(data.train.dropped.count + data.validation.dropped.count), "shortened_rows": .integer(data.train.shortened),
      "tokens_per_second": .number(tokens), "peak_memory_bytes": .integer(peak),
      "predicted_peak_memory_bytes": .integer(cost.total), "seconds": .number(seconds), "report": .string("\(folder)/report.html"),
    ]
    if let best { json["best"] = .object(best) }
    try AtomicWrite.file("\(folder)/results.json", JSON.object(json).encoded(indent: 2) + "\n")
    try report(tokensPerSecond: tokens, peak: peak).write(into: folder)

    func figure(_ key: String, _ name: String) -> String? { best?[key]?.double.map { "\(name) \(Format.fixed($0, 4))" } }
    let scores = [figure("eval_loss", "loss"), figure("eval_perplexity", "perplexity"), figure("eval_weighted_f1", "weighted F1")].compactMap { $0 }
    var text = scores.isEmpty ? "" : "Best validation (step \(best?["step"]?.int ?? 0)): \(scores.joined(separator: ", "))\n"
    if log.tokensSeen > 0 {
      text += "\(Format.short(tokens)) tokens/s, peak memory \(Format.fixed(Double(peak) / 1e9, 2)) GB (predicted \(Format.fixed(Double(cost.total) / 1e9, 2))), \(Format.duration(seconds))\n"
    }
    text += "The \(finetune.product) is \(folder)/best. To use it:\n\(finetune.use("\(folder)/best"))\nReport: \(folder)/report.html\n\(ReportPage.notice)\n"
    return JobResult(text: text, json: .object(json))
  }

  private func report(tokensPerSecond: Double, peak: Int) -> FinetuneReport {
    let settings = finetune.settings
    var report = FinetuneReport(title: settings.method == .lora ? "LoRA fine-tuning" : "Full fine-tuning")
    let tokens = "\(Format.count(data.train.tokens)) tokens, \(Format.count(data.train.targets)) of them learned"
    report.summary = [
      .init("training rows", "\(Format.count(data.train.sequences.count)): \(tokens)"),
      .init("validation rows", Format.count(data.validation.sequences.count)), .init("steps", Format.count(log.points("loss").last?.step ?? 0)),
    ]
    if log.tokensSeen > 0 { report.summary += [.init("speed", "\(Format.short(tokensPerSecond)) tokens/s"), .init("took", Format.duration(seconds))] }
    let leftOut = data.train.dropped.count + data.validation.dropped.count
    if data.train.shortened > 0 { report.notes.append("\(data.train.shortened) training rows are too long and lost the start of their prompt") }
    if leftOut > 0 { report.notes.append("\(leftOut) rows are too long even so and were left out") }
    report.trainingLoss = log.points("loss")
    report.learningRate = log.points("learning_rate")
    report.tokensPerSecond = log.points("tokens_per_second")
    report.validations = log.validations
    report.memory = .init(predicted: cost.parts, measured: peak)
    report.facts = [
      .init("base model", settings.model.base), .init("data", settings.data.paths.paths.joined(separator: ", ")), .init("template", data.template.name),
      .init("trained parameters", Format.count(cost.memory.trained)),
      .init("computed on", compute.summary), .init("libtorch", "\(Runtime.version), \(Runtime.cpuCapability)"),
      .init("seed", "\(settings.training.seed)"), .init("run folder", folder),
    ]
    return report
  }
}
