internal import CTorch

/// An n-dimensional array of libtorch, with or without a gradient.
///
/// A `Tensor` owns one handle and gives it back when the last Swift reference goes; memory is returned at once, without
/// pools or scopes. Operations return new tensors, methods that end in an underscore-free verb (`fill`, `add`) change the
/// receiver. Shapes and dtypes that do not fit are programming errors and trap with libtorch's words.
///
/// Tensors never cross threads: gradient mode and autocast belong to the thread. What crosses is `Batch`.
public final class Tensor {
  let handle: OpaquePointer

  /// Takes ownership of a new reference from the shim.
  init(owning handle: OpaquePointer) { self.handle = handle }

  deinit { ct_free(handle) }

  // MARK: Properties

  public var rank: Int { Int(ct_dim(handle)) }

  /// Sizes of the dimensions, outermost first.
  public var shape: [Int] {
    let sizes = ct_sizes(handle)
    return (0..<rank).map { Int(sizes![$0]) }
  }

  /// Elements to step in memory along each dimension.
  public var strides: [Int] {
    let strides = ct_strides(handle)
    return (0..<rank).map { Int(strides![$0]) }
  }

  /// Number of elements.
  public var count: Int { Int(ct_numel(handle)) }

  public var dtype: DType {
    guard let dtype = DType(rawValue: ct_dtype(handle)) else { fatalError("Tensor: a dtype this binding does not know") }
    return dtype
  }

  public var device: Device {
    var index: Int32 = 0
    return ct_device(handle, &index) == Int32(CT_CPU) ? .cpu : .accelerator(Int(index))
  }

  public var isContiguous: Bool { ct_is_contiguous(handle) }

  /// Size of dimension `dim`; negative counts from the end.
  public func size(_ dim: Int) -> Int {
    let rank = self.rank
    precondition(dim >= -rank && dim < rank, "dimension \(dim) of a tensor of rank \(rank)")
    return Int(ct_sizes(handle)[dim < 0 ? dim + rank : dim])
  }

  // MARK: Reading

  /// The value of a one-element tensor, as a Double.
  public var item: Double {
    var value = 0.0
    trap(ct_item_double(handle, &value), "item")
    return value
  }

  /// The value of a one-element integer tensor.
  public var intItem: Int {
    var value: Int64 = 0
    trap(ct_item_int(handle, &value), "intItem")
    return Int(value)
  }

  /// Every element in row-major order, converted to `T`.
  public func array<T: TensorElement>(_ type: T.Type = T.self) -> [T] {
    let source = self.to(.cpu).to(T.dtype).contiguous()
    return source.withBytes { Array($0.bindMemory(to: T.self)) }
  }

  /// The memory of a contiguous tensor on the CPU; valid inside `body` only.
  public func withBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
    var data: UnsafeMutableRawPointer?
    trap(ct_data(handle, &data), "withBytes")
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeMutableRawBufferPointer(start: data, count: count * dtype.size))
  }

  /// Same shape and same values (dtype included), element by element; NaN differs from itself.
  public func isEqual(to other: Tensor) -> Bool {
    guard dtype == other.dtype else { return false }
    var equal = false
    trap(ct_equal(handle, other.handle, &equal), "isEqual")
    return equal
  }

  /// Tensors of this process that have not been given back: a leak shows as growth.
  public static var liveCount: Int { Int(ct_live_tensors()) }
}

@available(*, unavailable, message: "gradient mode and autocast belong to a thread: send a Batch, not a Tensor")
extension Tensor: @unchecked Sendable {}

extension Tensor: CustomStringConvertible {
  public var description: String {
    "Tensor(\(shape.map(String.init).joined(separator: "×")), \(dtype), \(device))"
  }
}

/// Calls a shim function that gives one tensor, and takes ownership of it.
@inline(__always)
func make(_ operation: StaticString, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> ct_status) -> Tensor {
  var out: OpaquePointer?
  trap(body(&out), operation)
  return Tensor(owning: out!)
}

/// Lends the handles of `tensors` as the array the shim's list functions take.
@inline(__always)
func withHandles<R>(_ tensors: [Tensor], _ body: (UnsafePointer<OpaquePointer?>, Int) -> R) -> R {
  let handles = tensors.map { Optional($0.handle) }
  return withExtendedLifetime(tensors) { handles.withUnsafeBufferPointer { body($0.baseAddress ?? emptyHandles, $0.count) } }
}

nonisolated(unsafe) private let emptyHandles = UnsafePointer(UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 1))

func int64s(_ values: [Int]) -> [Int64] { values.map(Int64.init) }
