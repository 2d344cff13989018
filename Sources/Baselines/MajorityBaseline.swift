/// Answers with the most frequent training label, whatever the text: the score that says nothing was learnt.
public struct MajorityBaseline: Hashable, Sendable {
  /// The most frequent label; of equally frequent ones the smallest.
  public let label: Int
  /// Share of each label in the training data.
  public let frequencies: [Double]

  /// - Parameter labels: indices in 0..<labelCount, at least one.
  /// - Throws: `BaselineError` for a label outside, or no labels.
  public init(labels: [Int], labelCount: Int) throws(BaselineError) {
    guard !labels.isEmpty else { throw .oneClass(occurring: 0) }
    var counts = [Int](repeating: 0, count: labelCount)
    for (i, label) in labels.enumerated() {
      guard (0..<labelCount).contains(label) else { throw .labelOutOfRange(index: i, label: label, labelCount: labelCount) }
      counts[label] += 1
    }
    label = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
    frequencies = counts.map { Double($0) / Double(labels.count) }
  }

  /// The same label `count` times.
  public func predict(count: Int) -> [Int] { Array(repeating: label, count: count) }
}
