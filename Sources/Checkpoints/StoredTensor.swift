public import Files

/// A tensor inside a mapped file: where its bytes are, not the bytes.
///
/// Everything about it was checked when the file was opened, so reading cannot fail. The mapping lives as long as any of its tensors.
public struct StoredTensor: Sendable {
  public let name: String
  public let dtype: StoredDType
  /// Sizes of the dimensions, outermost first; empty for a scalar.
  public let shape: [Int]
  /// Elements to step along each dimension; nil when the elements lie in row-major order without gaps.
  let strides: [Int]?
  /// The first element's byte in `file`.
  let offset: Int
  public let file: MappedFile

  init(name: String, dtype: StoredDType, shape: [Int], strides: [Int]? = nil, offset: Int, file: MappedFile) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    // A dimension of size 1 is never stepped along; its stride may be any number.
    self.strides = strides.flatMap { Self.isRowMajor(shape, $0) ? nil : zip(shape, $0).map { $0 == 1 ? 0 : $1 } }
    self.offset = offset
    self.file = file
  }

  /// Number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// Bytes of the elements in row-major order.
  public var byteCount: Int { count * dtype.bits / 8 }
  /// Bytes from the first element to the end of the last in `file`.
  var extent: Int { strides.map { (zip(shape, $0).reduce(1) { $0 + ($1.0 - 1) * $1.1 }) * dtype.bits / 8 } ?? byteCount }
  /// Whether `withUnsafeBytes` lends the file's own pages.
  public var isContiguous: Bool { strides == nil }

  /// Lends the elements in row-major order, `byteCount` bytes, valid inside `body` only. Only a strided view is copied.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    defer { withExtendedLifetime(file) {} }
    guard isContiguous else {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
      defer { copy.deallocate() }
      gather(into: copy)
      return try body(UnsafeRawBufferPointer(copy))
    }
    return try body(UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + byteCount]))
  }

  /// Writes the elements in row-major order to `destination`, which has `byteCount` bytes.
  func gather(into destination: UnsafeMutableRawBufferPointer) {
    defer { withExtendedLifetime(file) {} }
    guard let strides else {
      destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + byteCount]))
      return
    }
    let size = dtype.bits / 8  // the formats with strides have whole-byte elements only
    var index = [Int](repeating: 0, count: shape.count)
    var source = offset
    for position in stride(from: 0, to: byteCount, by: size) {
      (destination.baseAddress! + position).copyMemory(from: file.bytes.baseAddress! + source, byteCount: size)
      // The next index, counting like an odometer.
      for dimension in shape.indices.reversed() {
        index[dimension] += 1
        source += strides[dimension] * size
        if index[dimension] < shape[dimension] { break }
        source -= shape[dimension] * strides[dimension] * size
        index[dimension] = 0
      }
    }
  }

  private static func isRowMajor(_ shape: [Int], _ strides: [Int]) -> Bool {
    guard !shape.contains(0) else { return true }
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() {
      if size != 1 && stride != expected { return false }
      expected *= size
    }
    return true
  }

  /// The most dimensions a tensor may have (libtorch's own bound for a view).
  static let maximumRank = 64

  /// The number of elements of `shape`; nil when it is negative somewhere or does not fit in `Int`.
  static func count(_ shape: [Int]) -> Int? {
    // A zero does not excuse the other dimensions: libtorch multiplies them for its strides.
    var product = 1
    var hasZero = false
    for size in shape {
      guard size >= 0 else { return nil }
      if size == 0 { hasZero = true } else {
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        if overflow { return nil }
        product = next
      }
    }
    return hasZero ? 0 : product
  }
}
