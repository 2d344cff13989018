/// Is the difference of two groups' means more than the luck of who is in which?
public struct PermutationTest: Hashable, Sendable {
  /// mean(x) − mean(y)
  public var observed: Double
  /// How many ways to divide the items were looked at.
  public var count: Int
  /// The shares of them with a difference at least as large, on either side, above and below.
  public var twoSidedP, greaterP, lessP: Double

  /// Every way to divide the items into groups of these sizes.
  /// - Throws: `MetricError` for an empty group or more than a million ways.
  public init(exact x: [Double], _ y: [Double]) throws(MetricError) {
    guard !x.isEmpty, !y.isEmpty else { throw .empty(x.isEmpty ? "x" : "y") }
    var ways = 1.0
    for k in 0..<x.count { ways = ways * Double(y.count + k + 1) / Double(k + 1) }
    guard ways < 1_000_001 else { throw .undefined("\(x.count) and \(y.count) items can be divided in more than a million ways; give permutations instead") }
    let values = x + y
    let total = values.reduce(0, +)
    var differences: [Double] = []
    var chosen = Array(0..<x.count)
    while true {
      differences.append(Self.difference(chosen.reduce(0) { $0 + values[$1] }, total, x.count, y.count))
      // The next choice in the order of the dictionary.
      guard let k = chosen.indices.last(where: { chosen[$0] < values.count - x.count + $0 }) else { break }
      chosen[k] += 1
      for later in k + 1..<max(k + 1, x.count) { chosen[later] = chosen[later - 1] + 1 }
    }
    self.init(x, y, differences, including: 0)
  }

  /// Given orders of the items (`x` then `y`), of which the first `x.count` go to the first group. The observed division counts as one more.
  public init(_ x: [Double], _ y: [Double], orders: [[Int]]) throws(MetricError) {
    guard !x.isEmpty, !y.isEmpty else { throw .empty(x.isEmpty ? "x" : "y") }
    let values = x + y
    let total = values.reduce(0, +)
    for (index, order) in orders.enumerated() where order.sorted() != Array(values.indices) {
      throw .outOfRange("orders", index: index, expected: "each of 0..<\(values.count) once")
    }
    self.init(x, y, orders.map { Self.difference($0.prefix(x.count).reduce(0) { $0 + values[$1] }, total, x.count, y.count) }, including: 1)
  }

  private init(_ x: [Double], _ y: [Double], _ differences: [Double], including own: Int) {
    let sum = x.reduce(0, +)
    let observed = Self.difference(sum, sum + y.reduce(0, +), x.count, y.count)
    // Sums in another order differ in their last digits.
    let slack = 1e-12 * (abs(observed) + differences.reduce(0) { max($0, abs($1)) })
    func share(_ isExtreme: (Double) -> Bool) -> Double { Double(own + differences.count(where: isExtreme)) / Double(own + differences.count) }
    self.observed = observed
    count = differences.count + own
    twoSidedP = share { abs($0) >= abs(observed) - slack }
    greaterP = share { $0 >= observed - slack }
    lessP = share { $0 <= observed + slack }
  }

  private static func difference(_ sum: Double, _ total: Double, _ n: Int, _ m: Int) -> Double { sum / Double(n) - (total - sum) / Double(m) }
}
