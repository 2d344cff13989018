internal import COpenBLAS

/// OpenBLAS, opened on first use. Holding a value proves that it is there.
struct BLAS: Sendable {
  /// - Throws: `BaselineError.openBLAS` with what to install.
  init() throws(BaselineError) {
    guard co_load() == 0 else { throw .openBLAS(String(cString: co_last_error())) }
  }

  /// Σ x[i] · y[i]
  func dot(_ x: [Double], _ y: [Double]) -> Double { co_ddot(Int32(x.count), x, y) }

  /// Euclidean norm.
  func norm(_ x: [Double]) -> Double { co_dnrm2(Int32(x.count), x) }

  /// y += a · x
  func add(_ a: Double, _ x: [Double], to y: inout [Double]) { co_daxpy(Int32(x.count), a, x, &y) }

  /// x *= a
  func scale(_ a: Double, _ x: inout [Double]) { co_dscal(Int32(x.count), a, &x) }
}
