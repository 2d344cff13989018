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

  @Test func labelsThatDidNotOccurAreNeverPredicted() throws {
    let item = Golden.cases.first { $0["name"]!.string == "missing_class" }!
    let classifier = try train(item)
    #expect(classifier.classes == [0, 2, 3])
    #expect(classifier.probabilities(item["test_texts"]!.strings).allSatisfy { $0.count == 4 && $0[1] == 0 })
  }

  /// Central differences of the loss against the gradient, and of the gradient's diagonal against the Hessian's.
  @Test(arguments: [0, 1])
  func gradientAndDiagonalAgreeWithDifferences(_ index: Int) throws {
    let item = Golden.cases[index]
    let (vectorizer, rows) = TfidfVectorizer.fit(item["texts"]!.strings, minimumDocuments: 2)
    let classes = index == 0 ? 2 : 4
    let objective = LogisticObjective(rows: rows, labels: item["labels"]!.ints, classCount: classes, C: 4)
    #expect(objective.parameterCount == (vectorizer.columnCount + 1) * objective.width)
    let weights = (0..<objective.parameterCount).map { Double(($0 * 37) % 19 - 9) / 20 }
    func value(_ w: [Double]) -> (Double, [Double]) {
      var residuals = objective.scores(w)
      let loss = objective.loss(residuals, residuals: &residuals).value
      return (4 * loss + objective.penalisedDot(w, w) / 2, residuals)
    }
    let residuals = value(weights).1
    let gradient = objective.gradient(weights, residuals)
    let diagonal = objective.diagonalHessian(residuals, rows.squared)
    for j in stride(from: 0, to: weights.count, by: max(1, weights.count / 50)) {
      var (up, down) = (weights, weights)
      up[j] += 1e-5
      down[j] -= 1e-5
      let (above, below) = (value(up), value(down))
      #expect(abs((above.0 - below.0) / 2e-5 - gradient[j]) < 1e-5 * max(1, abs(gradient[j])))
      let curvature = (objective.gradient(up, above.1)[j] - objective.gradient(down, below.1)[j]) / 2e-5
      if j < vectorizer.columnCount * objective.width { #expect(abs(curvature - diagonal[j]) < 1e-5 * max(1, diagonal[j])) }
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
