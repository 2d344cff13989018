/// ROUGE as rouge_score 0.1.2 computes it, from 0 to 1.
///
/// A row with several references takes, for each kind by itself, the reference with the best F.
public struct ROUGE: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Words.
    case rouge1
    /// Pairs of neighbouring words.
    case rouge2
    /// The longest common subsequence of the texts.
    case rougeL
    /// The union of longest common subsequences, line by line.
    case rougeLsum
  }

  /// Precision, recall and F of one row and kind.
  public struct Score: Hashable, Sendable {
    public var precision, recall, f: Double

    init(hits: Int, candidate: Int, reference: Int) {
      precision = Double(hits) / Double(max(candidate, 1))
      recall = Double(hits) / Double(max(reference, 1))
      f = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }
  }

  public var kinds: [Kind]
  /// Porter's stemmer on words of more than three letters.
  public var stemming: Bool

  public init(_ kinds: [Kind] = Kind.allCases, stemming: Bool = false) {
    precondition(!kinds.isEmpty, "ROUGE is of at least one kind")
    (self.kinds, self.stemming) = (kinds, stemming)
  }

  /// One entry a row, with a score for each of `kinds` in their order; nil where the generation is missing.
  public func scores(of pairs: [TextPair]) -> [[Score]?] {
    var scorer = RougeScorer(stemming: stemming)
    return pairs.map { pair in
      guard let text = pair.hypothesis else { return nil }
      let candidate = scorer.tokenizer.read(text)
      var best: [Score] = []
      for reference in pair.references {
        let text = scorer.tokenizer.read(reference)
        let scores = scorer.scores(kinds, candidate, text)
        best = best.isEmpty ? scores : zip(best, scores).map { $1.f > $0.f ? $1 : $0 }
      }
      return best
    }
  }

  /// The plain mean of F by kind, over the rows that have scores; NaN without rows.
  public func means(_ rows: [[Score]?]) -> [Double] {
    let rows = rows.compactMap(\.self)
    return kinds.indices.map { kind in rows.reduce(0) { $0 + $1[kind].f } / Double(rows.count) }
  }
}

/// The buffers of one run.
private struct RougeScorer {
  var tokenizer: RougeTokenizer
  private let matcher = NGramMatcher()
  private var sequences = LongestCommonSubsequence()

  init(stemming: Bool) { tokenizer = RougeTokenizer(stemming: stemming) }

  typealias Text = (words: [Int32], lineEnds: [Int])

  mutating func scores(_ kinds: [ROUGE.Kind], _ candidate: Text, _ reference: Text) -> [ROUGE.Score] {
    var matches = [0, 0]
    if kinds.contains(.rouge1) || kinds.contains(.rouge2) { matcher.count(candidate.words, [reference.words], matches: &matches) }
    var longest: Int?
    return kinds.map { kind in
      var (own, other) = (candidate.words.count, reference.words.count)
      var hits = 0
      switch kind {
      case .rouge1: hits = matches[0]
      case .rouge2: (hits, own, other) = (matches[1], max(0, own - 1), max(0, other - 1))
      case .rougeLsum where candidate.lineEnds.count > 1 || reference.lineEnds.count > 1: hits = unionHits(candidate, reference)
      case .rougeL, .rougeLsum:  // of one line each, the union is the sequence itself
        if longest == nil { longest = sequences.length(reference.words[...], candidate.words[...]) }
        hits = longest ?? 0
      }
      return ROUGE.Score(hits: hits, candidate: own, reference: other)
    }
  }

  /// ROUGE 1.5.5: words of a reference line that are in its sequence with any line of the candidate, each word counted no more often than
  /// either text has it.
  private mutating func unionHits(_ candidate: Text, _ reference: Text) -> Int {
    var left: [Int32: (candidate: Int, reference: Int)] = [:]
    for word in candidate.words { left[word, default: (0, 0)].candidate += 1 }
    for word in reference.words { left[word, default: (0, 0)].reference += 1 }
    var hits = 0
    for line in lines(reference) {
      var marks = [Bool](repeating: false, count: line.count)
      for other in lines(candidate) { sequences.mark(line, other, in: &marks) }
      for (word, isMarked) in zip(line, marks) where isMarked {
        guard let counts = left[word], counts.candidate > 0, counts.reference > 0 else { continue }
        left[word] = (counts.candidate - 1, counts.reference - 1)
        hits += 1
      }
    }
    return hits
  }

  private func lines(_ text: Text) -> [ArraySlice<Int32>] {
    zip([0] + text.lineEnds, text.lineEnds).map { text.words[$0..<$1] }
  }
}
