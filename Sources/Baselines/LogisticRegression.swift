import Glibc

/// The objective of L2-regularised logistic regression on sparse rows, scaled as scikit-learn's `C` is:
///
/// F(w) = C · Σ_i −ln p(y_i | x_i) + ½ ‖w‖², the intercepts unpenalised.
///
/// Weights are one row per column of x and a last row of intercepts, each of `width` numbers: one for two classes (the log odds
/// of class 1), else one per class. F is strongly convex in the penalised weights with modulus 1, so these are no further from
/// the optimum than the gradient is long: the stopping rule bounds the error of the coefficients.
struct LogisticObjective {
  let rows: SparseRows
  let labels: [Int]
  let classCount: Int
  let C: Double

  /// Numbers per item and per column.
  var width: Int { classCount == 2 ? 1 : classCount }
  var parameterCount: Int { (rows.columnCount + 1) * width }
  private var penalised: Int { rows.columnCount * width }

  /// Per-item scores of `weights`; linear in them.
  func scores(_ weights: [Double]) -> [Double] {
    [Double](unsafeUninitializedCapacity: rows.rowCount * width) { buffer, count in
      rows.multiply(weights, into: buffer.baseAddress!, width: width)
      count = rows.rowCount * width
    }
  }

  /// Σ_i −ln p(y_i), and into `residuals` its derivative by the scores: p − [y].
  /// With a `direction` also the first and second derivative of the sum along it.
  func loss(
    _ scores: [Double], residuals: inout [Double], along direction: [Double]? = nil
  ) -> (value: Double, slope: Double, curvature: Double) {
    var (value, slope, curvature) = (0.0, 0.0, 0.0)
    let K = width
    residuals.withUnsafeMutableBufferPointer { r in
      scores.withUnsafeBufferPointer { z in
        for i in labels.indices {
          let base = i * K
          if K == 1 {
            let y = Double(labels[i])
            // ln(1 + e^z) − y z without overflow, and p from the same exponential.
            let e = exp(-abs(z[i]))
            value += log1p(e) + max(z[i], 0) - y * z[i]
            let p = z[i] >= 0 ? 1 / (1 + e) : e / (1 + e)
            r[i] = p - y
            if let direction {
              slope += r[i] * direction[i]
              curvature += p * (1 - p) * direction[i] * direction[i]
            }
            continue
          }
          var top = z[base]
          for k in 1..<K { top = max(top, z[base + k]) }
          var sum = 0.0
          for k in 0..<K {
            let e = exp(z[base + k] - top)
            r[base + k] = e
            sum += e
          }
          value += log(sum) + top - z[base + labels[i]]
          var (mean, square) = (0.0, 0.0)
          for k in 0..<K {
            let p = r[base + k] / sum
            r[base + k] = p
            if let direction {
              mean += p * direction[base + k]
              square += p * direction[base + k] * direction[base + k]
            }
          }
          r[base + labels[i]] -= 1
          if let direction {
            slope += mean - direction[base + labels[i]]
            curvature += square - mean * mean
          }
        }
      }
    }
    return (value, slope, curvature)
  }

  /// ∇F from the weights and the residuals at them.
  func gradient(_ weights: [Double], _ residuals: [Double]) -> [Double] {
    var gradient = [Double](repeating: 0, count: parameterCount)
    gradient.withUnsafeMutableBufferPointer { g in
      rows.transposedMultiply(residuals, addTo: g.baseAddress!, width: width)
      for j in 0..<penalised { g[j] = C * g[j] + weights[j] }
      for j in penalised..<parameterCount { g[j] *= C }
    }
    return gradient
  }

  /// Σ over the penalised weights of a[j] · b[j].
  func penalisedDot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for j in 0..<penalised { sum += a[j] * b[j] }
    return sum
  }

  /// The diagonal of ∇²F at the point that has these residuals, from `squares`, the rows with every value squared.
  func diagonalHessian(_ residuals: [Double], _ squares: SparseRows) -> [Double] {
    // p (1 − p) = |p − y| (1 − |p − y|), whether y is 0 or 1.
    let spread = residuals.map { C * abs($0) * (1 - abs($0)) }
    var diagonal = [Double](repeating: 1, count: parameterCount)
    diagonal.withUnsafeMutableBufferPointer { d in
      for k in 0..<width { d[penalised + k] = 1e-3 }  // an intercept's own curvature only, but never 0
      squares.transposedMultiply(spread, addTo: d.baseAddress!, width: width)
    }
    return diagonal
  }
}
