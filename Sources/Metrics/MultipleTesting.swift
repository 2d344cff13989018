import Glibc

/// Many tests at once: p values adjusted so that comparing each with α keeps the errors of the whole family in check.
public enum MultipleTesting: String, Sendable, CaseIterable {
  // The chance of any false alarm stays below α.
  case bonferroni
  case holm
  case sidak
  case holmSidak = "holm-sidak"
  case hommel
  case hochberg = "simes-hochberg"
  // The share of false alarms among the alarms stays below α.
  case benjaminiHochberg = "fdr_bh"
  case benjaminiYekutieli = "fdr_by"

  /// The adjusted p values, in the order given, at most 1. A test without a p value (NaN) stays so; Bonferroni counts it, the others do not.
  public func adjusted(_ p: [Double]) throws(MetricError) -> [Double] {
    if let bad = p.firstIndex(where: { $0 < 0 || $0 > 1 }) { throw .outOfRange("p", index: bad, expected: "a p value in 0...1, or NaN") }
    if self == .bonferroni { return p.map { $0.isNaN ? .nan : min(1, $0 * Double(p.count)) } }
    let order = p.indices.filter { !p[$0].isNaN }.sorted { p[$0] < p[$1] }
    var result = p
    for (position, value) in zip(order, rising(order.map { p[$0] })) { result[position] = min(1, value) }
    return result
  }

  /// For p values in rising order.
  private func rising(_ p: [Double]) -> [Double] {
    let n = Double(p.count)
    func steppedUp(_ factor: (Int) -> Double) -> [Double] {
      var lowest = Double.infinity
      return p.indices.reversed().map { index in
        lowest = min(lowest, p[index] * factor(index))
        return lowest
      }.reversed()
    }
    func steppedDown(_ value: (Int) -> Double) -> [Double] {
      var highest = 0.0
      return p.indices.map { index in
        highest = max(highest, value(index))
        return highest
      }
    }
    switch self {
    case .bonferroni: return p.map { $0 * n }
    case .holm: return steppedDown { p[$0] * (n - Double($0)) }
    case .sidak: return p.map { -expm1(n * log1p(-$0)) }
    case .holmSidak: return steppedDown { -expm1((n - Double($0)) * log1p(-p[$0])) }
    case .hochberg: return steppedUp { n - Double($0) }
    case .benjaminiHochberg: return steppedUp { n / Double($0 + 1) }
    case .benjaminiYekutieli:
      var harmonic = 0.0
      for index in p.indices { harmonic += 1 / Double(index + 1) }
      return steppedUp { n * harmonic / Double($0 + 1) }
    case .hommel: return hommel(p)
    }
  }

  private func hommel(_ p: [Double]) -> [Double] {
    var result = p
    for m in stride(from: p.count, to: 1, by: -1) {
      let top = p.count - m
      let factor = Double(m)
      var simes = Double.infinity
      for k in top..<p.count { simes = min(simes, factor * p[k] / Double(k - top + 1)) }
      for k in p.indices { result[k] = max(result[k], k >= top ? simes : min(factor * p[k], simes)) }
    }
    return result
  }
}
