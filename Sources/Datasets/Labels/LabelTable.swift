/// The labels of one dataset and the rules that read them from text. Labels are data: IMHI's are in `IMHILabels.swift`,
/// those of other sets in a `labels.json` beside the rows.
public struct LabelTable: Sendable, Hashable {
  /// One class.
  public struct Label: Sendable, Hashable {
    /// 0-based; the row of the confusion matrix and the classifier's output.
    public let id: Int
    /// The full name, e.g. `financial problem`.
    public let name: String
    /// The name that upstream's `labels` column uses, e.g. `financial`.
    public let shortName: String
    /// The label applies when any of these occurs. Empty in tables that go by names alone.
    public let phrases: [Phrase]

    public init(id: Int, name: String, shortName: String, phrases: [Phrase]) {
      (self.id, self.name, self.shortName, self.phrases) = (id, name, shortName, phrases)
    }
  }

  /// What a text says about the label.
  public enum Reading: Sendable, Hashable {
    /// Exactly one label's phrases occur.
    case label(Int)
    /// None does.
    case unmatched
    /// Several do; ids ascending.
    case ambiguous([Int])

    /// The label, nil unless there is exactly one.
    public var label: Int? { if case .label(let id) = self { id } else { nil } }
  }

  /// The dataset, spelled as upstream spells its files.
  public let dataset: String
  public let labels: [Label]
  /// How sentences that state a verdict begin, in lower case: `this post shows`.
  public let leadIns: [String]

  /// The number of classes.
  public var count: Int { labels.count }
  /// False for a table of names alone, which reads label columns but no explanations.
  public var hasRules: Bool { labels.contains { !$0.phrases.isEmpty } }
  /// Full names by id.
  public var names: [String] { labels.map(\.name) }
  /// Upstream's names by id.
  public var shortNames: [String] { labels.map(\.shortName) }

  /// Checks the table: at least two labels, ids 0, 1, 2 … in order, names unique, and each label's name read as itself (unless no
  /// label has phrases).
  /// - Throws: `LabelTableError` saying which label is wrong and how.
  public init(dataset: String, labels: [Label], leadIns: [String] = []) throws(LabelTableError) {
    (self.dataset, self.labels, self.leadIns) = (dataset, labels, leadIns)
    guard labels.count >= 2 else { throw LabelTableError("\(labels.count) labels, expected at least 2") }
    for (index, label) in labels.enumerated() {
      guard label.id == index else { throw LabelTableError("label '\(label.name)' has id \(label.id), expected \(index)") }
      if let twin = labels[..<index].first(where: { $0.name == label.name || $0.shortName == label.shortName }) {
        throw LabelTableError("labels \(twin.id) and \(index) share a name")
      }
      if !hasRules { continue }
      let reading = read(label.name)
      guard reading == .label(index) else {
        throw LabelTableError("the name '\(label.name)' is read as \(reading), expected label \(index)")
      }
    }
  }

  /// A table of names without rules, for files that have a label column.
  public init(dataset: String, names: [String]) throws(LabelTableError) {
    let labels = names.enumerated().map { Label(id: $0, name: $1, shortName: $1, phrases: []) }
    try self.init(dataset: dataset, labels: labels)
  }

  /// The label whose phrases occur in `text`, all of which is searched.
  public func read(_ text: some StringProtocol) -> Reading {
    let folded = Folded(text)
    let hits = labels.filter { $0.phrases.contains { $0.matches(folded) } }.map(\.id)
    switch hits.count {
    case 0: return .unmatched
    case 1: return .label(hits[0])
    default: return .ambiguous(hits)
    }
  }

  /// The label of a gold or generated explanation: read from what stands before the first `Reasoning:`, or from the whole
  /// text where there is none.
  public func reading(of explanation: String) -> Reading { read(Explanation(explanation).verdictZone) }

  /// The id for a name as people and files write it: the full or the short name in any case, or the id itself.
  public func id(named name: String) -> Int? {
    let folded = name.lowercased()
    if let label = labels.first(where: { $0.name.lowercased() == folded || $0.shortName.lowercased() == folded }) { return label.id }
    return Int(name).flatMap { labels.indices.contains($0) && String($0) == name ? $0 : nil }
  }
}

/// Why a label table cannot be used.
public struct LabelTableError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
