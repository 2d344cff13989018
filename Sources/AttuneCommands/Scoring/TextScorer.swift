import Datasets
import Files
import Metrics

/// One method of `attune score` on one file: a number for the whole, and numbers by row.
struct TextScorer {
  /// What can be measured without a network.
  enum Method: String, CaseIterable { case bleu, rouge, chrf, ter }
  enum Smoothing: String, CaseIterable { case exp, floor, addK = "add-k", none }
  /// Numbers as others publish them.
  enum Compatibility: String, CaseIterable {
    /// ROUGE as Hugging Face `evaluate` reports it: the median of 1,000 bootstrap means.
    case hfMid = "hf-mid"
  }

  var method: Method
  var tokenization = BLEUTokenization.mteval13a
  var smoothing = Smoothing.exp
  var lowercase = false
  var stemming = false
  var wordOrder = 0
  var compatibility: Compatibility?
  var seed: UInt32 = 42

  struct Result {
    var dataset: String
    var path: String
    var counts: GenerationCounts
    /// Names and values for the whole file, in the order they are shown.
    var scores: [(name: String, value: Double)]
    var signature: String?
    /// By row, in the order of `rowMetrics`.
    var rows: [ScoreTable.Row]
  }

  /// The names of the scores by row.
  var rowMetrics: [String] {
    switch method {
    case .bleu: ["sentence_bleu"]
    case .rouge: ROUGE.Kind.allCases.map(\.rawValue)
    case .chrf: [wordOrder > 0 ? "chrf++" : "chrf"]
    case .ter: ["ter"]
    }
  }

  /// - Throws: `InputError` where the score has no meaning: no row has a generation, or the references are without words.
  func score(_ file: GenerationRows) throws(InputError) -> Result {
    let pairs = file.rows.map { TextPair(references: $0.references, hypothesis: $0.generated) }
    let counts = GenerationCounts(pairs)
    guard counts.scored > 0 else { throw InputError(file.path, "no row has a generation", advice: "Generate first, then score") }
    let measured: (scores: [(name: String, value: Double)], rows: [[Double?]], signature: String?) = switch method {
    case .bleu: try bleu(pairs, file.path)
    case .rouge: rouge(pairs)
    case .chrf: chrf(pairs)
    case .ter: ter(pairs)
    }
    let rows = file.rows.indices.map { ScoreTable.Row(dataset: file.dataset, number: file.rows[$0].number, values: measured.rows[$0]) }
    return Result(dataset: file.dataset, path: file.path, counts: counts, scores: measured.scores, signature: measured.signature, rows: rows)
  }

  private typealias Measured = (scores: [(name: String, value: Double)], rows: [[Double?]], signature: String?)

  private func bleu(_ pairs: [TextPair], _ path: String) throws(InputError) -> Measured {
    let method: BLEU.Smoothing = switch smoothing {
    case .exp: .exponential
    case .floor: .floor(0.1)
    case .addK: .add(1)
    case .none: .none
    }
    let bleu = BLEU(tokenization: tokenization, smoothing: method, lowercase: lowercase)
    let rows = bleu.statistics(of: pairs)
    let whole = bleu.score(rows.compactMap(\.self))
    let evaluate = EvaluateBLEU()
    let other: BLEUScore
    do {
      other = try evaluate.score(evaluate.statistics(of: pairs).compactMap(\.self))
    } catch {
      throw InputError(path, "\(error)")
    }
    return (
      [("bleu", whole.score), ("brevity_penalty", whole.brevityPenalty), ("hf_bleu", other.score)], bleu.sentenceScores(rows).map { [$0] },
      bleu.signature(of: pairs)
    )
  }

  private func rouge(_ pairs: [TextPair]) -> Measured {
    let rouge = ROUGE(stemming: stemming)
    let rows = rouge.scores(of: pairs)
    let values = compatibility == .hfMid ? rouge.bootstrap(rows, seed: seed).map(\.mid) : rouge.means(rows)
    let byRow = rows.map { row in rouge.kinds.indices.map { kind in row?[kind].f } }
    let how = compatibility == .hfMid ? "F, median of 1000 bootstrap means, seed \(seed)" : "F, mean"
    return (Array(zip(rouge.kinds.map(\.rawValue), values)).map { (name: $0, value: $1) }, byRow, "\(how), \(stemming ? "Porter's stemmer" : "no stemmer")")
  }

  private func chrf(_ pairs: [TextPair]) -> Measured {
    let chrf = CHRF(wordOrder: wordOrder, lowercase: lowercase)
    let rows = chrf.statistics(of: pairs)
    return ([(rowMetrics[0], chrf.score(rows.compactMap(\.self)))], chrf.sentenceScores(rows).map { [$0] }, chrf.signature(of: pairs))
  }

  private func ter(_ pairs: [TextPair]) -> Measured {
    let ter = TER()
    let rows = ter.statistics(of: pairs)
    return ([("ter", ter.score(rows.compactMap(\.self)))], ter.sentenceScores(rows).map { [$0] }, ter.signature(of: pairs))
  }
}
