import Glibc

/// Tests of counts in a table: do the columns depend on the rows?
public enum Contingency {
  /// Pearson's χ². `corrected` (Yates) applies to tables with one degree of freedom.
  /// - Throws: `MetricError` for a ragged table, fewer than two rows or columns, a negative count, or a row or column without counts.
  public static func chiSquare(_ table: [[Int]], corrected: Bool = false) throws(MetricError) -> (test: TestResult, df: Int) {
    guard table.count > 1, let width = table.first?.count, width > 1 else { throw .undefined("a table needs two rows and two columns at least") }
    for (index, row) in table.enumerated() {
      guard row.count == width else { throw .lengthsDiffer("table[\(index)]", row.count, "table[0]", width) }
      guard row.allSatisfy({ $0 >= 0 }) else { throw .outOfRange("table", index: index, expected: "counts from 0") }
    }
    let rows = table.map { Double($0.reduce(0, +)) }
    let columns = (0..<width).map { column in Double(table.reduce(0) { $0 + $1[column] }) }
    let total = rows.reduce(0, +)
    guard !rows.contains(0), !columns.contains(0) else { throw .undefined("a row or column of the table holds no count; leave it out") }
    let df = (rows.count - 1) * (width - 1)
    var statistic = 0.0
    for i in rows.indices {
      for j in 0..<width {
        let expected = rows[i] * columns[j] / total
        var distance = abs(Double(table[i][j]) - expected)
        if corrected && df == 1 { distance -= min(0.5, distance) }
        statistic += distance * distance / expected
      }
    }
    return (TestResult(statistic: statistic, p: SpecialFunctions.chiSquareTail(statistic, df: df)), df)
  }

  /// Fisher's exact test of [[a, b], [c, d]], two-sided: the chance of all tables with these margins that are no likelier. The statistic is the
  /// odds ratio ad / bc.
  public static func fisher(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> TestResult {
    precondition(a >= 0 && b >= 0 && c >= 0 && d >= 0, "counts of items are not negative")
    let (first, second, column) = (a + b, c + d, a + c)
    func logChance(_ k: Int) -> Double {
      logChoose(first, k) + logChoose(second, column - k) - logChoose(first + second, column)
    }
    let own = logChance(a)
    let p = (max(0, column - second)...min(first, column)).reduce(0.0) { sum, k in
      let chance = logChance(k)
      return chance <= own + 1e-9 ? sum + exp(chance) : sum
    }
    let odds = b * c == 0 ? (a * d == 0 ? .nan : .infinity) : Double(a * d) / Double(b * c)
    return TestResult(statistic: odds, p: min(1, p))
  }

  private static func logChoose(_ n: Int, _ k: Int) -> Double {
    SpecialFunctions.logGamma(Double(n) + 1) - SpecialFunctions.logGamma(Double(k) + 1) - SpecialFunctions.logGamma(Double(n - k) + 1)
  }
}
