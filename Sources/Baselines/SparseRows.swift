/// A sparse matrix in compressed rows: row i holds `values[k]` in column `columns[k]` for k in `starts[i]..<starts[i + 1]`.
struct SparseRows: Sendable {
  var columnCount: Int
  var starts: [Int32] = [0]
  var columns: [Int32] = []
  var values: [Double] = []

  var rowCount: Int { starts.count - 1 }

  /// One row, borrowed from the matrix, and its two products with dense matrices of `width` columns, stored by rows, whose last
  /// row belongs to the intercept: (columnCount + 1, width).
  struct Row {
    let columns: UnsafeBufferPointer<Int32>
    let values: UnsafeBufferPointer<Double>
    let bias: Int

    /// Where number `at` of the dense row that value `k` meets lies. No overflow: the matrix is in memory.
    @inline(__always)
    private func offset(_ k: Int, _ at: Int, _ width: Int) -> Int { Int(columns[k]) &* width &+ at }

    /// `result[:] = Σ_j x[j] · w[j, :] + w[columnCount, :]`, `width` numbers.
    @inline(__always)
    func multiply(_ w: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>, width: Int) {
      forEachBlock(width) { at in
        var sum = load8(w + bias * width + at)
        for k in columns.indices { sum += values[k] * load8(w + offset(k, at, width)) }
        store8(sum, result + at)
      } rest: { at in
        var sum = w[bias * width + at]
        for k in columns.indices { sum += values[k] * w[offset(k, at, width)] }
        result[at] = sum
      }
    }

    /// `result[j, :] += x[j] · r[:]` and `result[columnCount, :] += r[:]`: this row's part of the transposed product.
    @inline(__always)
    func addProduct(_ r: UnsafePointer<Double>, to result: UnsafeMutablePointer<Double>, width: Int) {
      forEachBlock(width) { at in
        let factor = load8(r + at)
        let intercepts = result + bias * width + at
        store8(load8(intercepts) + factor, intercepts)
        for k in columns.indices {
          let target = result + offset(k, at, width)
          store8(load8(target) + values[k] * factor, target)
        }
      } rest: { at in
        let factor = r[at]
        result[bias * width + at] += factor
        for k in columns.indices { result[offset(k, at, width)] += values[k] * factor }
      }
    }
  }

  /// Calls `body` with each row and its number.
  @inline(__always)
  func forEachRow(_ body: (Int, Row) -> Void) {
    columns.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer { values in
        for i in 0..<rowCount {
          let range = Int(starts[i])..<Int(starts[i + 1])
          body(i, Row(columns: UnsafeBufferPointer(rebasing: columns[range]), values: UnsafeBufferPointer(rebasing: values[range]), bias: columnCount))
        }
      }
    }
  }
}

/// Columns 0..<width in blocks of eight, whose sums stay in registers while a row is walked, and the rest one by one.
@inline(__always)
private func forEachBlock(_ width: Int, _ eight: (Int) -> Void, rest: (Int) -> Void) {
  var at = 0
  while at + 8 <= width {
    eight(at)
    at += 8
  }
  while at < width {
    rest(at)
    at += 1
  }
}

@inline(__always)
private func load8(_ p: UnsafePointer<Double>) -> SIMD8<Double> { UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Double>.self) }

@inline(__always)
private func store8(_ v: SIMD8<Double>, _ p: UnsafeMutablePointer<Double>) { UnsafeMutableRawPointer(p).storeBytes(of: v, as: SIMD8<Double>.self) }
