public import Datasets
public import Files
public import Metrics

/// One method of `attune score` on one file: a number for the whole, and numbers by row.
public struct TextScorer: Sendable {
  /// What can be measured without a network.
  public enum Method: String, Sendable, CaseIterable { case bleu, rouge, chrf, ter }
  /// What stands in for a precision without matches in BLEU.
  public enum Smoothing: String, Sendable, CaseIterable { case exp, floor, addK = "add-k", none }
  /// Numbers as others publish them.
  public enum Compatibility: String, Sendable, CaseIterable {
    /// ROUGE as Hugging Face `evaluate` reports it: the median of 1,000 bootstrap means.
    case hfMid = "hf-mid"
  }

  public var method: Method
  // BLEU's words and smoothing, and BLEU's and chrF's case.
  public var tokenization: BLEUTokenization
  public var smoothing: Smoothing
  public var lowercase: Bool
  /// ROUGE: Porter's stemmer.
  public var stemming: Bool
  /// chrF: word n-grams beside those of characters.
  public var wordOrder: Int
  /// ROUGE, with the seed of its bootstrap.
  public var compatibility: Compatibility?
  public var seed: UInt32

  public init(
    method: Method, tokenization: BLEUTokenization = .mteval13a, smoothing: Smoothing = .exp, lowercase: Bool = false, stemming: Bool = false,
    wordOrder: Int = 0, compatibility: Compatibility? = nil, seed: UInt32 = 42
  ) {
    (self.method, self.tokenization, self.smoothing, self.lowercase) = (method, tokenization, smoothing, lowercase)
    (self.stemming, self.wordOrder, self.compatibility, self.seed) = (stemming, wordOrder, compatibility, seed)
  }

  public struct Result: Sendable {
    public let dataset: String
    public let path: String
    public let counts: GenerationCounts
    /// Names and values for the whole file, in the order they are shown.
    public let scores: [(name: String, value: Double)]
    /// What a reader needs to compute the same numbers.
    public let signature: String
    /// By row, in the order of `rowMetrics`.
    public let rows: [ScoreTable.Row]
  }

  /// The names of the scores by row.
  public var rowMetrics: [String] {
    switch method {
    case .bleu: ["sentence_bleu"]
    case .rouge: ROUGE.Kind.allCases.map(\.rawValue)
    case .chrf: [wordOrder > 0 ? "chrf++" : "chrf"]
    case .ter: ["ter"]
    }
  }

  /// - Throws: `InputError` where the score has no meaning: no row has a generation, or the references are without words.
  public func score(_ file: GenerationRows) throws(InputError) -> Result {
    let pairs = file.rows.map { TextPair(references: $0.references, hypothesis: $0.generated) }
    let counts = GenerationCounts(pairs)
    guard counts.scored > 0 else { throw InputError(file.path, "no row has a generation", advice: "Generate first, then score") }
    let measured: Measured = switch method {
    case .bleu: try bleu(pairs, file.path)
    case .rouge: rouge(pairs)
    case .chrf: chrf(pairs)
    case .ter: ter(pairs)
    }
    let rows = file.rows.indices.map { ScoreTable.Row(dataset: file.dataset, number: file.rows[$0].number, values: measured.rows[$0]) }
    return Result(dataset: file.dataset, path: file.path, counts: counts, scores: measured.scores, signature: measured.signature, rows: rows)
  }

  private typealias Measured = (scores: [(name: String, value: Double)], rows: [[Double?]], signature: String)

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
