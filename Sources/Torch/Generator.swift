internal import CTorch

/// A source of random numbers whose state can be saved and restored, so that a resumed run draws what the uninterrupted one would.
public final class Generator {
  let handle: OpaquePointer

  private init(owning handle: OpaquePointer) { self.handle = handle }
  deinit { ct_generator_free(handle) }

  /// An independent generator on the CPU.
  public convenience init(seed: UInt64) {
    var out: OpaquePointer?
    trap(ct_generator_new(Int32(CT_CPU), 0, seed, &out), "Generator")
    self.init(owning: out!)
  }

  /// The generator that operations draw from when none is passed (dropout does).
  public static func defaultGenerator(of device: Device = .cpu) -> Generator {
    var out: OpaquePointer?
    trap(ct_generator_default(device.kind.rawValue, Int32(device.index), &out), "Generator")
    return Generator(owning: out!)
  }

  public func seed(_ seed: UInt64) { trap(ct_generator_seed(handle, seed), "seed") }

  /// The next 64 random bits (CPU generators only).
  public func next() -> UInt64 {
    var out: UInt64 = 0
    trap(ct_generator_random64(handle, &out), "next")
    return out
  }

  /// The whole state, as bytes; assigning it continues from there.
  public var state: [UInt8] {
    get { make("state") { ct_generator_state(handle, $0) }.array(UInt8.self) }
    set { let bytes = Tensor(newValue); trap(ct_generator_set_state(handle, bytes.handle), "state") }
  }
}

@available(*, unavailable, message: "a generator belongs to the thread that draws from it")
extension Generator: @unchecked Sendable {}
