import Glibc

/// BLEU as sacrebleu 2.6 computes it, from 0 to 100.
///
/// ```swift
/// let bleu = BLEU()
/// let rows = bleu.statistics(of: pairs)
/// print(bleu.score(rows.compactMap(\.self)).score, bleu.signature(of: pairs))
/// ```
public struct BLEU: Sendable {
  /// What stands in for a precision without matches.
  public enum Smoothing: Hashable, Sendable {
    case none
    /// 1 / (2ᵏ · total) for the k-th such order, as mteval-v13a does.
    case exponential
    /// The number given over the total; usually 0.1.
    case floor(Double)
    /// The number given is added above and below the line, for every order but the first; usually 1.
    case add(Double)
  }

  public var tokenization: BLEUTokenization
  public var smoothing: Smoothing
  public var lowercase: Bool
  /// Leave out the orders that a short hypothesis has no n-grams of. Meant for single sentences.
  public var effectiveOrder: Bool
  public var maximumOrder: Int

  public init(
    tokenization: BLEUTokenization = .mteval13a, smoothing: Smoothing = .exponential, lowercase: Bool = false,
    effectiveOrder: Bool = false, maximumOrder: Int = 4
  ) {
    precondition(maximumOrder > 0, "BLEU counts n-grams of order 1 at least")
    (self.tokenization, self.smoothing, self.lowercase) = (tokenization, smoothing, lowercase)
    (self.effectiveOrder, self.maximumOrder) = (effectiveOrder, maximumOrder)
  }

  /// One entry a row; nil where the generation is missing.
  public func statistics(of pairs: [TextPair]) -> [BLEUStatistics?] {
    BLEUStatistics.rows(pairs, orders: maximumOrder, BLEUTokenizer(tokenization, lowercase: lowercase))
  }

  /// The score of all rows together. No rows score 0.
  public func score(_ rows: [BLEUStatistics]) -> BLEUScore { score(rows.reduce(.zero(orders: maximumOrder), +)) }

  /// Each row's own score with the effective order, sacrebleu's `sentence_bleu`; nil where the generation is missing.
  public func sentenceScores(_ rows: [BLEUStatistics?]) -> [Double?] {
    var sentence = self
    sentence.effectiveOrder = true
    return rows.map { row in row.map { sentence.score($0).score } }
  }

  /// The score of one row's or one corpus's statistics.
  public func score(_ s: BLEUStatistics) -> BLEUScore {
    let (length, reference) = (s.hypothesisLength, s.closestReferenceLength)
    let penalty = length >= reference ? 1 : length == 0 ? 0 : exp(1 - Double(reference) / Double(length))
    var precisions = [Double](repeating: 0, count: maximumOrder)
    func result(_ score: Double) -> BLEUScore {
      BLEUScore(
        score: score, precisions: precisions, brevityPenalty: penalty, hypothesisLength: length, referenceLength: reference, matches: s.matches,
        totals: s.totals)
    }
    guard s.matches.contains(where: { $0 > 0 }) else { return result(0) }
    var share = 1.0
    var order = maximumOrder
    for n in 0..<maximumOrder {
      var (matches, total) = (Double(s.matches[n]), Double(s.totals[n]))
      if case .add(let k) = smoothing, n > 0 { (matches, total) = (matches + k, total + k) }
      if total == 0 { break }
      if effectiveOrder { order = n + 1 }
      switch smoothing {
      case _ where matches > 0: precisions[n] = 100 * matches / total
      case .exponential:
        share *= 2
        precisions[n] = 100 / (share * total)
      case .floor(let value): precisions[n] = 100 * value / total
      case .none, .add: break
      }
    }
    // A precision of 0 has a logarithm so low that the score is 0.
    let logs = precisions[..<order].reduce(0) { $0 + ($1 == 0 ? -9_999_999_999 : log($1)) }
    return result(penalty * exp(logs / Double(order)))
  }

  /// sacrebleu's signature: what a reader needs to compute the same number.
  public func signature(of pairs: [TextPair]) -> String {
    let smooth = switch smoothing {
    case .none: "none"
    case .exponential: "exp"
    case .floor(let value): "floor[\(fixed(value, 2))]"
    case .add(let value): "add-k[\(fixed(value, 2))]"
    }
    return "nrefs:\(referenceCount(pairs))|case:\(lowercase ? "lc" : "mixed")|eff:\(effectiveOrder ? "yes" : "no")"
      + "|tok:\(tokenization.rawValue)|smooth:\(smooth)|version:\(sacrebleuVersion)"
  }
}

/// The version of sacrebleu whose numbers BLEU, chrF and TER give.
let sacrebleuVersion = "2.6.0"
