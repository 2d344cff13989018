extension ROUGE {
  /// F at three points of its bootstrap distribution.
  public struct Interval: Hashable, Sendable {
    public var low, mid, high: Double
  }

  /// What rouge_score's `BootstrapAggregator` reports, and through it Hugging Face `evaluate`, whose score is `mid`: the 2.5th, 50th and 97.5th
  /// percentile of 1,000 means over rows drawn with replacement.
  ///
  /// The rows are drawn as `numpy.random.seed(seed)` makes `numpy.random.choice` draw them, kind after kind from one stream: the numbers depend
  /// on `kinds` and their order. NaN without rows.
  public func bootstrap(_ rows: [[Score]?], seed: UInt32, resamples: Int = 1000) -> [Interval] {
    let rows = rows.compactMap(\.self)
    guard !rows.isEmpty else { return kinds.map { _ in Interval(low: .nan, mid: .nan, high: .nan) } }
    var random = MersenneTwister(seed: seed)
    return kinds.indices.map { kind in
      let values = rows.map { $0[kind].f }
      let means = (0..<resamples).map { _ in
        var sum = 0.0
        for _ in values.indices { sum += values[random.next(below: values.count)] }
        return sum / Double(values.count)
      }.sorted()
      return Interval(low: quantile(means, 0.025), mid: quantile(means, 0.5), high: quantile(means, 0.975))
    }
  }
}
