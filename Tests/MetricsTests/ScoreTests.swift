import Files
import Metrics
import TestSupport
import Testing

@Suite struct ScoreTests {
  static let cases = golden("d_metrics/scores.json").array!

  @Test(arguments: cases.indices.filter { cases[$0]["kind"]!.string == "binary" })
  func binaryScoresEqualScikitLearn(_ index: Int) throws {
    let item = Self.cases[index]
    let expected = item["expected"]!
    let (truths, scores) = (item["y_true"]!.bools, item["score"]!.numbers)
    let ranking = try Ranking(true: truths, scores: scores)
    expectClose(ranking.rocAUC, expected["roc_auc"], "roc_auc \(index)")
    if let value = expected["average_precision"] { expectClose(ranking.averagePrecision, value, "average_precision \(index)") }
    if let value = expected["log_loss"] { expectClose(try ProbabilityScores.logLoss(true: truths, positive: scores), value, "log_loss \(index)") }
    if let value = expected["brier"] { expectClose(try ProbabilityScores.brier(true: truths, positive: scores), value, "brier \(index)") }
    if let curve = expected["roc_curve"], !curve.isNull {
      expectClose(ranking.rocCurve.falsePositiveRates, curve["fpr"], "fpr \(index)")
      expectClose(ranking.rocCurve.truePositiveRates, curve["tpr"], "tpr \(index)")
      expectClose(ranking.rocCurve.thresholds, curve["thresholds"], "roc thresholds \(index)")
    }
    if let curve = expected["pr_curve"], !curve.isNull {
      expectClose(ranking.precisionRecallCurve.precisions, curve["precision"], "precision \(index)")
      expectClose(ranking.precisionRecallCurve.recalls, curve["recall"], "recall \(index)")
      expectClose(ranking.precisionRecallCurve.thresholds, curve["thresholds"], "pr thresholds \(index)")
    }
  }

  @Test(arguments: cases.indices.filter { cases[$0]["kind"]!.string == "multiclass" })
  func multiClassScoresEqualTheReference(_ index: Int) throws {
    let item = Self.cases[index]
    let expected = item["expected"]!
    let (truths, rows) = (item["y_true"]!.ints, item["proba"]!.table)
    expectClose(try MultiClassAUC.oneVersusRest(true: truths, probabilities: rows, .macro), expected["roc_auc_ovr_macro"], "ovr macro")
    expectClose(try MultiClassAUC.oneVersusRest(true: truths, probabilities: rows, .weighted), expected["roc_auc_ovr_weighted"], "ovr weighted")
    expectClose(try MultiClassAUC.oneVersusOne(true: truths, probabilities: rows, .macro), expected["roc_auc_ovo_macro"], "ovo macro")
    expectClose(try MultiClassAUC.oneVersusOne(true: truths, probabilities: rows, .weighted), expected["roc_auc_ovo_weighted"], "ovo weighted")
    expectClose(try ProbabilityScores.logLoss(true: truths, probabilities: rows), expected["log_loss"], "log loss")
    expectClose(try ProbabilityScores.brier(true: truths, probabilities: rows), expected["brier_multiclass_sum"], "brier")
    expectClose(try ProbabilityScores.topK(2, true: truths, probabilities: rows), expected["top2_accuracy"], "top 2")
    let calibration = try Calibration(true: truths, probabilities: rows)
    check(calibration, expected, "multiclass \(index)")
    expectClose(try Calibration(true: truths, probabilities: rows, binCount: 10).expectedError, expected["ece10"], "ece10")
  }

  @Test func confidencesOnBinEdgesFallBelowTheEdge() throws {
    let item = Self.cases.first { $0["kind"]!.string == "ece_direct" }!
    check(try Calibration(confidences: item["confidence"]!.numbers, correct: item["correct"]!.bools), item["expected"]!, "edges")
    for count in [1, 10, 15, 49] {  // every edge k/count belongs to bin k - 1
      for k in 1...count {
        var calibration = Calibration(binCount: count)
        calibration.add(confidence: Double(k) / Double(count), correct: true)
        #expect(calibration.bins[k - 1].count == 1)
      }
    }
  }

  private func check(_ calibration: Calibration, _ expected: JSON, _ what: String) {
    expectClose(calibration.expectedError, expected["ece15"], "\(what) ece")
    expectClose(calibration.maximumError, expected["mce15"], "\(what) mce")
    for (bin, values) in zip(calibration.bins, expected["bins"]!.array!) {
      let golden = values.array!
      #expect(bin.count == golden[0].int!)
      expectClose(bin.confidence ?? .nan, golden[1], "\(what) confidence of bin \(bin.lower)")
      expectClose(bin.accuracy ?? .nan, golden[2], "\(what) accuracy of bin \(bin.lower)")
    }
  }

  @Test func temperatureIsTheMinimumScipyFinds() throws {
    for item in golden("metrics/reference.json")["temperature"]!.array! {
      let fit = try TemperatureScaling.fit(logits: item["logits"]!.table, true: item["y"]!.ints)
      expectClose(fit.temperature, item["temperature"], "temperature", tolerance: 1e-10)
      expectClose(fit.lossBefore, item["before"], "loss before")
      expectClose(fit.lossAfter, item["after"], "loss after")
    }
  }

  @Test func temperatureStopsAtItsBoundsWhenThereIsNoOptimum() throws {
    let logits = [[2.0, 0], [0, 3.0]]
    #expect(try TemperatureScaling.fit(logits: logits, true: [0, 1]).temperature == TemperatureScaling.bounds.lowerBound)
    #expect(try TemperatureScaling.fit(logits: logits, true: [1, 0]).temperature == TemperatureScaling.bounds.upperBound)
  }

  @Test func unusableInputIsRefused() {
    #expect(throws: MetricError.outOfRange("scores", index: 1, expected: "a finite number")) { try Ranking(true: [true, false], scores: [0, .nan]) }
    #expect(throws: MetricError.outOfRange("true", index: 0, expected: "a class in 0..<2")) {
      try ProbabilityScores.logLoss(true: [2], probabilities: [[0.5, 0.5]])
    }
    #expect(throws: MetricError.lengthsDiffer("logits[1]", 1, "logits[0]", 2)) { try TemperatureScaling.fit(logits: [[1, 2], [1]], true: [0, 0]) }
    #expect(throws: MetricError.outOfRange("confidences", index: 0, expected: "a number in 0...1")) { try Calibration(confidences: [1.5], correct: [true]) }
  }
}
