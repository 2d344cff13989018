import Configuration
import Datasets
import Evaluation
import Files
import Metrics
import Reports
import Scoring

/// `attune score` with a network: BERTScore of every file, and by row where asked.
struct ScoreTexts {
  let job: ScoreJob

  func run() throws -> JobResult {
    let compute = try ComputeChoice(job.runtime)
    let files = try GenerationRows.readAll(job.data, golden: job.golden, generated: job.generated)
    let scorer = try BERTScorer(
      job.model,
      options: .init(
        layer: job.layer, usesIDF: job.usesIDF, baseline: job.baseline, addsPrefixSpace: job.addsPrefixSpace, computeType: compute.dtype), device: compute.device)
    let console = Progress("", total: 0, unit: "", isQuiet: job.console.detail == .quiet)
    console.note("\(scorer.signature) on \(compute.summary)")
    var results: [TextScorer.Result] = []
    for file in files {
      let pairs = file.rows.map { TextPair(references: $0.references, hypothesis: $0.generated) }
      let result = try scorer.score(pairs)
      guard result.counts.scored > 0 else { throw InputError(file.path, "no row has a generation", advice: "Generate first, then score") }
      if result.emptyReferences > 0 { console.note("\(file.dataset): \(result.emptyReferences) rows have an empty golden, and score 0") }
      let rows = zip(file.rows, result.scores).map { row, score in
        ScoreTable.Row(dataset: file.dataset, number: row.number, values: [score?.precision, score?.recall, score?.f])
      }
      let mean = result.mean
      results.append(
        TextScorer.Result(
          dataset: file.dataset, path: file.path, counts: result.counts,
          scores: [("bert_score_precision", mean.precision), ("bert_score_recall", mean.recall), ("bert_score_f1", mean.f)], signature: scorer.signature, rows: rows))
    }
    if let output = job.output { try ScoreTable(metrics: results[0].scores.map(\.name), rows: results.flatMap(\.rows)).write(to: output) }
    return JobResult(text: results.text, json: ["method": .string(job.method.rawValue), "files": .array(results.map(\.json))])
  }
}
