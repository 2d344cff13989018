/// Two systems on the same rows: is the difference of their mean scores more than the luck of the rows?
///
/// Scores are one number a row for each system, in the same order; leave out rows that either is missing (the caller says how many).
public struct PairedComparison: Hashable, Sendable {
  /// Mean of the first less mean of the second.
  public var difference: Double
  /// Percentile bootstrap interval of the difference over the rows.
  public var interval: ClosedRange<Double>
  /// The bootstrap's two-sided p value.
  public var bootstrapP: Double
  /// The share of random exchanges of the two systems, row by row, that make a difference at least as large, on either side.
  public var randomisationP: Double
  /// Whether every exchange was looked at, and not a sample.
  public var isExact: Bool

  /// - Parameter exchanges: how many random exchanges; every one is looked at where there are no more than that.
  /// - Throws: `MetricError` for lists of different lengths, empty ones, or a score that is not finite.
  public init(
    _ first: [Double], _ second: [Double], bootstrap: Bootstrap, exchanges: Int = 10_000, confidence: Double = 0.95
  ) throws(MetricError) {
    try requireEqualCounts("first", first.count, "second", second.count)
    let differences = zip(first, second).map { $0 - $1 }
    if let bad = differences.firstIndex(where: { !$0.isFinite }) { throw .outOfRange("first − second", index: bad, expected: "finite scores") }
    difference = differences.reduce(0, +) / Double(differences.count)
    let resampled = try bootstrap.difference(
      itemCount: differences.count, first: { items in items.reduce(0) { $0 + differences[$1] } / Double(items.count) }, second: { _ in 0 })
    (interval, bootstrapP) = (resampled.interval, resampled.p)
    let test = Self.randomisation(differences, exchanges: exchanges, seed: bootstrap.seed)
    (randomisationP, isExact) = (test.p, test.isExact)
  }

  /// Noreen's approximate randomisation (sign flips) of the mean of `differences`, two-sided. Exact when the rows that differ have at most
  /// `exchanges` exchanges; else (1 + extreme) / (1 + `exchanges`).
  public static func randomisation(_ differences: [Double], exchanges: Int = 10_000, seed: UInt64) -> (p: Double, isExact: Bool) {
    precondition(exchanges > 0, "a randomisation test needs at least one exchange")
    let moving = differences.filter { $0 != 0 }
    guard !moving.isEmpty else { return (1, true) }
    // Sums in another order differ in their last digits; as large means as large up to that.
    let observed = abs(moving.reduce(0, +)) - 1e-12 * moving.reduce(0) { $0 + abs($1) }
    if moving.count < 31, 1 << moving.count <= exchanges {
      let extreme = (0..<1 << moving.count).count { signs in
        abs(moving.indices.reduce(0) { $0 + (signs >> $1 & 1 == 0 ? moving[$1] : -moving[$1]) }) >= observed
      }
      return (Double(extreme) / Double(1 << moving.count), true)
    }
    var random = SplitMix64(seed: seed)
    var extreme = 0
    for _ in 0..<exchanges {
      var (sum, bits) = (0.0, UInt64(0))
      for i in moving.indices {
        if i % 64 == 0 { bits = random.next() }
        sum += bits & 1 == 0 ? moving[i] : -moving[i]
        bits >>= 1
      }
      if abs(sum) >= observed { extreme += 1 }
    }
    return (Double(1 + extreme) / Double(1 + exchanges), false)
  }

  /// The same test for a statistic of all rows together, such as BLEU: `difference` is given, row by row, whether the systems are exchanged.
  public static func randomisation(
    itemCount: Int, exchanges: Int = 10_000, seed: UInt64, difference: (_ isExchanged: [Bool]) -> Double
  ) throws(MetricError) -> (p: Double, isExact: Bool) {
    guard itemCount > 0 else { throw .empty("items") }
    var flags = [Bool](repeating: false, count: itemCount)
    let observed = abs(difference(flags)) * (1 - 1e-12)
    if itemCount < 31, 1 << itemCount <= exchanges {
      var extreme = 0
      for signs in 0..<1 << itemCount {
        for i in flags.indices { flags[i] = signs >> i & 1 == 1 }
        if abs(difference(flags)) >= observed { extreme += 1 }
      }
      return (Double(extreme) / Double(1 << itemCount), true)
    }
    var random = SplitMix64(seed: seed)
    var extreme = 0
    for _ in 0..<exchanges {
      for i in flags.indices { flags[i] = random.next() & 1 == 1 }
      if abs(difference(flags)) >= observed { extreme += 1 }
    }
    return (Double(1 + extreme) / Double(1 + exchanges), false)
  }
}
