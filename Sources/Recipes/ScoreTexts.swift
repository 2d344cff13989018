import Configuration
import Datasets
import Evaluation
import Files
import Metrics
import Reports
import Scoring

/// `attune score` with a network: BERTScore or BARTScore of every file, and by row where asked.
struct ScoreTexts {
  let job: ScoreJob

  /// Of one file: a name and its value for the whole, the same by row, and what they depend on.
  private typealias Measured = (scores: [(name: String, value: Double)], rows: [[Double?]], signature: String)

  func run() throws -> JobResult {
    let compute = try ComputeChoice(job.runtime)
    let source = job.method == .bartScore && job.direction == .sourceToHypothesis ? job.source : nil
    let files = try GenerationRows.readAll(job.data, golden: job.golden, generated: job.generated, source: source)
    let console = Progress("", total: 0, unit: "", isQuiet: job.console.detail == .quiet)
    console.note("\(job.method.rawValue) with \(job.model) on \(compute.summary)")
    let measure = try self.measure(compute)
    var results: [TextScorer.Result] = []
    for problem in files.flatMap(\.problems) { Terminal.write("attune: error: \(problem.error)\n") }
    for file in files {
      let pairs = file.rows.map { TextPair(references: $0.references, hypothesis: $0.generated) }
      let counts = GenerationCounts(pairs)
      guard counts.scored > 0 else { throw InputError(file.path, "no row has a generation", advice: "Generate first, then score") }
      let empty = file.rows.count { row in row.references.allSatisfy { $0.allSatisfy(\.isWhitespace) } }
      if empty > 0 { console.note("\(file.dataset): the golden of \(empty) rows is empty") }
      let measured = try measure(file, pairs)
      let rows = zip(file.rows, measured.rows).map { ScoreTable.Row(dataset: file.dataset, number: $0.number, values: $1) }
      results.append(
        TextScorer.Result(dataset: file.dataset, path: file.path, counts: counts, scores: measured.scores, signature: measured.signature, rows: rows))
    }
    if let output = job.output { try ScoreTable(metrics: results[0].scores.map(\.name), rows: results.flatMap(\.rows)).write(to: output) }
    let status: JobResult.Status = files.allSatisfy(\.problems.isEmpty) ? .done : .incomplete
    return JobResult(status, text: results.text, json: ["method": .string(job.method.rawValue), "files": .array(results.map(\.json))])
  }

  /// Loads the model once, for every file.
  private func measure(_ compute: ComputeChoice) throws -> (GenerationRows, [TextPair]) throws -> Measured {
    switch job.method {
    case .bertScore:
      let scorer = try BERTScorer(
        job.model,
        options: .init(layer: job.layer, usesIDF: job.usesIDF, baseline: job.baseline, addsPrefixSpace: job.addsPrefixSpace, computeType: compute.dtype),
        device: compute.device)
      return { _, pairs in
        let result = try scorer.score(pairs)
        let mean = result.mean
        return (
          [("bert_score_precision", mean.precision), ("bert_score_recall", mean.recall), ("bert_score_f1", mean.f)],
          result.scores.map { [$0?.precision, $0?.recall, $0?.f] }, scorer.signature
        )
      }
    case .bartScore:
      let scorer = try BARTScorer(job.model, computeType: compute.dtype, device: compute.device)
      let direction = BARTScorer.Direction(job.direction)
      return { file, pairs in
        let scores = try scorer.score(pairs, direction, sources: file.rows.compactMap(\.source))
        let present = scores.compactMap { $0 }
        return ([("bart_score", present.reduce(0, +) / Double(present.count))], scores.map { [$0] }, scorer.signature(direction))
      }
    }
  }
}

extension BARTScorer.Direction {
  fileprivate init(_ direction: ScoreJob.Direction) {
    switch direction {
    case .hypothesisToReference: self = .hypothesisToReference
    case .referenceToHypothesis: self = .referenceToHypothesis
    case .sourceToHypothesis: self = .sourceToHypothesis
    case .f: self = .f
    }
  }
}
