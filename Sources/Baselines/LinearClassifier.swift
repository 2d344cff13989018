import Glibc

/// TF-IDF over words and word pairs with multinomial logistic regression: the baseline that a fine-tuned encoder is held against.
///
/// Same features and same optimum as scikit-learn's `TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)` with
/// `LogisticRegression(C=4)`; two classes make a binomial model, more a multinomial one.
/// ```swift
/// let classifier = try LinearClassifier.train(texts: posts, labels: labels, labelNames: ["no", "yes"])
/// let predicted = classifier.predict(others)
/// ```
public struct LinearClassifier: Sendable {
  /// What is chosen before training.
  public struct Options: Hashable, Sendable {
    /// Inverse strength of the L2 penalty.
    public var C: Double
    /// A term must occur in this many texts.
    public var minimumDocuments: Int
    /// Passes over the data after which training gives up.
    public var maximumIterations: Int
    /// Bound on the gradient's norm at the end, and with it on the error of the coefficients.
    public var tolerance: Double

    public init(C: Double = 4, minimumDocuments: Int = 2, maximumIterations: Int = 1000, tolerance: Double = 1e-5) {
      precondition(C > 0 && minimumDocuments > 0 && maximumIterations > 0 && tolerance > 0, "the options of a linear classifier are positive")
      (self.C, self.minimumDocuments, self.maximumIterations, self.tolerance) = (C, minimumDocuments, maximumIterations, tolerance)
    }
  }

  public let labelNames: [String]
  public let options: Options
  /// The labels that occurred in training, ascending: the rows of `coefficients`. Others are never predicted.
  public let classes: [Int]
  let vectorizer: TfidfVectorizer
  /// (columns + 1, width), the last row the intercepts; width is 1 for two classes (log odds of the second), else their number.
  let weights: [Double]

  var width: Int { classes.count == 2 ? 1 : classes.count }

  /// Trains on `texts`, deterministically.
  /// - Parameters:
  ///   - labels: one index into `labelNames` per text.
  ///   - labelNames: stored with the model.
  /// - Throws: `BaselineError` for unusable data, a missing OpenBLAS, or no convergence.
  public static func train(
    texts: [String], labels: [Int], labelNames: [String], options: Options = Options()
  ) throws(BaselineError) -> LinearClassifier {
    guard texts.count == labels.count else { throw .countsDiffer(texts: texts.count, labels: labels.count) }
    if let bad = labels.firstIndex(where: { !labelNames.indices.contains($0) }) {
      throw .labelOutOfRange(index: bad, label: labels[bad], labelCount: labelNames.count)
    }
    let classes = Set(labels).sorted()
    guard classes.count >= 2 else { throw .oneClass(occurring: classes.count) }
    let blas = try BLAS()
    let (vectorizer, rows) = TfidfVectorizer.fit(texts, minimumDocuments: options.minimumDocuments)
    guard vectorizer.columnCount > 0 else { throw .noFeatures(minimumDocuments: options.minimumDocuments) }
    let targets = labels.map { classes.firstIndex(of: $0)! }
    let objective = LogisticObjective(rows: rows, labels: targets, classCount: classes.count, C: options.C)
    let optimizer = NewtonCG(maximumPasses: options.maximumIterations, tolerance: options.tolerance)
    var weights = try optimizer.minimize(objective, blas).weights
    centerIntercepts(&weights, width: objective.width)
    return LinearClassifier(labelNames: labelNames, options: options, classes: classes, vectorizer: vectorizer, weights: weights)
  }

  /// Multinomial intercepts are free up to a common constant; as in scikit-learn they sum to 0.
  private static func centerIntercepts(_ weights: inout [Double], width: Int) {
    guard width > 1 else { return }
    let range = (weights.count - width)..<weights.count
    let mean = weights[range].reduce(0, +) / Double(width)
    for j in range { weights[j] -= mean }
  }

  /// The most probable label of each text, as an index into `labelNames`.
  public func predict(_ texts: [String]) -> [Int] {
    let scores = scores(texts)
    return texts.indices.map { i in
      if width == 1 { return classes[scores[i] > 0 ? 1 : 0] }
      let row = scores[(i * width)..<((i + 1) * width)]
      return classes[row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex]
    }
  }

  /// One probability per label name for each text; 0 for labels that did not occur in training.
  public func probabilities(_ texts: [String]) -> [[Double]] {
    let scores = scores(texts)
    return texts.indices.map { i in
      var row = [Double](repeating: 0, count: labelNames.count)
      if width == 1 {
        let e = exp(-abs(scores[i]))
        let likely = scores[i] > 0 ? 1 : 0
        row[classes[likely]] = 1 / (1 + e)
        row[classes[1 - likely]] = e / (1 + e)
      } else {
        let logits = scores[(i * width)..<((i + 1) * width)]
        let top = logits.max()!
        let powers = logits.map { exp($0 - top) }
        let sum = powers.reduce(0, +)
        for (label, power) in zip(classes, powers) { row[label] = power / sum }
      }
      return row
    }
  }

  /// Number of features, for logs and reports.
  public var featureCount: Int { vectorizer.columnCount }

  /// (texts, width) row-major.
  func scores(_ texts: [String]) -> [Double] {
    let rows = vectorizer.transform(texts)
    return [Double](unsafeUninitializedCapacity: texts.count * width) { buffer, count in
      if let base = buffer.baseAddress { rows.forEachRow { i, row in row.multiply(weights, into: base + i * width, width: width) } }
      count = texts.count * width
    }
  }
}
