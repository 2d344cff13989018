/// chrF and chrF++ as sacrebleu 2.6 computes them (Popović 2015, 2017): F over n-grams of characters, and of words in the second, from 0 to 100.
public struct CHRF: Sendable {
  public var characterOrder: Int
  /// 0 for chrF, 2 for chrF++.
  public var wordOrder: Int
  /// How much more recall weighs than precision.
  public var beta: Int
  public var lowercase: Bool
  /// Count n-grams with white space in them.
  public var whiteSpace: Bool

  public init(characterOrder: Int = 6, wordOrder: Int = 0, beta: Int = 2, lowercase: Bool = false, whiteSpace: Bool = false) {
    precondition(characterOrder > 0 && wordOrder >= 0 && beta > 0, "chrF needs orders and a beta above 0")
    (self.characterOrder, self.wordOrder, self.beta) = (characterOrder, wordOrder, beta)
    (self.lowercase, self.whiteSpace) = (lowercase, whiteSpace)
  }

  /// chrF++: characters up to 6, words up to 2.
  public static let plusPlus = CHRF(wordOrder: 2)

  /// N-grams of the hypothesis, of the reference, and in both, by order: characters first, then words. Rows add up.
  public struct Statistics: Hashable, Sendable {
    public var hypothesis, reference, matches: [Int]

    public static func + (a: Self, b: Self) -> Self {
      Statistics(
        hypothesis: zip(a.hypothesis, b.hypothesis).map(+), reference: zip(a.reference, b.reference).map(+),
        matches: zip(a.matches, b.matches).map(+))
    }
  }

  /// One entry a row, against the reference with the best score (the first of equals); nil where the generation is missing.
  public func statistics(of pairs: [TextPair]) -> [Statistics?] {
    var reader = CHRFReader(self)
    let matcher = NGramMatcher()
    return pairs.map { pair in
      guard let text = pair.hypothesis else { return nil }
      let hypothesis = reader.read(text)
      var best: Statistics?
      var bestScore = -1.0
      for reference in pair.references {
        let statistics = compare(hypothesis, reader.read(reference), matcher)
        let score = score(statistics)
        if score > bestScore { (best, bestScore) = (statistics, score) }
      }
      return best
    }
  }

  /// The score of all rows together; 0 without rows.
  public func score(_ rows: [Statistics]) -> Double {
    let none = [Int](repeating: 0, count: characterOrder + wordOrder)
    return score(rows.reduce(Statistics(hypothesis: none, reference: none, matches: none), +))
  }

  /// Each row's own score; nil where the generation is missing.
  public func sentenceScores(_ rows: [Statistics?]) -> [Double?] { rows.map { row in row.map { score($0) } } }

  /// F of the mean precision and the mean recall over the orders that both sides have n-grams of.
  public func score(_ s: Statistics) -> Double {
    var (precision, recall, orders) = (0.0, 0.0, 0.0)
    for n in s.matches.indices where s.hypothesis[n] > 0 && s.reference[n] > 0 {
      precision += Double(s.matches[n]) / Double(s.hypothesis[n])
      recall += Double(s.matches[n]) / Double(s.reference[n])
      orders += 1
    }
    guard orders > 0, precision + recall > 0 else { return 0 }
    (precision, recall) = (precision / orders, recall / orders)
    let factor = Double(beta * beta)
    return 100 * ((1 + factor) * precision * recall / (factor * precision + recall))
  }

  /// sacrebleu's signature.
  public func signature(of pairs: [TextPair]) -> String {
    "nrefs:\(referenceCount(pairs))|case:\(lowercase ? "lc" : "mixed")|eff:yes|nc:\(characterOrder)|nw:\(wordOrder)"
      + "|space:\(whiteSpace ? "yes" : "no")|version:\(sacrebleuVersion)"
  }

  private func compare(_ hypothesis: CHRFReader.Text, _ reference: CHRFReader.Text, _ matcher: NGramMatcher) -> Statistics {
    var s = Statistics(hypothesis: [], reference: [], matches: [])
    for (order, own, other) in [
      (characterOrder, hypothesis.characters, reference.characters), (wordOrder, hypothesis.words, reference.words),
    ] where order > 0 {
      var matches = [Int](repeating: 0, count: order)
      matcher.count(own, [other], matches: &matches)
      for n in 0..<order {
        let inReference = max(0, other.count - n)
        s.reference.append(inReference)
        s.hypothesis.append(inReference > 0 ? max(0, own.count - n) : 0)  // sacrebleu: no reference n-gram, nothing to hit
      }
      s.matches += matches
    }
    return s
  }
}
