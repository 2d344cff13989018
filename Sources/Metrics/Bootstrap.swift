/// Percentile bootstrap: resample the items with replacement, recompute, and read the interval from the quantiles.
///
/// Deterministic in `seed`; memory is one number per resample.
public struct Bootstrap: Sendable {
  public var resamples: Int
  public var confidence: Double
  public var seed: UInt64

  public init(resamples: Int = 2000, confidence: Double = 0.95, seed: UInt64) {
    precondition(resamples > 0 && confidence > 0 && confidence < 1, "a bootstrap needs resamples and a confidence between 0 and 1")
    (self.resamples, self.confidence, self.seed) = (resamples, confidence, seed)
  }

  /// The interval of `statistic`, a function of the drawn item indices (`itemCount` of them, repetition allowed).
  /// NaN values of a resample (a class that was not drawn) are left out.
  public func interval(itemCount: Int, _ statistic: (_ items: [Int]) -> Double) throws(MetricError) -> ClosedRange<Double> {
    let values = try draw(itemCount, statistic).filter { !$0.isNaN }.sorted()
    guard !values.isEmpty else { throw .undefined("the statistic is NaN in every resample; use more items") }
    let tail = (1 - confidence) / 2
    return quantile(values, tail)...quantile(values, 1 - tail)
  }

  /// The intervals of several statistics over the same draws: one pass where they share their counting.
  /// - Parameter statistics: as many values on every draw, none of them NaN.
  public func intervals(itemCount: Int, _ statistics: (_ items: [Int]) -> [Double]) throws(MetricError) -> [ClosedRange<Double>] {
    let draws = try draw(itemCount, statistics)
    let tail = (1 - confidence) / 2
    return draws[0].indices.map { index in
      let values = draws.map { $0[index] }.sorted()
      return quantile(values, tail)...quantile(values, 1 - tail)
    }
  }

  /// Paired comparison of two models on the same items: the interval of the difference of `statistic(first) − statistic(second)`,
  /// both on the same resample, and the two-sided p value 2·min(P(d ≤ 0), P(d ≥ 0)), each counted with the observed sample itself.
  public func difference(
    itemCount: Int, first: (_ items: [Int]) -> Double, second: (_ items: [Int]) -> Double
  ) throws(MetricError) -> (interval: ClosedRange<Double>, p: Double) {
    let values = try draw(itemCount) { first($0) - second($0) }.filter { !$0.isNaN }.sorted()
    guard !values.isEmpty else { throw .undefined("the difference is NaN in every resample; use more items") }
    let tail = (1 - confidence) / 2
    let below = Double(values.count { $0 <= 0 } + 1) / Double(values.count + 1)
    let above = Double(values.count { $0 >= 0 } + 1) / Double(values.count + 1)
    return (quantile(values, tail)...quantile(values, 1 - tail), min(1, 2 * min(below, above)))
  }

  private func draw<Value>(_ itemCount: Int, _ statistic: ([Int]) -> Value) throws(MetricError) -> [Value] {
    guard itemCount > 0 else { throw .empty("items") }
    var random = SplitMix64(seed: seed)
    var items = [Int](repeating: 0, count: itemCount)
    return (0..<resamples).map { _ in
      for i in items.indices { items[i] = Int.random(in: 0..<itemCount, using: &random) }
      return statistic(items)
    }
  }
}

/// The value below which a share `p` of `sorted` lies, interpolating linearly between neighbours (numpy's default).
func quantile(_ sorted: [Double], _ p: Double) -> Double {
  let position = p * Double(sorted.count - 1)
  let low = Int(position)
  let high = min(low + 1, sorted.count - 1)
  return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
}
