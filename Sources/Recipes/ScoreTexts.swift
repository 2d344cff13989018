import Configuration
import Datasets
import Evaluation
import Files
import Metrics
import Reports
import Scoring

/// `attune score` with a network: BERTScore, BARTScore or GPTScore of every file, and by row where asked.
struct ScoreTexts {
  let job: ScoreJob

  /// Of one file: a value for each name and each row, nil where the generation is missing or nobody answered.
  private struct Measured {
    var names: [String]
    var rows: [[Double]?]
    var signature: String
    /// Requests that nobody answered, by reason.
    var unanswered: [String: Int] = [:]
  }

  func run() throws -> JobResult {
    let compute = try ComputeChoice(job.runtime)
    let source = job.method != .bertScore && job.direction == .sourceToHypothesis ? job.source : nil
    let files = try GenerationRows.readAll(job.data, golden: job.golden, generated: job.generated, source: source)
    let console = Progress("", total: 0, unit: "", isQuiet: job.console.detail == .quiet)
    console.note("\(job.method.rawValue) with \(job.model)\(job.method == .gptScore ? "" : " on \(compute.summary)")")
    let measure = try self.measure(compute)
    var results: [TextScorer.Result] = []
    var isComplete = files.allSatisfy(\.problems.isEmpty)
    for problem in files.flatMap(\.problems) { Terminal.write("attune: error: \(problem.error)\n") }
    for file in files {
      let pairs = file.rows.map { TextPair(references: $0.references, hypothesis: $0.generated) }
      let counts = GenerationCounts(pairs)
      guard counts.scored > 0 else { throw InputError(file.path, "no row has a generation", advice: "Generate first, then score") }
      let empty = file.rows.count { row in row.references.allSatisfy { $0.allSatisfy(\.isWhitespace) } }
      if empty > 0 { console.note("\(file.dataset): the golden of \(empty) rows is empty") }
      guard let measured = try measure(file, pairs) else {
        return JobResult(.stopped, text: "Stopped. Run the same command again; answers in --cache are not asked for twice.\n", json: ["status": "stopped"])
      }
      for (reason, count) in measured.unanswered.sorted(by: { $0.key < $1.key }) {
        Terminal.write("attune: error: \(file.path): \(count) requests were not answered: \(reason)\n")
        isComplete = false
      }
      let present = measured.rows.compactMap(\.self)
      guard !present.isEmpty else { throw InputError(file.path, "no row has a score", advice: "Check the texts, and the server where one is asked") }
      let means = measured.names.indices.map { index in
        (name: measured.names[index], value: present.reduce(0) { $0 + $1[index] } / Double(present.count))
      }
      let rows = zip(file.rows, measured.rows).map { row, values in
        ScoreTable.Row(dataset: file.dataset, number: row.number, values: measured.names.indices.map { values?[$0] })
      }
      results.append(
        TextScorer.Result(dataset: file.dataset, path: file.path, counts: counts, scores: means, signature: measured.signature, rows: rows))
    }
    if let output = job.output { try ScoreTable(metrics: results[0].scores.map(\.name), rows: results.flatMap(\.rows)).write(to: output) }
    return JobResult(isComplete ? .done : .incomplete, text: results.text, json: ["method": .string(job.method.rawValue), "files": .array(results.map(\.json))])
  }

  /// Loads the model once, for every file. What is returned says nil after a signal.
  private func measure(_ compute: ComputeChoice) throws -> (GenerationRows, [TextPair]) throws -> Measured? {
    let scorer: NetworkScorer
    switch job.method {
    case .bertScore:
      scorer = try .bertScore(
        job.model, .init(layer: job.layer, usesIDF: job.usesIDF, baseline: job.baseline, addsPrefixSpace: job.addsPrefixSpace), compute)
    case .bartScore: scorer = try .bartScore(job.model, job.direction, compute)
    case .gptScore:
      let asked = try GPTScorer(job)
      return { file, pairs in
        guard let (scores, reasons) = try asked.score(pairs, sources: file.rows.compactMap(\.source), isQuiet: job.console.detail == .quiet) else { return nil }
        return Measured(names: ["gpt_score"], rows: scores.map { $0.map { [$0] } }, signature: asked.signature, unanswered: reasons)
      }
    }
    return { file, pairs in
      Measured(names: scorer.names, rows: try scorer.scoring(pairs)(pairs, file.rows.compactMap(\.source)), signature: scorer.signature)
    }
  }
}
