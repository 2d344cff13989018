/// An input for which a metric has no meaning; scikit-learn raises `ValueError` in the same places.
public enum MetricError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Two arrays that must run in parallel do not.
  case lengthsDiffer(String, Int, String, Int)
  /// The named array has no element.
  case empty(String)
  /// A value outside its domain: which array, where, and what was expected there.
  case outOfRange(String, index: Int, expected: String)
  /// The metric cannot be computed from what was given; the text says why and what to do.
  case undefined(String)

  public var description: String {
    switch self {
    case .lengthsDiffer(let a, let m, let b, let n): "\(a) has \(m) elements and \(b) has \(n); expected equally many"
    case .empty(let name): "\(name) is empty; expected at least one element"
    case .outOfRange(let name, let index, let expected): "\(name)[\(index)] is out of range; expected \(expected)"
    case .undefined(let reason): reason
    }
  }
}

func requireEqualCounts(_ a: String, _ m: Int, _ b: String, _ n: Int) throws(MetricError) {
  guard m == n else { throw .lengthsDiffer(a, m, b, n) }
  guard m > 0 else { throw .empty(a) }
}
