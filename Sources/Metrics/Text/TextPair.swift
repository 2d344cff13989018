/// One row to score: what was generated, beside one or more references.
public struct TextPair: Hashable, Sendable {
  public var references: [String]
  /// nil when there is no generation at all: the row was never answered. An answer without words is `""`.
  public var hypothesis: String?

  public init(references: [String], hypothesis: String?) {
    precondition(!references.isEmpty, "a text is scored against at least one reference")
    (self.references, self.hypothesis) = (references, hypothesis)
  }

  public init(reference: String, hypothesis: String?) { self.init(references: [reference], hypothesis: hypothesis) }
}

/// How many rows have something to score. A missing generation takes no part in any score; an empty one does, and earns nothing.
public struct GenerationCounts: Hashable, Sendable {
  public var rows = 0
  /// Rows without a generation.
  public var missing = 0
  /// Rows whose generation holds nothing but white space.
  public var empty = 0
  /// What the scores are over: all rows but the missing ones.
  public var scored: Int { rows - missing }

  public init(_ pairs: [TextPair]) {
    rows = pairs.count
    for pair in pairs {
      guard let text = pair.hypothesis else {
        missing += 1
        continue
      }
      if text.utf8.isEmpty || text.unicodeScalars.allSatisfy({ WhiteSpace.contains($0.value) }) { empty += 1 }
    }
  }
}

/// How many references the rows have, as sacrebleu's signatures say it.
func referenceCount(_ pairs: [TextPair]) -> String {
  let counts = Set(pairs.map(\.references.count))
  return counts.count == 1 ? String(counts.first ?? 1) : "var"
}
