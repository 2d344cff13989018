import Glibc

/// BLEU as the `bleu` metric of Hugging Face `evaluate` computes it, from 0 to 1: the algorithm of tensorflow/nmt over 13a words.
///
/// Differs from `BLEU` in three ways: no smoothing unless asked for, and then at every order; the shortest reference is the one whose length
/// counts; white space at the end is not cut off before the rules are applied. With one reference and matches at every order it is
/// a hundredth of `BLEU`.
public struct EvaluateBLEU: Sendable {
  /// Add 1 above and below the line at every order, the first too (Lin and Och 2004).
  public var smooth: Bool
  public var maximumOrder: Int

  public init(smooth: Bool = false, maximumOrder: Int = 4) {
    precondition(maximumOrder > 0, "BLEU counts n-grams of order 1 at least")
    (self.smooth, self.maximumOrder) = (smooth, maximumOrder)
  }

  /// One entry a row; nil where the generation is missing.
  public func statistics(of pairs: [TextPair]) -> [BLEUStatistics?] {
    BLEUStatistics.rows(pairs, orders: maximumOrder, BLEUTokenizer(.mteval13a, trimsEnd: false))
  }

  /// The score of all rows together.
  /// - Throws: `MetricError.undefined` when the references hold no word: the length ratio is x/0, and `evaluate` raises.
  public func score(_ rows: [BLEUStatistics]) throws(MetricError) -> BLEUScore {
    let s = rows.reduce(.zero(orders: maximumOrder), +)
    let (length, reference) = (Double(s.hypothesisLength), Double(s.shortestReferenceLength))
    guard reference > 0 else { throw .undefined("the references hold no word, so BLEU has no length to compare with; check the reference column") }
    let added = smooth ? 1.0 : 0
    let precisions = zip(s.matches, s.totals).map { matches, total -> Double in
      let below = Double(total) + added
      return below > 0 ? (Double(matches) + added) / below : 0
    }
    let isPositive = precisions.allSatisfy { $0 > 0 }
    let logs = precisions.map { log($0) / Double(maximumOrder) }
    let mean = isPositive ? exp(logs.reduce(0, +)) : 0
    let penalty = length > reference ? 1 : length == 0 ? 0 : exp(1 - reference / length)
    return BLEUScore(
      score: mean * penalty, precisions: precisions, brevityPenalty: penalty, hypothesisLength: s.hypothesisLength,
      referenceLength: s.shortestReferenceLength, matches: s.matches, totals: s.totals)
  }
}
