internal import CTorch

extension Tensor {
  /// A tensor of `values` in row-major order.
  public convenience init<T: TensorElement>(_ values: [T], shape: [Int]? = nil, device: Device = .cpu) {
    let shape = shape ?? [values.count]
    precondition(shape.reduce(1, *) == values.count, "\(values.count) values do not fill shape \(shape)")
    let tensor = values.withUnsafeBytes { bytes in
      make("init") { ct_from_data(bytes.baseAddress, int64s(shape), shape.count, T.dtype.rawValue, $0) }
    }
    self.init(taking: device.isCPU ? tensor : tensor.to(device))
  }

  /// A tensor without dimensions.
  public convenience init<T: TensorElement>(scalar value: T, device: Device = .cpu) { self.init([value], shape: [], device: device) }

  /// Borrows host memory, without copying, for as long as any view of it lives; `owner` is kept until then.
  public static func borrowing(_ memory: UnsafeMutableRawPointer, shape: [Int], dtype: DType, owner: AnyObject) -> Tensor {
    let context = Unmanaged.passRetained(owner).toOpaque()
    return make("borrowing") {
      ct_from_blob(memory, int64s(shape), shape.count, dtype.rawValue, { Unmanaged<AnyObject>.fromOpaque($0!).release() }, context, $0)
    }
  }

  /// Uninitialised memory.
  public static func empty(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    make("empty") { ct_empty(int64s(shape), shape.count, dtype.rawValue, device.kind.rawValue, Int32(device.index), $0) }
  }
  public static func full(_ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    make("full") { ct_full(int64s(shape), shape.count, value, dtype.rawValue, device.kind.rawValue, Int32(device.index), $0) }
  }
  public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    full(shape, 0, dtype: dtype, device: device)
  }
  public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    full(shape, 1, dtype: dtype, device: device)
  }
  /// `start, start + step, ...` below `end`.
  public static func arange(_ start: Double = 0, _ end: Double, step: Double = 1, dtype: DType = .int64, device: Device = .cpu) -> Tensor {
    make("arange") { ct_arange(start, end, step, dtype.rawValue, device.kind.rawValue, Int32(device.index), $0) }
  }
  /// The identity matrix of n rows.
  public static func eye(_ n: Int, dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    make("eye") { ct_eye(Int64(n), dtype.rawValue, device.kind.rawValue, Int32(device.index), $0) }
  }

  public func zerosLike() -> Tensor { make("zerosLike") { ct_zeros_like(handle, $0) } }
  public func onesLike() -> Tensor { make("onesLike") { ct_ones_like(handle, $0) } }
  public func emptyLike() -> Tensor { make("emptyLike") { ct_empty_like(handle, $0) } }

  /// Uniform in [0, 1).
  public static func rand(_ shape: [Int], generator: Generator? = nil, dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    make("rand") { ct_rand(int64s(shape), shape.count, generator?.handle, dtype.rawValue, device.kind.rawValue, Int32(device.index), $0) }
  }
  /// Standard normal.
  public static func randn(_ shape: [Int], generator: Generator? = nil, dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    make("randn") { ct_randn(int64s(shape), shape.count, generator?.handle, dtype.rawValue, device.kind.rawValue, Int32(device.index), $0) }
  }
  /// Integers in [low, high).
  public static func randint(_ low: Int, _ high: Int, _ shape: [Int], generator: Generator? = nil, device: Device = .cpu) -> Tensor {
    make("randint") { ct_randint(Int64(low), Int64(high), int64s(shape), shape.count, generator?.handle, device.kind.rawValue, Int32(device.index), $0) }
  }
  /// A random permutation of 0..<n.
  public static func randperm(_ n: Int, generator: Generator? = nil) -> Tensor {
    make("randperm") { ct_randperm(Int64(n), generator?.handle, $0) }
  }
  /// 1 with each element's probability, else 0.
  public func bernoulli(generator: Generator? = nil) -> Tensor { make("bernoulli") { ct_bernoulli(handle, generator?.handle, $0) } }
  /// `count` indices a row, drawn with the row's weights.
  public func multinomial(_ count: Int, replacement: Bool = false, generator: Generator? = nil) -> Tensor {
    make("multinomial") { ct_multinomial(handle, Int64(count), replacement, generator?.handle, $0) }
  }

  // MARK: Conversion

  /// This tensor in another dtype; itself when it already is.
  public func to(_ dtype: DType) -> Tensor { self.dtype == dtype ? self : make("to") { ct_to_dtype(handle, dtype.rawValue, $0) } }
  /// This tensor on another device; itself when it is there.
  public func to(_ device: Device) -> Tensor {
    self.device == device ? self : make("to") { ct_to_device(handle, device.kind.rawValue, Int32(device.index), $0) }
  }
  public func contiguous() -> Tensor { make("contiguous") { ct_contiguous(handle, $0) } }
  public func clone() -> Tensor { make("clone") { ct_clone(handle, $0) } }

  /// Takes over another tensor's identity: the bridge from factory functions to initialisers.
  private convenience init(taking other: Tensor) {
    var out: OpaquePointer?
    trap(ct_alias(other.handle, &out), "init")
    self.init(owning: out!)
  }
}
