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

  /// Σ_i −ln p(y_i), and into `probabilities` what the scores make them: of class 1 for two classes, else of each class.
  /// With a `direction` also the first and second derivative of the sum along it.
  func loss(
    _ scores: [Double], _ probabilities: inout [Double], along direction: [Double]? = nil
  ) -> (value: Double, slope: Double, curvature: Double) {
    var (value, slope, curvature) = (0.0, 0.0, 0.0)
    let K = width
    probabilities.withUnsafeMutableBufferPointer { p in
      scores.withUnsafeBufferPointer { z in
        for i in labels.indices {
          let base = i * K
          if K == 1 {
            let y = Double(labels[i])
            // ln(1 + e^z) − y z without overflow, and p from the same exponential.
            let e = exp(-abs(z[i]))
            value += log1p(e) + max(z[i], 0) - y * z[i]
            p[i] = z[i] >= 0 ? 1 / (1 + e) : e / (1 + e)
            if let direction {
              slope += (p[i] - y) * direction[i]
              curvature += p[i] * (1 - p[i]) * direction[i] * direction[i]
            }
            continue
          }
          var top = z[base]
          for k in 1..<K { top = max(top, z[base + k]) }
          var sum = 0.0
          for k in 0..<K {
            let e = exp(z[base + k] - top)
            p[base + k] = e
            sum += e
          }
          value += log(sum) + top - z[base + labels[i]]
          for k in 0..<K { p[base + k] /= sum }
          if let direction {
            var (mean, square) = (0.0, 0.0)
            for k in 0..<K {
              mean += p[base + k] * direction[base + k]
              square += p[base + k] * direction[base + k] * direction[base + k]
            }
            slope += mean - direction[base + labels[i]]
            curvature += square - mean * mean
          }
        }
      }
    }
    return (value, slope, curvature)
  }

  /// ∇F from the weights and the probabilities at them: C · Xᵀ(p − [y]) + w.
  func gradient(_ weights: [Double], _ probabilities: [Double]) -> [Double] {
    var gradient = weights
    gradient.withUnsafeMutableBufferPointer { g in
      for j in penalised..<parameterCount { g[j] = 0 }
      withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { residual in
        rows.forEachRow { i, row in
          for k in 0..<width { residual[k] = C * probabilities[i * width + k] }
          residual[width == 1 ? 0 : labels[i]] -= width == 1 ? C * Double(labels[i]) : C
          row.addProduct(residual.baseAddress!, to: g.baseAddress!, width: width)
        }
      }
    }
    return gradient
  }

  /// `product = ∇²F · direction` at the point that has these probabilities, and into `scores` X · direction, in one pass over the
  /// rows: the Hessian is C · XᵀSX + 1, and S has a block of its own for each row, p (1 − p) or diag(p) − ppᵀ.
  func multiplyHessian(_ direction: [Double], _ probabilities: [Double], into product: inout [Double], scores: inout [Double]) {
    let K = width
    product.withUnsafeMutableBufferPointer { product in
      for j in 0..<parameterCount { product[j] = j < penalised ? direction[j] : 0 }  // in place: these are megabytes
      scores.withUnsafeMutableBufferPointer { scores in
        probabilities.withUnsafeBufferPointer { probabilities in
          direction.withUnsafeBufferPointer { direction in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: K) { spread in
              rows.forEachRow { i, row in
                let z = scores.baseAddress! + i * K
                let p = probabilities.baseAddress! + i * K
                row.multiply(direction.baseAddress!, into: z, width: K)
                if K == 1 {
                  spread[0] = C * p[0] * (1 - p[0]) * z[0]
                } else {
                  var mean = 0.0
                  for k in 0..<K { mean += p[k] * z[k] }
                  for k in 0..<K { spread[k] = C * p[k] * (z[k] - mean) }
                }
                row.addProduct(spread.baseAddress!, to: product.baseAddress!, width: K)
              }
            }
          }
        }
      }
    }
  }

  /// Σ over the penalised weights of a[j] · b[j].
  func penalisedDot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for j in 0..<penalised { sum += a[j] * b[j] }
    return sum
  }
}
