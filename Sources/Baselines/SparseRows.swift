/// A sparse matrix in compressed rows: row i holds `values[k]` in column `columns[k]` for k in `starts[i]..<starts[i + 1]`.
struct SparseRows: Sendable {
  var columnCount: Int
  var starts: [Int32] = [0]
  var columns: [Int32] = []
  var values: [Double] = []

  var rowCount: Int { starts.count - 1 }

  /// `result[i, :] = Σ_j x[i, j] · w[j, :] + w[columnCount, :]`: the products with dense weights that end in a row of intercepts.
  /// w: (columnCount + 1, K), result: (rowCount, K), both row-major.
  func multiply(_ w: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>, width K: Int) {
    let bias = w + columnCount * K
    forEachRow { i, columns, values in
      let row = result + i * K
      if K == 1 {
        var sum = bias[0]
        for k in columns.indices { sum += values[k] * w[Int(columns[k])] }
        row[0] = sum
      } else {
        row.update(from: bias, count: K)
        for k in columns.indices { addScaled(values[k], w + Int(columns[k]) * K, to: row, K) }
      }
    }
  }

  /// `result[j, :] += Σ_i x[i, j] · r[i, :]` and `result[columnCount, :] += Σ_i r[i, :]`: the transposed product.
  func transposedMultiply(_ r: UnsafePointer<Double>, addTo result: UnsafeMutablePointer<Double>, width K: Int) {
    let bias = result + columnCount * K
    forEachRow { i, columns, values in
      let row = r + i * K
      if K == 1 {
        let factor = row[0]
        bias[0] += factor
        for k in columns.indices { result[Int(columns[k])] += values[k] * factor }
      } else {
        addScaled(1, row, to: bias, K)
        for k in columns.indices { addScaled(values[k], row, to: result + Int(columns[k]) * K, K) }
      }
    }
  }

  /// The same rows with every value squared.
  var squared: SparseRows {
    var copy = self
    for k in copy.values.indices { copy.values[k] *= copy.values[k] }
    return copy
  }

  private func forEachRow(_ body: (Int, UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Double>) -> Void) {
    columns.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer { values in
        for i in 0..<rowCount {
          let range = Int(starts[i])..<Int(starts[i + 1])
          body(i, UnsafeBufferPointer(rebasing: columns[range]), UnsafeBufferPointer(rebasing: values[range]))
        }
      }
    }
  }
}

/// y[0..<K] += a · x[0..<K]
@inline(__always)
private func addScaled(_ a: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, _ K: Int) {
  var k = 0
  while k + 4 <= K {
    let source = UnsafeRawPointer(x + k).loadUnaligned(as: SIMD4<Double>.self)
    let target = UnsafeRawPointer(y + k).loadUnaligned(as: SIMD4<Double>.self)
    UnsafeMutableRawPointer(y + k).storeBytes(of: target + a * source, as: SIMD4<Double>.self)
    k += 4
  }
  while k < K {
    y[k] += a * x[k]
    k += 1
  }
}
