import Glibc

/// The pairs of two lists by order, in n log n steps (Knight 1966), and what follows from them.
struct KendallCounts {
  private let n: Int
  private let pairs: Double
  private var discordant = 0.0
  private let xGroups, yGroups: [Int]
  private var tiedInBoth = 0.0

  init(_ x: [Double], _ y: [Double]) {
    n = x.count
    pairs = Double(n) * Double(n - 1) / 2
    (xGroups, yGroups) = (Ranks(x).groups, Ranks(y).groups)
    let order = x.indices.sorted { x[$0] == x[$1] ? y[$0] < y[$1] : x[$0] < x[$1] }
    var run = 1.0
    for k in order.indices.dropFirst() {
      if x[order[k]] == x[order[k - 1]] && y[order[k]] == y[order[k - 1]] {
        tiedInBoth += run
        run += 1
      } else {
        run = 1
      }
    }
    var values = order.map { y[$0] }
    discordant = Self.inversions(&values)
  }

  private static func tiedPairs(_ groups: [Int]) -> Double { groups.reduce(0) { $0 + Double($1 * ($1 - 1) / 2) } }

  /// Concordant less discordant pairs.
  private var balance: Double { pairs - tiedPairs.x - tiedPairs.y + tiedInBoth - 2 * discordant }
  private var tiedPairs: (x: Double, y: Double) { (Self.tiedPairs(xGroups), Self.tiedPairs(yGroups)) }

  var tau: Double {
    let (x, y) = (pairs - tiedPairs.x, pairs - tiedPairs.y)
    return x == 0 || y == 0 ? .nan : max(-1, min(1, balance / x.squareRoot() / y.squareRoot()))
  }

  /// Two-sided.
  var p: Double {
    if tau.isNaN { return .nan }
    let hasTies = tiedPairs.x > 0 || tiedPairs.y > 0
    if !hasTies && (n <= 33 || min(discordant, pairs - discordant) <= 1) { return exactP }
    let m = Double(n) * Double(n - 1)
    func sum(_ groups: [Int], _ term: (Double) -> Double) -> Double { groups.reduce(0) { $0 + term(Double($1)) } }
    let x1 = sum(xGroups) { $0 * ($0 - 1) * (2 * $0 + 5) }
    let y1 = sum(yGroups) { $0 * ($0 - 1) * (2 * $0 + 5) }
    let x0 = sum(xGroups) { $0 * ($0 - 1) * ($0 - 2) }
    let y0 = sum(yGroups) { $0 * ($0 - 1) * ($0 - 2) }
    let variance = (m * (2 * Double(n) + 5) - x1 - y1) / 18 + 2 * tiedPairs.x * tiedPairs.y / m + x0 * y0 / (9 * m * Double(n - 2))
    return min(1, 2 * SpecialFunctions.normalTail(abs(balance) / variance.squareRoot()))
  }

  /// The share of the n! orders with as few pairs against the trend, or fewer.
  private var exactP: Double {
    let fewest = Int(min(discordant, pairs - discordant))
    if n <= 2 || 4 * fewest == n * (n - 1) { return 1 }
    // shares[k]: the share of orders of the first j items with k inversions.
    var shares = [1.0] + Array(repeating: 0, count: fewest)
    for j in 2...n {
      var window = 0.0
      var next = shares
      for k in 0...fewest {
        window += shares[k]
        if k >= j { window -= shares[k - j] }
        next[k] = window / Double(j)
      }
      shares = next
    }
    return min(1, 2 * shares.reduce(0, +))
  }

  /// Pairs out of order; sorts `values` by merging.
  private static func inversions(_ values: inout [Double]) -> Double {
    var count = 0.0
    var buffer = values
    var width = 1
    while width < values.count {
      for start in stride(from: 0, to: values.count, by: 2 * width) {
        let (middle, end) = (min(start + width, values.count), min(start + 2 * width, values.count))
        var (left, right) = (start, middle)
        for k in start..<end {
          if left < middle && (right == end || values[left] <= values[right]) {
            buffer[k] = values[left]
            left += 1
          } else {
            buffer[k] = values[right]
            right += 1
            count += Double(middle - left)
          }
        }
      }
      swap(&values, &buffer)
      width *= 2
    }
    return count
  }
}
