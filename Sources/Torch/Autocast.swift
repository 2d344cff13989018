internal import CTorch

/// Runs `body` with matrix products, linear layers and attention computed in `dtype` (bfloat16 or float16) on `device`,
/// everything sensitive staying in float32, as `torch.autocast` decides. Cast weights are cached until the outermost scope ends.
public func autocast<R>(_ dtype: DType, on device: Device, _ body: () throws -> R) rethrows -> R {
  precondition(dtype == .bfloat16 || dtype == .float16, "autocast to \(dtype): expected bfloat16 or float16")
  var wasOn = false
  var wasDType: Int32 = 0
  ct_autocast_enter(device.kind.rawValue, dtype.rawValue, &wasOn, &wasDType)
  defer { ct_autocast_leave(device.kind.rawValue, wasOn, wasDType) }
  return try body()
}
