import Configuration
import Datasets
import Evaluation
import Files
import Metrics
import Reports
import Scoring
import Training

/// BERTScore and BARTScore of a benchmark's answers, kept row by row in `scored/METHOD.jsonl` of the run folder.
///
/// Rows are scored in portions that are the same in every start, so that a run that was killed ends with the numbers of one that was not.
struct NetworkScoreStage {
  /// The run folder.
  let folder: String
  let settings: IMHISettings.Networks
  let compute: ComputeChoice
  let isQuiet: Bool

  /// Rows that are scored, and written, together.
  private static let portion = 128

  /// The files that the scores depend on.
  var files: [String] {
    let weights = [settings.bertScore, settings.bartScore].compactMap(\.self).flatMap { folder in
      FileSystem.entries(folder).filter { !$0.hasPrefix(".") && !$0.hasSuffix(".md") }.map { "\(folder)/\($0)" }.filter(FileSystem.isFile)
    }
    return weights + [settings.bertScoreBaseline].compactMap(\.self)
  }

  /// - Returns: each set's scores by its name, none for a set without answers; nil after a signal.
  func run(_ sets: [GenerationRows]) throws -> [String: [NetworkScores]]? {
    var result: [String: [NetworkScores]] = [:]
    if let model = settings.bertScore {
      let options = BERTScorer.Options(
        layer: settings.bertScoreLayer, usesIDF: settings.bertScoreIDF, baseline: settings.bertScoreBaseline, addsPrefixSpace: settings.bertScorePrefixSpace)
      guard try add(sets, &result, { try .bertScore(model, options, compute) }) else { return nil }
    }
    if let model = settings.bartScore {
      guard try add(sets, &result, { try .bartScore(model, .hypothesisToReference, compute) }) else { return nil }
    }
    return result
  }

  /// False after a signal.
  private func add(_ sets: [GenerationRows], _ result: inout [String: [NetworkScores]], _ load: () throws -> NetworkScorer) throws -> Bool {
    let scorer = try load()
    try AtomicWrite.createFolder("\(folder)/scored")
    let path = "\(folder)/scored/\(scorer.method.rawValue).jsonl"
    var known: [String: [Int: [Double]]] = [:]
    let journal = try LineJournal(path) { line, json throws(InputError) in
      guard let dataset = json["dataset"]?.string, let row = json["row"]?.int, let values = json["values"]?.array?.map({ $0.double ?? .nan }),
        values.count == scorer.names.count
      else { throw InputError(path, at: "line \(line)", "not the scores of a row", advice: "Start anew with --overwrite") }
      known[dataset, default: [:]][row] = values
    }
    let answered = sets.map { set in (name: set.dataset, rows: set.rows.filter { $0.generated != nil }, pairs: set.rows.map(\.pair)) }
    let progress = Progress(scorer.method.rawValue, total: answered.reduce(0) { $0 + $1.rows.count }, unit: "texts", isQuiet: isQuiet)
    defer { progress.finish() }
    var done = 0
    for set in answered where !set.rows.isEmpty {
      var rows = known[set.name] ?? [:]
      let scoring = set.rows.allSatisfy { rows[$0.number] != nil } ? nil : try scorer.scoring(set.pairs)
      for start in stride(from: 0, to: set.rows.count, by: Self.portion) {
        if StopSignal.isRaised { return false }
        let part = set.rows[start..<min(start + Self.portion, set.rows.count)]
        if let scoring, part.contains(where: { rows[$0.number] == nil }) {
          let scores = try scoring(part.map(\.pair), [])
          let new = zip(part, scores).compactMap { row, values in rows[row.number] == nil ? values.map { (row.number, $0) } : nil }
          try journal.append(new.map { ["dataset": .string(set.name), "row": .integer($0), "values": .array($1.map(JSON.number))] })
          for (number, values) in new { rows[number] = values }
        }
        done += part.count
        progress.update(done)
      }
      result[set.name, default: []].append(
        NetworkScores(method: scorer.method.rawValue, signature: scorer.signature, names: scorer.names, rows: rows))
    }
    return true
  }
}

extension GenerationRows.Row {
  fileprivate var pair: TextPair { TextPair(references: references, hypothesis: generated) }
}
