public import Files

/// One thing the linter found in a dataset.
public struct Finding: Sendable, Hashable {
  /// How bad it is.
  public enum Severity: String, Sendable, CaseIterable, Comparable {
    /// Worth knowing; nothing is wrong.
    case note
    /// Scores or training suffer; look at it.
    case warning
    /// Rows that cannot be used.
    case error

    public static func < (a: Severity, b: Severity) -> Bool { allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)! }  // all cases are in allCases
  }

  /// What was looked for.
  public enum Kind: String, Sendable, CaseIterable {
    case unmatchedLabel = "unmatched-label"
    case ambiguousLabel = "ambiguous-label"
    case emptyText = "empty-text"
    case duplicate
    case leak
    case nearLeak = "near-leak"
    case conflictingLabel = "conflicting-label"
    case overLength = "over-length"
    case mojibake
    case speaker
    case imbalance
    case missingClass = "missing-class"
  }

  public let kind: Kind
  public let severity: Severity
  public let dataset: String
  /// The rows concerned. For pairs, one row of each side in turn: train, test, train, test, …
  public let rows: [ExampleID]
  /// One sentence with the count and the consequence. No text of any post.
  public let message: String

  /// `{"kind": …, "severity": …, "dataset": …, "message": …, "rows": ["DR/test/3#…", …]}`
  public var json: JSON {
    var object = JSONObject()
    object["kind"] = .string(kind.rawValue)
    object["severity"] = .string(severity.rawValue)
    object["dataset"] = .string(dataset)
    object["message"] = .string(message)
    object["rows"] = .array(rows.map { .string($0.description) })
    return .object(object)
  }
}
