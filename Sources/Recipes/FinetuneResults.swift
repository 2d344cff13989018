import Configuration
import Datasets
import Files
import Reports
import Torch

/// `results.json` of a fine-tuning run, and the summary that it prints.
struct FinetuneResults {
  let finetune: Finetune
  let folder: String
  let data: FinetuneData
  let log: RunLog
  let seconds: Double

  func write() throws -> JobResult {
    let best = log.bestValidation
    let tokens = Double(log.tokensSeen) / max(log.trainingSeconds, 1e-9)
    var json: JSONObject = [
      "status": "done", "run": .string(folder), "method": .string(finetune.settings.method.rawValue), finetune.product: .string("\(folder)/best"),
      "notice": .string(ReportPage.notice), "training_rows": .integer(data.train.sequences.count), "validation_rows": .integer(data.validation.sequences.count),
      "dropped_rows": .integer(data.train.dropped.count + data.validation.dropped.count), "shortened_rows": .integer(data.train.shortened),
      "tokens_per_second": .number(tokens), "peak_memory_bytes": .integer(Runtime.peakResidentMemory), "seconds": .number(seconds),
    ]
    if let best { json["best"] = .object(best) }
    try AtomicWrite.file("\(folder)/results.json", JSON.object(json).encoded(indent: 2) + "\n")

    func figure(_ key: String, _ name: String) -> String? { best?[key]?.double.map { "\(name) \(Format.fixed($0, 4))" } }
    let scores = [figure("eval_loss", "loss"), figure("eval_perplexity", "perplexity"), figure("eval_weighted_f1", "weighted F1")].compactMap { $0 }
    var text = scores.isEmpty ? "" : "Best validation (step \(best?["step"]?.int ?? 0)): \(scores.joined(separator: ", "))\n"
    if log.tokensSeen > 0 {
      text += "\(Format.short(tokens)) tokens/s, peak memory \(Format.fixed(Double(Runtime.peakResidentMemory) / 1e9, 2)) GB, \(Format.duration(seconds))\n"
    }
    text += "The \(finetune.product) is \(folder)/best. To use it:\n\(finetune.use("\(folder)/best"))\n\(ReportPage.notice)\n"
    return JobResult(text: text, json: .object(json))
  }
}
