/// The linter: looks through all files of one dataset and says what would spoil training or scores.
///
/// Exact comparisons are on what the classifier is asked, post and question together, after folding case and white space; near
/// duplicates on the post alone. All of IMHI takes seconds.
public struct DataCheck: Sendable {
  /// The longest input the model takes, in tokens, special tokens included.
  public var maximumLength: Int
  /// What the classifier reads; lengths and empty texts are judged on it.
  public var view: TextView
  /// Posts of train and test at least this alike (Jaccard of three-word runs) are near leaks.
  public var nearThreshold: Double
  /// The number of tokens of one input, special tokens included, untruncated; nil skips the length check.
  public var tokenCount: (@Sendable (_ first: String, _ second: String?) -> Int)?

  public init(
    maximumLength: Int = 512, view: TextView = .full, nearThreshold: Double = 0.8,
    tokenCount: (@Sendable (_ first: String, _ second: String?) -> Int)? = nil
  ) {
    (self.maximumLength, self.view, self.nearThreshold, self.tokenCount) = (maximumLength, view, nearThreshold, tokenCount)
  }

  /// Checks the files of one dataset together.
  /// - Returns: findings, the worst first, then in the order of `Finding.Kind`.
  public func run(_ files: [DataFile]) -> [Finding] {
    guard let dataset = files.first?.rows.first?.id.dataset else { return [] }
    let report = Report(dataset: dataset)
    // Test files last: in every pair the learnt row comes first.
    let files = files.filter { $0.split != .test } + files.filter { $0.split == .test }
    let rows = files.flatMap(\.rows)
    let keys = rows.map(Self.key)
    let findings =
      files.flatMap { readability($0, report) } + [emptyTexts(files, report)] + files.map { duplicates($0, report) }
      + [exactLeaks(rows, report), nearLeaks(rows, report), conflicts(rows, keys, report), overLength(files, report)]
      + [mojibake(rows, report), speakers(files, report)] + files.flatMap { balance($0, report) }
    return findings.compactMap { $0 }.sorted { ($1.severity, $0.kind.order) < ($0.severity, $1.kind.order) }
  }

  /// Post and question with case and white space folded, as a digest.
  static func key(_ row: DataFile.Row) -> UInt64 { contentDigest(normalized(row.post), normalized(row.question)) }

  /// ASCII lower case, runs of white space as one space, trimmed.
  static func normalized(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if byte == 0x20 || byte >= 0x09 && byte <= 0x0D {
        if let last = bytes.last, last != 0x20 { bytes.append(0x20) }
      } else {
        bytes.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
      }
    }
    if bytes.last == 0x20 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Makes findings for one dataset; nil when there is nothing to say.
  struct Report {
    let dataset: String
    func callAsFunction(_ kind: Finding.Kind, _ severity: Finding.Severity, _ rows: [ExampleID], _ message: String) -> Finding? {
      rows.isEmpty ? nil : Finding(kind: kind, severity: severity, dataset: dataset, rows: rows, message: message)
    }
  }
}

/// How many rows, as words.
func counted(_ count: Int, _ noun: String = "row") -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

extension Finding.Kind {
  fileprivate var order: Int { Self.allCases.firstIndex(of: self)! }  // all cases are in allCases
}
