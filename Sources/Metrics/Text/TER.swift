/// Translation edit rate as sacrebleu 2.6 computes it (Snover et al. 2006): edits, shifts of word groups among them, for every hundred words of the
/// references. Lower is better, and it can exceed 100.
public struct TER: Sendable {
  public var caseSensitive: Bool
  /// Set punctuation apart as Tercom does.
  public var normalized: Bool
  /// Drop `.,?:;!"()`.
  public var dropsPunctuation: Bool

  public init(caseSensitive: Bool = false, normalized: Bool = false, dropsPunctuation: Bool = false) {
    (self.caseSensitive, self.normalized, self.dropsPunctuation) = (caseSensitive, normalized, dropsPunctuation)
  }

  /// The edits to the nearest reference, and the mean length of the references. Rows add up.
  public struct Statistics: Hashable, Sendable {
    public var edits: Int
    public var referenceLength: Double
  }

  /// One entry a row; nil where the generation is missing.
  public func statistics(of pairs: [TextPair]) -> [Statistics?] {
    var tokenizer = TercomTokenizer(self)
    return pairs.map { pair in
      guard let text = pair.hypothesis else { return nil }
      let hypothesis = tokenizer.tokenize(text)
      var (fewest, length) = (Int.max, 0)
      for reference in pair.references.map({ tokenizer.tokenize($0) }) {
        fewest = min(fewest, TercomEdits.count(hypothesis, reference))
        length += reference.count
      }
      return Statistics(edits: fewest, referenceLength: Double(length) / Double(pair.references.count))
    }
  }

  /// The score of all rows together.
  public func score(_ rows: [Statistics]) -> Double {
    let edits = rows.reduce(0) { $0 + $1.edits }
    let length = rows.reduce(0) { $0 + $1.referenceLength }
    return length > 0 ? 100 * (Double(edits) / length) : edits > 0 ? 100 : 0
  }

  /// Each row's own score; nil where the generation is missing.
  public func sentenceScores(_ rows: [Statistics?]) -> [Double?] { rows.map { row in row.map { score([$0]) } } }

  /// sacrebleu's signature.
  public func signature(of pairs: [TextPair]) -> String {
    "nrefs:\(referenceCount(pairs))|case:\(caseSensitive ? "mixed" : "lc")|tok:tercom|norm:\(normalized ? "yes" : "no")"
      + "|punct:\(dropsPunctuation ? "no" : "yes")|asian:no|version:\(sacrebleuVersion)"
  }
}

/// Words as Tercom sees them.
private struct TercomTokenizer {
  private let settings: TER
  private var words = WordTable()
  private let rules = MTEvalRules()

  init(_ settings: TER) { self.settings = settings }

  mutating func tokenize(_ text: String) -> [Int32] {
    var text = settings.caseSensitive ? text : lowercased(text)
    var ids: [Int32] = []
    let dropped: Set<UInt8> = settings.dropsPunctuation ? Set(#".,?:;!"()"#.utf8) : []
    text.withUTF8 { bytes in
      func split(_ line: UnsafeBufferPointer<UInt8>) {
        if dropped.isEmpty { return WhiteSpace.split(line) { ids.append(words.id(of: $0)) } }
        line.filter { !dropped.contains($0) }.withUnsafeBufferPointer { kept in WhiteSpace.split(kept) { ids.append(words.id(of: $0)) } }
      }
      let line = WhiteSpace.trimmedEnd(bytes)
      if settings.normalized { rules.apply(tercom: line, split) } else { split(line) }
    }
    return ids
  }
}
