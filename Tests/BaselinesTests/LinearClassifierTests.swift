@testable import Baselines
import Files
import Glibc
import TestSupport
import Testing

@Suite struct LinearClassifierTests {
  private func train(_ item: JSON, _ options: LinearClassifier.Options = .init()) throws -> LinearClassifier {
    try LinearClassifier.train(
      texts: item["texts"]!.strings, labels: item["labels"]!.ints, labelNames: (0..<item["label_count"]!.int!).map { "label \($0)" },
      options: options)
  }

  @Test(arguments: Golden.cases.indices)
  func featuresEqualScikitLearn(_ index: Int) throws {
    let item = Golden.cases[index]
    let (vectorizer, _) = TfidfVectorizer.fit(item["texts"]!.strings, minimumDocuments: 2)
    #expect(vectorizer.terms.map { Array($0.utf8) } == item["terms"]!.strings.map { Array($0.utf8) })
    #expect(distance(vectorizer.idf, item["idf"]!.doubles) < 1e-14)
    let rows = vectorizer.transform(item["test_texts"]!.strings)
    for (i, golden) in item["test_rows"]!.array!.enumerated() {
      let range = Int(rows.starts[i])..<Int(rows.starts[i + 1])
      let sorted = zip(rows.columns[range], rows.values[range]).sorted { $0.0 < $1.0 }
      #expect(sorted.map { Int($0.0) } == golden["columns"]!.ints)
      #expect(distance(sorted.map(\.1), golden["values"]!.doubles) < 1e-14)
    }
  }

  @Test(arguments: Golden.cases.indices)
  func theFitReturnsTheRowsThatTransformGives(_ index: Int) throws {
    let texts = Golden.cases[index]["texts"]!.strings
    let (vectorizer, rows) = TfidfVectorizer.fit(texts, minimumDocuments: 2)
    let again = vectorizer.transform(texts)
    #expect(rows.starts == again.starts && rows.columnCount == again.columnCount)
    for i in 0..<rows.rowCount {
      let range = Int(rows.starts[i])..<Int(rows.starts[i + 1])
      let a = zip(rows.columns[range], rows.values[range]).sorted { $0.0 < $1.0 }
      let b = zip(again.columns[range], again.values[range]).sorted { $0.0 < $1.0 }
      #expect(a.map(\.0) == b.map(\.0) && distance(a.map(\.1), b.map(\.1)) < 1e-15)
    }
  }

  @Test(arguments: Golden.cases.indices)
  func coefficientsAreThoseOfTheOptimum(_ index: Int) throws {
    let item = Golden.cases[index]
    let classifier = try train(item)
    #expect(classifier.classes == item["classes"]!.ints)
    let golden = item["coefficients"]!.array!.map(\.doubles)
    #expect(classifier.coefficients.count == golden.count)
    for (row, expected) in zip(classifier.coefficients, golden) { #expect(distance(row, expected) < 1e-5) }
    #expect(distance(classifier.intercepts, item["intercepts"]!.doubles) < 1e-5)
    let texts = item["test_texts"]!.strings
    #expect(classifier.predict(texts) == item["predictions"]!.ints)
    for (row, expected) in zip(classifier.probabilities(texts), item["probabilities"]!.array!.map(\.doubles)) {
      #expect(distance(classifier.classes.map { row[$0] }, expected) < 1e-5)
      #expect(abs(row.reduce(0, +) - 1) < 1e-14)
    }
  }

  @Test(arguments: [0, 1])
  func aTextWithoutKnownWordsGetsTheIntercepts(_ index: Int) throws {
    let classifier = try train(Golden.cases[index])
    #expect(classifier.scores(["", "qqqq zzzz"]) == classifier.intercepts + classifier.intercepts)
    #expect(classifier.scores([]).isEmpty)
  }

  @Test func labelsThatDidNotOccurAreNeverPredicted() throws {
    let item = Golden.cases.first { $0["name"]!.string == "missing_class" }!
    let classifier = try train(item)
    #expect(classifier.classes == [0, 2, 3])
    #expect(classifier.probabilities(item["test_texts"]!.strings).allSatisfy { $0.count == 4 && $0[1] == 0 })
  }

  /// Central differences of the loss against the gradient, and of the gradient against the Hessian's products.
  @Test(arguments: [0, 1])
  func derivativesAgreeWithDifferences(_ index: Int) throws {
    let item = Golden.cases[index]
    let (vectorizer, rows) = TfidfVectorizer.fit(item["texts"]!.strings, minimumDocuments: 2)
    let classes = index == 0 ? 2 : 4
    let objective = LogisticObjective(rows: rows, labels: item["labels"]!.ints, classCount: classes, C: 4)
    #expect(objective.parameterCount == (vectorizer.columnCount + 1) * objective.width)
    let weights = (0..<objective.parameterCount).map { Double(($0 * 37) % 19 - 9) / 20 }
    let direction = (0..<objective.parameterCount).map { Double(($0 * 23) % 17 - 8) / 8 }
    func point(_ t: Double) -> (value: Double, gradient: [Double], probabilities: [Double]) {
      let moved = zip(weights, direction).map { $0 + t * $1 }
      var probabilities = scores(objective, moved)
      let loss = objective.loss(probabilities, &probabilities).value
      return (4 * loss + objective.penalisedDot(moved, moved) / 2, objective.gradient(moved, probabilities), probabilities)
    }
    let (here, above, below) = (point(0), point(1e-5), point(-1e-5))
    let slope = zip(here.gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs((above.value - below.value) / 2e-5 - slope) < 1e-6 * abs(slope))
    var product = direction
    var directionScores = here.probabilities
    objective.multiplyHessian(direction, here.probabilities, into: &product, scores: &directionScores)
    #expect(directionScores == scores(objective, direction))
    let differences = zip(above.gradient, below.gradient).map { ($0 - $1) / 2e-5 }
    #expect(distance(differences, product) < 1e-6 * product.map(abs).max()!)
    // Along the direction, as the line search sees it.
    var probabilities = here.probabilities
    let along = objective.loss(scores(objective, weights), &probabilities, along: directionScores)
    #expect(abs(4 * along.slope + objective.penalisedDot(weights, direction) - slope) < 1e-11 * abs(slope))
    let curvature = zip(product, direction).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(4 * along.curvature + objective.penalisedDot(direction, direction) - curvature) < 1e-11 * curvature)
  }

  private func scores(_ objective: LogisticObjective, _ weights: [Double]) -> [Double] {
    var scores = [Double](repeating: 0, count: objective.labels.count * objective.width)
    objective.rows.forEachRow { i, row in row.multiply(weights, into: &scores[i * objective.width], width: objective.width) }
    return scores
  }

  /// Widths with and without a block of eight and a rest, against sums over a dense copy.
  @Test(arguments: [1, 3, 8, 9, 19])
  func sparseProductsEqualDenseOnes(_ width: Int) {
    let rows = SparseRows(columnCount: 4, starts: [0, 2, 2, 5], columns: [3, 1, 0, 3, 2], values: [2, -1, 0.5, 4, 3])
    let dense: [[Double]] = [[0, -1, 0, 2, 1], [0, 0, 0, 0, 1], [0.5, 0, 3, 4, 1]]  // the last column meets the intercepts
    let weights = (0..<5 * width).map { Double(($0 * 7) % 13 - 6) }
    let factors = (0..<3 * width).map { Double(($0 * 5) % 11 - 5) }
    var (result, transposed) = ([Double](repeating: 9, count: 3 * width), weights)
    result.withUnsafeMutableBufferPointer { result in
      rows.forEachRow { i, row in row.multiply(weights, into: result.baseAddress! + i * width, width: width) }
    }
    factors.withUnsafeBufferPointer { factors in
      rows.forEachRow { i, row in row.addProduct(factors.baseAddress! + i * width, to: &transposed, width: width) }
    }
    for k in 0..<width {
      for i in 0..<3 { #expect(result[i * width + k] == (0..<5).reduce(0) { $0 + dense[i][$1] * weights[$1 * width + k] }) }
      for j in 0..<5 {
        #expect(transposed[j * width + k] == (0..<3).reduce(weights[j * width + k]) { $0 + dense[$1][j] * factors[$1 * width + k] })
      }
    }
  }

  @Test func tighterToleranceMovesTheWeightsLessThanTheBound() throws {
    let loose = try train(Golden.cases[1], .init(tolerance: 1e-3))
    let tight = try train(Golden.cases[1], .init(tolerance: 1e-9))
    for (a, b) in zip(loose.coefficients, tight.coefficients) { #expect(distance(a, b) < 1e-3) }
  }

  @Test func unusableDataIsRefusedInWords() {
    #expect(throws: BaselineError.countsDiffer(texts: 1, labels: 2)) { try LinearClassifier.train(texts: ["a"], labels: [0, 1], labelNames: ["n", "y"]) }
    #expect(throws: BaselineError.oneClass(occurring: 1)) { try LinearClassifier.train(texts: ["aa", "bb"], labels: [1, 1], labelNames: ["n", "y"]) }
    #expect(throws: BaselineError.noFeatures(minimumDocuments: 2)) {
      try LinearClassifier.train(texts: ["aa", "bb"], labels: [0, 1], labelNames: ["n", "y"])
    }
    #expect(throws: BaselineError.labelOutOfRange(index: 1, label: 2, labelCount: 2)) {
      try LinearClassifier.train(texts: ["aa", "bb"], labels: [0, 2], labelNames: ["n", "y"])
    }
    #expect(throws: BaselineError.self) { try train(Golden.cases[0], .init(maximumIterations: 2)) }
  }

  @Test func majorityIsTheMostFrequentLabelAndTheSmallestOfEquals() throws {
    let majority = try MajorityBaseline(labels: [2, 1, 1, 2, 0], labelCount: 4)
    #expect(majority.label == 1 && majority.frequencies == [0.2, 0.4, 0.4, 0] && majority.predict(count: 3) == [1, 1, 1])
    #expect(throws: BaselineError.oneClass(occurring: 0)) { try MajorityBaseline(labels: [], labelCount: 2) }
  }

  @Test func openBLASStaysOutOfTheGlobalScope() throws {
    // libtorch's calls of sgemm_ bind through the global scope: what it answers must not change, and not be OpenBLAS's.
    let before = dlsym(nil, "sgemm_")
    #expect(try BLAS().dot([1, 2], [3, 4]) == 11)
    #expect(dlsym(nil, "sgemm_") == before)
    #expect(dlsym(nil, "openblas_set_num_threads") == nil)
  }
}
