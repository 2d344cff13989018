/// Scores of a binary ranking: how well `score` puts the positive items above the negative ones.
///
/// Ties share a threshold, so no result depends on the order of the items.
public struct Ranking: Sendable {
  /// One point per distinct score, from the highest down: items at or above `threshold`, split by truth.
  struct Step: Sendable { var threshold, truePositives, falsePositives: Double }

  let steps: [Step]
  public let positives: Double
  public let negatives: Double

  /// - Parameters:
  ///   - truths: whether item i is positive.
  ///   - scores: finite; higher means more likely positive.
  /// - Throws: `MetricError` for unequal lengths, empty input, or a score that is not finite.
  public init(true truths: [Bool], scores: [Double]) throws(MetricError) {
    try requireEqualCounts("true", truths.count, "scores", scores.count)
    if let bad = scores.firstIndex(where: { !$0.isFinite }) { throw .outOfRange("scores", index: bad, expected: "a finite number") }
    var steps: [Step] = []
    var (tp, fp) = (0.0, 0.0)
    for i in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
      if truths[i] { tp += 1 } else { fp += 1 }
      let step = Step(threshold: scores[i], truePositives: tp, falsePositives: fp)
      if steps.last?.threshold == scores[i] { steps[steps.count - 1] = step } else { steps.append(step) }
    }
    self.steps = steps
    (positives, negatives) = (tp, fp)
  }

  /// Area under the ROC curve: the chance that a random positive outranks a random negative, ties counting half.
  /// NaN when one of the two classes is absent.
  public var rocAUC: Double {
    var area = 0.0
    var (tp, fp) = (0.0, 0.0)
    for step in steps {
      area += (step.falsePositives - fp) * (step.truePositives + tp) / 2
      (tp, fp) = (step.truePositives, step.falsePositives)
    }
    return area / (positives * negatives)
  }

  /// Average precision: Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds, without interpolation; 0 without positives.
  public var averagePrecision: Double {
    guard positives > 0 else { return 0 }
    var sum = 0.0
    var tp = 0.0
    for step in steps {
      sum += (step.truePositives - tp) / positives * step.truePositives / (step.truePositives + step.falsePositives)
      tp = step.truePositives
    }
    return sum
  }

  /// The ROC curve from (0, 0) at threshold ∞ to (1, 1), one point per distinct score.
  public var rocCurve: (falsePositiveRates: [Double], truePositiveRates: [Double], thresholds: [Double]) {
    (
      [0] + steps.map { $0.falsePositives / negatives }, [0] + steps.map { $0.truePositives / positives },
      [.infinity] + steps.map(\.threshold)
    )
  }

  /// Precision and recall from the lowest threshold up, closed by the point (recall 0, precision 1), which has no threshold.
  public var precisionRecallCurve: (precisions: [Double], recalls: [Double], thresholds: [Double]) {
    let rising = steps.reversed()
    return (
      rising.map { $0.truePositives / ($0.truePositives + $0.falsePositives) } + [1],
      rising.map { $0.truePositives / positives } + [0], rising.map(\.threshold)
    )
  }
}

/// Multi-class ROC-AUC from class probabilities.
public enum MultiClassAUC {
  /// Each class against the rest. `.weighted` weighs by support; `.micro` is not offered.
  /// NaN when a class has no item or all of them.
  public static func oneVersusRest(true truths: [Int], probabilities: [[Double]], _ average: Average) throws(MetricError) -> Double {
    precondition(average != .micro, "one-versus-rest AUC is averaged macro or weighted")
    let classes = try checkProbabilities(truths, probabilities)
    var (sum, weights) = (0.0, 0.0)
    for c in 0..<classes {
      let ranking = try Ranking(true: truths.map { $0 == c }, scores: probabilities.map { $0[c] })
      let weight = average == .weighted ? ranking.positives : 1
      sum += weight * ranking.rocAUC
      weights += weight
    }
    return sum / weights
  }

  /// Every pair of classes on the items of the two, both ways round (Hand and Till 2001). `.weighted` weighs a pair by
  /// its share of the items.
  public static func oneVersusOne(true truths: [Int], probabilities: [[Double]], _ average: Average) throws(MetricError) -> Double {
    precondition(average != .micro, "one-versus-one AUC is averaged macro or weighted")
    let classes = try checkProbabilities(truths, probabilities)
    var (sum, weights) = (0.0, 0.0)
    for a in 0..<classes {
      for b in (a + 1)..<max(a + 1, classes) {
        let items = truths.indices.filter { truths[$0] == a || truths[$0] == b }
        let forward = try Ranking(true: items.map { truths[$0] == a }, scores: items.map { probabilities[$0][a] })
        let backward = try Ranking(true: items.map { truths[$0] == b }, scores: items.map { probabilities[$0][b] })
        let weight = average == .weighted ? Double(items.count) : 1
        sum += weight * (forward.rocAUC + backward.rocAUC) / 2
        weights += weight
      }
    }
    return sum / weights
  }
}
