import Glibc

/// Per-class and averaged scores, ready to print: scikit-learn's `classification_report`.
public struct ClassificationReport: Sendable {
  /// One printed line; `accuracy` has only an F column.
  public struct Row: Sendable {
    public var name: String
    public var scores: PrecisionRecallF
  }

  public var classes: [Row]
  /// The accuracy, or nil when `labels` left out a label that occurs: then the micro average stands in its place.
  public var accuracy: Double?
  /// `micro avg` (only without `accuracy`), `macro avg`, `weighted avg`.
  public var averages: [Row]

  /// - Parameters:
  ///   - labels: the classes to report, in order; default the sorted union.
  ///   - names: how to print each of them; default their description.
  public init<Label>(
    _ confusion: ConfusionMatrix<Label>, labels: [Label]? = nil, names: [String]? = nil, zeroDivision: ZeroDivision = .zero
  ) {
    let shown = labels ?? confusion.labels
    let names = names ?? shown.map { "\($0)" }
    precondition(names.count == shown.count, "\(names.count) names for \(shown.count) labels")
    classes = zip(names, confusion.perClass(labels: shown, zeroDivision: zeroDivision)).map(Row.init)
    let complete = Set(confusion.labels).isSubset(of: shown)
    accuracy = complete ? confusion.scores(.micro, labels: shown, zeroDivision: zeroDivision).f1 : nil
    averages = (complete ? [.macro, .weighted] : [Average.micro, .macro, .weighted]).map {
      Row(name: "\($0.rawValue) avg", scores: confusion.scores($0, labels: shown, zeroDivision: zeroDivision))
    }
  }

  /// The report as a table, with the columns, widths and rounding of scikit-learn.
  public func text(digits: Int = 2) -> String {
    let width = max("weighted avg".count, digits, classes.map(\.name.count).max() ?? 0)
    func line(_ name: String, _ cells: [String]) -> String {
      padded(name, width) + " " + cells.map { " " + padded($0, 9) }.joined() + "\n"
    }
    func line(_ row: Row) -> String {
      let s = row.scores
      return line(row.name, [s.precision, s.recall, s.f].map { fixed($0, digits) } + [count(s.support)])
    }
    var text = line("", ["precision", "recall", "f1-score", "support"]) + "\n"
    text += classes.map(line).joined() + "\n"
    if let accuracy, let support = averages.first?.scores.support {
      text += line("accuracy", ["", "", fixed(accuracy, digits), count(support)])
    }
    return text + averages.map(line).joined()
  }

  private func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

  /// A support: a whole number without a point.
  private func count(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
  }
}

/// `value` with `digits` decimals, rounded half to even on its exact binary value, as C's `%.*f` and Python's format do.
public func fixed(_ value: Double, _ digits: Int) -> String {
  var buffer = [CChar](repeating: 0, count: 400)  // the largest double has 309 digits before the point
  let length = withVaList([Int32(min(digits, 60)), value]) { vsnprintf(&buffer, buffer.count, "%.*f", $0) }
  return String(decoding: buffer[..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
