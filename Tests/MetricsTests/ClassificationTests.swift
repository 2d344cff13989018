import Files
import Metrics
import TestSupport
import Testing

@Suite struct ClassificationTests {
  static let file = golden("d_metrics/classification.json")
  static let caseCount = file["cases"]!.array!.count

  @Test(arguments: 0..<caseCount)
  func everyNumberEqualsScikitLearn(_ index: Int) throws {
    let item = Self.file["cases"]!.array![index]
    if item["y_true"]!.array![0].string != nil {
      try compare(item) { $0.string! }
    } else {
      try compare(item) { $0.int! }
    }
  }

  private func compare<Label>(_ item: JSON, _ label: (JSON) -> Label) throws where Label: Hashable & Comparable & Sendable {
    let name = item["name"]!.string!
    let expected = item["expected"]!
    let truths = item["y_true"]!.array!.map(label)
    let predictions = item["y_pred"]!.array!.map(label)
    let labels = item["labels_arg"]?.array?.map(label)
    let confusion = try ConfusionMatrix(true: truths, predicted: predictions)
    var keys = Set(expected.object!.keys)
    func check(_ key: String, _ value: Double) { keys.remove(key); expectClose(value, expected[key], "\(name) \(key)") }

    #expect(labels ?? confusion.labels == expected["labels"]!.array!.map(label))
    keys.remove("labels")
    for (key, matrix) in [
      ("confusion_matrix", confusion.matrix(labels: labels)), ("confusion_matrix_normalize_true", confusion.matrixOverTrue(labels: labels)),
    ] {
      keys.remove(key)
      for (row, values) in zip(matrix, expected[key]!.array!) { expectClose(row, values, "\(name) \(key)") }
    }
    check("accuracy", confusion.accuracy)
    check("hamming_loss", confusion.hammingLoss)
    check("balanced_accuracy", confusion.balancedAccuracy())
    check("balanced_accuracy_adjusted", confusion.balancedAccuracy(adjusted: true))
    check("mcc", confusion.matthewsCorrelation)
    check("cohen_kappa_None", confusion.cohenKappa(labels: labels))
    check("cohen_kappa_linear", confusion.cohenKappa(.linear, labels: labels))
    check("cohen_kappa_quadratic", confusion.cohenKappa(.quadratic, labels: labels))
    check("jaccard_macro_zd0", confusion.jaccard(.macro, labels: labels))
    check("fbeta0.5_macro_zd0", confusion.scores(.macro, labels: labels, beta: 0.5).f)
    check("fbeta2.0_macro_zd0", confusion.scores(.macro, labels: labels, beta: 2).f)
    for (suffix, division) in [("zd0", ZeroDivision.zero), ("zd1", .one)] {
      for average in Average.allCases {
        let key = "prf_\(average.rawValue)_\(suffix)"
        let s = confusion.scores(average, labels: labels, zeroDivision: division)
        keys.remove(key)
        expectClose(s.precision, expected[key]!["precision"], "\(name) \(key) precision")
        expectClose(s.recall, expected[key]!["recall"], "\(name) \(key) recall")
        expectClose(s.f1, expected[key]!["f1"], "\(name) \(key) f1")
      }
      let key = "prf_per_class_\(suffix)"
      keys.remove(key)
      let classes = confusion.perClass(labels: labels, zeroDivision: division)
      expectClose(classes.map(\.precision), expected[key]!["precision"], "\(name) \(key) precision")
      expectClose(classes.map(\.recall), expected[key]!["recall"], "\(name) \(key) recall")
      expectClose(classes.map(\.f1), expected[key]!["f1"], "\(name) \(key) f1")
      expectClose(classes.map(\.support), expected[key]!["support"], "\(name) \(key) support")
      let binary = "prf_binary_\(suffix)"
      if let values = expected[binary] {
        keys.remove(binary)
        let s = confusion.scores(of: label(.integer(1)), zeroDivision: division)
        expectClose([s.precision, s.recall, s.f1], .array([values["precision"]!, values["recall"]!, values["f1"]!]), "\(name) \(binary)")
      }
    }
    #expect(keys.isEmpty, "golden values that no assertion reads: \(keys.sorted())")

    guard let weighted = item["expected_weighted"] else { return }
    let weights = try ConfusionMatrix(true: truths, predicted: predictions, weights: item["sample_weight"]!.numbers)
    expectClose(weights.accuracy, weighted["accuracy"], "\(name) weighted accuracy")
    expectClose(weights.scores(.macro).f1, weighted["f1_macro"], "\(name) weighted f1")
    expectClose(weights.balancedAccuracy(), weighted["balanced_accuracy"], "\(name) weighted balanced accuracy")
    expectClose(weights.matthewsCorrelation, weighted["mcc"], "\(name) weighted mcc")
    for (row, values) in zip(weights.matrix(), weighted["confusion_matrix"]!.array!) { expectClose(row, values, "\(name) weighted matrix") }
    #expect(weighted.object!.keys.count == 5)
  }

  @Test(arguments: [0, 1])
  func multiLabelNumbersEqualScikitLearn(_ index: Int) throws {
    let item = Self.file["multilabel"]!.array![index]
    let expected = item["expected"]!
    let counts = try MultiLabelCounts(true: item["y_true"]!.array!.map(\.bools), predicted: item["y_pred"]!.array!.map(\.bools))
    var keys = Set(expected.object!.keys)
    func check(_ key: String, _ s: PrecisionRecallF) {
      keys.remove(key)
      let e = expected[key]!
      expectClose([s.precision, s.recall, s.f1], .array([e["precision"]!, e["recall"]!, e["f1"]!]), "multilabel \(index) \(key)")
    }
    for (suffix, division) in [("zd0", ZeroDivision.zero), ("zd1", .one)] {
      for average in Average.allCases { check("prf_\(average.rawValue)_\(suffix)", counts.scores(average, zeroDivision: division)) }
      check("prf_samples_\(suffix)", counts.sampleScores(zeroDivision: division))
    }
    expectClose(counts.subsetAccuracy, expected["subset_accuracy"], "subset accuracy")
    expectClose(counts.hammingLoss, expected["hamming_loss"], "hamming loss")
    for (found, golden) in zip(counts.confusionMatrices, expected["multilabel_confusion_matrix"]!.array!) {
      #expect(found == golden.table)
    }
    #expect(keys.subtracting(["subset_accuracy", "hamming_loss", "multilabel_confusion_matrix"]).isEmpty)
  }

  @Test func reportEqualsScikitLearnToTheCharacter() throws {
    let item = Self.file["report"]!
    let report = ClassificationReport(try ConfusionMatrix(true: item["y_true"]!.ints, predicted: item["y_pred"]!.ints))
    #expect(report.text(digits: 4) == item["report_text_digits4"]!.string!)
    expectClose(report.accuracy!, item["report_dict"]!["accuracy"], "accuracy")
    for row in report.classes + report.averages {
      let e = item["report_dict"]![row.name]!
      expectClose(
        [row.scores.precision, row.scores.recall, row.scores.f1, row.scores.support],
        .array([e["precision"]!, e["recall"]!, e["f1-score"]!, e["support"]!]), row.name)
    }
    let other = golden("metrics/reference.json")["report"]!
    let confusion = try ConfusionMatrix(true: other["y_true"]!.ints, predicted: other["y_pred"]!.ints)
    #expect(ClassificationReport(confusion, names: ["no", "yes", "a much longer name", "d"]).text() == other["all"]!.string!)
    #expect(ClassificationReport(confusion, labels: [2, 1]).text(digits: 3) == other["subset"]!.string!)
  }

  @Test func zeroDivisionNaNLeavesTheClassOut() throws {
    for item in golden("metrics/reference.json")["excluded"]!.array! {
      let confusion = try ConfusionMatrix(true: item["y_true"]!.ints, predicted: item["y_pred"]!.ints)
      for average in Average.allCases {
        let s = confusion.scores(average, zeroDivision: .excluded)
        expectClose([s.precision, s.recall, s.f1], item[average.rawValue], "\(item["y_true"]!.ints) \(average)")
      }
    }
  }

  @Test func countsDoNotDependOnHowTheItemsArrive() throws {
    let item = Self.file["cases"]!.array![3]
    let (truths, predictions) = (item["y_true"]!.ints, item["y_pred"]!.ints)
    let whole = try ConfusionMatrix(true: truths, predicted: predictions)
    var parts = ConfusionMatrix<Int>()
    for start in stride(from: 0, to: truths.count, by: 7) {
      let range = start..<min(start + 7, truths.count)
      parts.merge(try ConfusionMatrix(true: Array(truths[range]), predicted: Array(predictions[range])))
    }
    #expect(parts.matrix() == whole.matrix() && parts.total == whole.total)
  }

  @Test func stringsSortByScalarAsInPython() throws {
    // Python: sorted(["\ufb01", "z", "e\u0301", "\u00e9"]); Swift's own order is by canonical equivalence.
    let confusion = try ConfusionMatrix(true: ["\u{FB01}", "z", "Z"], predicted: ["ea", "\u{E9}", "a"])
    #expect(confusion.labels == ["Z", "a", "ea", "z", "\u{E9}", "\u{FB01}"])
  }

  @Test func unusableInputIsRefusedInWords() {
    #expect(throws: MetricError.lengthsDiffer("true", 2, "predicted", 1)) { try ConfusionMatrix(true: [1, 2], predicted: [1]) }
    #expect(throws: MetricError.empty("true")) { try ConfusionMatrix<Int>(true: [], predicted: []) }
    #expect(throws: MetricError.lengthsDiffer("true", 1, "weights", 2)) { try ConfusionMatrix(true: [1], predicted: [1], weights: [1, 2]) }
    #expect(MetricError.lengthsDiffer("true", 2, "predicted", 1).description == "true has 2 elements and predicted has 1; expected equally many")
  }
}
