/// Training data, or a machine, with which a baseline cannot be trained.
public enum BaselineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// As many labels as texts are needed.
  case countsDiffer(texts: Int, labels: Int)
  /// A label that is not an index into the label names.
  case labelOutOfRange(index: Int, label: Int, labelCount: Int)
  /// A classifier needs two classes that occur.
  case oneClass(occurring: Int)
  /// No word or pair of words occurs in enough texts.
  case noFeatures(minimumDocuments: Int)
  /// OpenBLAS cannot be used; the text is the loader's.
  case openBLAS(String)
  /// The optimizer stopped before the gradient was small enough.
  case notConverged(iterations: Int, gradientNorm: Double)

  public var description: String {
    switch self {
    case .countsDiffer(let texts, let labels): "\(texts) texts and \(labels) labels; expected one label for each text"
    case .labelOutOfRange(let index, let label, let count): "label \(index) is \(label); expected 0..<\(count), an index into the label names"
    case .oneClass(let occurring): "\(occurring) class occurs in the training data; a classifier needs two. Check the labels, or use the majority baseline"
    case .noFeatures(let minimum):
      "no word occurs in at least \(minimum) texts; nothing to learn from. Give more texts, or lower the minimum number of documents"
    case .openBLAS(let message): message
    case .notConverged(let iterations, let norm):
      "the logistic regression did not converge in \(iterations) iterations (gradient norm \(norm)). Raise the iteration limit or lower C"
    }
  }
}
