/// What BLEU needs to know of a row or a corpus; rows add up.
public struct BLEUStatistics: Hashable, Sendable {
  public var hypothesisLength: Int
  /// The reference length closest to the hypothesis's, the shorter of two equally close (sacrebleu).
  public var closestReferenceLength: Int
  /// The shortest reference's length (`evaluate`).
  public var shortestReferenceLength: Int
  /// Clipped matches and n-grams of the hypothesis, by order from 1.
  public var matches, totals: [Int]

  public static func + (a: Self, b: Self) -> Self {
    BLEUStatistics(
      hypothesisLength: a.hypothesisLength + b.hypothesisLength,
      closestReferenceLength: a.closestReferenceLength + b.closestReferenceLength,
      shortestReferenceLength: a.shortestReferenceLength + b.shortestReferenceLength,
      matches: zip(a.matches, b.matches).map(+), totals: zip(a.totals, b.totals).map(+))
  }

  static func zero(orders: Int) -> Self {
    let none = Array(repeating: 0, count: orders)
    return BLEUStatistics(hypothesisLength: 0, closestReferenceLength: 0, shortestReferenceLength: 0, matches: none, totals: none)
  }

  /// One row's, or nil where the generation is missing.
  static func rows(_ pairs: [TextPair], orders: Int, _ tokenizer: consuming BLEUTokenizer) -> [BLEUStatistics?] {
    let matcher = NGramMatcher()
    return pairs.map { pair in
      guard let text = pair.hypothesis else { return nil }
      let hypothesis = tokenizer.tokenize(text)
      let references = pair.references.map { tokenizer.tokenize($0) }
      var statistics = zero(orders: orders)
      statistics.hypothesisLength = hypothesis.count
      let lengths = references.map(\.count)
      statistics.shortestReferenceLength = lengths.min() ?? 0
      statistics.closestReferenceLength =
        lengths.min { (abs($0 - hypothesis.count), $0) < (abs($1 - hypothesis.count), $1) } ?? 0
      for order in 0..<orders { statistics.totals[order] = max(0, hypothesis.count - order) }
      matcher.count(hypothesis, references, matches: &statistics.matches)
      return statistics
    }
  }
}

/// A BLEU score and what it is made of. sacrebleu's run from 0 to 100, `evaluate`'s from 0 to 1.
public struct BLEUScore: Hashable, Sendable {
  public var score: Double
  /// By order from 1, on the scale of the score.
  public var precisions: [Double]
  public var brevityPenalty: Double
  public var hypothesisLength, referenceLength: Int
  public var matches, totals: [Int]
}
