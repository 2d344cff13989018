public import Testing

/// Compares whole arrays element by element and records one issue that names the worst element.
///
/// Elements agree when |actual - expected| ≤ absolute + relative · |expected|, when they are the same infinity, or when both
/// are NaN. The default tolerances are those of float32 arithmetic in a different order.
/// - Parameter what: named in the issue, e.g. `layer 3 attention output`.
/// - Returns: whether the arrays agree.
@discardableResult
public func expectClose(
  _ actual: [Float], _ expected: [Float], relative: Double = 1e-5, absolute: Double = 1e-5, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) -> Bool {
  report(worst(actual, expected, relative, absolute), what, sourceLocation)
}

/// The same for float64, to tolerances of 1e-10.
@discardableResult
public func expectClose(
  _ actual: [Double], _ expected: [Double], relative: Double = 1e-10, absolute: Double = 1e-10, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) -> Bool {
  report(worst(actual, expected, relative, absolute), what, sourceLocation)
}

/// What to say about the element that is furthest beyond its tolerance; nil when all are within.
func worst<T: BinaryFloatingPoint>(_ actual: [T], _ expected: [T], _ relative: Double, _ absolute: Double) -> String? {
  guard actual.count == expected.count else { return "found \(actual.count) elements, expected \(expected.count)" }
  var (worst, excess, beyond) = (-1, 0.0, 0)
  for (index, (a, e)) in zip(actual, expected).enumerated() {
    if a == e || (a.isNaN && e.isNaN) { continue }
    let ratio = Double((a - e).magnitude) / (absolute + relative * Double(e.magnitude))
    if ratio <= 1 { continue }  // a NaN or an infinity on one side only is not
    beyond += 1
    // NaN compares with nothing, so it counts as infinitely far.
    if worst < 0 || (ratio.isNaN ? .infinity : ratio) > excess { (worst, excess) = (index, ratio.isNaN ? .infinity : ratio) }
  }
  guard worst >= 0 else { return nil }
  return "element \(worst) is \(actual[worst]), expected \(expected[worst]): \(excess) times the tolerance "
    + "(relative \(relative), absolute \(absolute)); \(beyond) of \(actual.count) elements are beyond it"
}

private func report(_ problem: String?, _ what: String, _ sourceLocation: SourceLocation) -> Bool {
  guard let problem else { return true }
  Issue.record(what.isEmpty ? "\(problem)" : "\(what): \(problem)", sourceLocation: sourceLocation)
  return false
}
