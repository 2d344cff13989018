public import Files

/// The rows of a run as ids, and what became of those that did not fit.
public struct SequenceSet: Sendable {
  /// What to do with rows that would lose part of what is learned, or have nothing to learn.
  public enum Policy: String, Sendable, CaseIterable {
    /// An error that lists them.
    case error
    /// Leave them out, and count them.
    case drop
    /// Learn what is left of them. Rows with nothing to learn are left out all the same.
    case keep
  }

  public let sequences: [TargetedSequence]
  /// Rows left out.
  public let dropped: [ExampleID]

  public init(_ sequences: [TargetedSequence], dropped: [ExampleID] = []) { (self.sequences, self.dropped) = (sequences, dropped) }

  /// Shows every row through the template and encodes it.
  /// - Parameter path: what errors name: the file, or the folder of several.
  /// - Throws: `InputError` that lists rows, never their text.
  public init(
    _ rows: [LanguageRow], template: any PromptTemplate, encoder: SequenceEncoder, policy: Policy, path: String
  ) throws(InputError) {
    var (kept, dropped): ([TargetedSequence], [ExampleID]) = ([], [])
    var (partial, empty): ([ExampleID], [ExampleID]) = ([], [])
    kept.reserveCapacity(rows.count)
    for row in rows {
      let sequence: TargetedSequence
      do {
        sequence = try template.sequence(of: row, by: encoder)
      } catch {
        throw InputError(path, at: "row \(row.id)", "\(error)")
      }
      if sequence.targetCount == 0 || !row.hasTarget {
        empty.append(row.id)
        dropped.append(row.id)
      } else if sequence.cutTarget > 0, policy != .keep {
        partial.append(row.id)
        dropped.append(row.id)
      } else {
        kept.append(sequence)
      }
    }
    if policy == .error {
      let whole = "of \(rows.count) rows"
      let remedy = "Raise data.max_length, correct the rows, or go on without them: data.on_truncate=drop"
      guard partial.isEmpty else {
        throw InputError(
          path, at: list(partial), "\(partial.count) \(whole) have more to learn than the \(encoder.maxLength) tokens of a row, so its end would be cut",
          advice: remedy + " (keep learns what is left)")
      }
      guard empty.isEmpty else { throw InputError(path, at: list(empty), "\(empty.count) \(whole) have nothing to learn: an empty completion", advice: remedy) }
    }
    self.init(kept, dropped: dropped)
  }

  /// Rows whose prompt lost tokens.
  public var shortened: Int { sequences.count { $0.cutPrompt > 0 } }
  public var tokens: Int { sequences.reduce(0) { $0 + $1.ids.count } }
  public var targets: Int { sequences.reduce(0) { $0 + $1.targetCount } }
}

extension LanguageRow {
  /// Whether what is learned says anything.
  fileprivate var hasTarget: Bool {
    let learned: [String]
    switch content {
    case .text(let text): learned = [text]
    case .pair(_, let completion): learned = [completion]
    case .messages(let messages): learned = messages.filter { $0.role == .assistant }.map(\.content)
    }
    return learned.contains { $0.contains { !$0.isWhitespace } }
  }
}

/// `rows DR/train/3#…, DR/train/9#…, …`: at most ten.
private func list(_ ids: [ExampleID]) -> String {
  "rows \(ids.prefix(10).map(\.description).joined(separator: ", "))\(ids.count > 10 ? ", …" : "")"
}
