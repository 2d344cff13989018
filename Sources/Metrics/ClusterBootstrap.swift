/// Percentile bootstrap of rows that come in clusters (transcripts, vignettes): whole clusters are drawn, so rows that stand and fall together
/// are not taken for independent ones.
///
/// Clusters are drawn within strata, as many as each has: what the design fixes (the conditions, who has answered) stays fixed.
public struct ClusterBootstrap: Sendable {
  public var resamples: Int
  public var confidence: Double
  public var seed: UInt64

  public init(resamples: Int = 2000, confidence: Double = 0.95, seed: UInt64 = 0) {
    precondition(resamples > 0 && confidence > 0 && confidence < 1, "a bootstrap needs resamples and a confidence between 0 and 1")
    (self.resamples, self.confidence, self.seed) = (resamples, confidence, seed)
  }

  /// What the draws say of a statistic.
  public struct Result: Sendable, Hashable {
    public var interval: ClosedRange<Double>
    /// Two-sided, of the statistic being 0, counting the sample itself: 2·min(P(s ≤ 0), P(s ≥ 0)).
    public var p: Double
  }

  /// - Parameters:
  ///   - strata: the stratum of each cluster, any numbers.
  ///   - statistic: given how often each cluster was drawn; NaN where it is undefined, and left out.
  /// - Throws: `MetricError` without clusters, or when every draw is undefined.
  public func result(strata: [Int], _ statistic: (_ weights: [Int]) -> Double) throws(MetricError) -> Result {
    guard !strata.isEmpty else { throw .empty("clusters") }
    let groups = Set(strata).sorted().map { stratum in strata.indices.filter { strata[$0] == stratum } }
    var random = SplitMix64(seed: seed)
    var weights = [Int](repeating: 0, count: strata.count)
    var values: [Double] = []
    values.reserveCapacity(resamples)
    for _ in 0..<resamples {
      for index in weights.indices { weights[index] = 0 }
      for group in groups {
        for _ in group { weights[group[Int.random(in: 0..<group.count, using: &random)]] += 1 }
      }
      let value = statistic(weights)
      if !value.isNaN { values.append(value) }
    }
    guard !values.isEmpty else { throw .undefined("the statistic is NaN in every resample; use more clusters") }
    values.sort()
    let tail = (1 - confidence) / 2
    let below = Double(values.count { $0 <= 0 } + 1) / Double(values.count + 1)
    let above = Double(values.count { $0 >= 0 } + 1) / Double(values.count + 1)
    return Result(interval: quantile(values, tail)...quantile(values, 1 - tail), p: min(1, 2 * min(below, above)))
  }
}
