import Configuration
import Files
import Torch

/// Device, precision and threads, resolved from what was asked and what the machine has.
struct ComputeChoice {
  let device: Device
  /// float32, or the dtype of autocast.
  let dtype: DType

  /// Applies the process-wide part (threads, determinism) too.
  init(device: DeviceChoice, precision: Precision, threads: Int?, deterministic: Bool) throws {
    try Runtime.checkVersion()
    Runtime.keepFreedMemory()
    self.device = try Device(named: device.yaml)
    dtype =
      switch precision {
      case .fp32: .float32
      case .bf16: .bfloat16
      case .auto: !self.device.isCPU || Self.processorMultipliesBFloat16 ? .bfloat16 : .float32
      }
    if let threads { Runtime.threads = threads }
    Runtime.setDeterministic(deterministic)
  }

  init(_ options: RuntimeOptions) throws {
    try self.init(device: options.device, precision: options.precision, threads: options.threads, deterministic: options.deterministic)
  }

  /// What matrices under an adapter are held in: single precision where everything is computed in it, else as stored.
  var frozenType: DType? { dtype == .float32 ? .float32 : nil }

  /// Most bytes held so far: of the process, or of tensors on an accelerator.
  func peakMemory() throws -> Int { device.isCPU ? Runtime.peakResidentMemory : try Runtime.memory(of: device).peak }

  var summary: String { "\(device), \(dtype == .float32 ? "fp32" : "bf16"), \(Runtime.threads) thread\(Runtime.threads == 1 ? "" : "s")" }

  /// Whether bfloat16 products are faster than float32 ones here (AVX512-BF16 or AMX).
  static let processorMultipliesBFloat16: Bool = {
    guard let text = try? FileSystem.text("/proc/cpuinfo") else { return false }
    return text.contains("avx512_bf16") || text.contains("amx_bf16")
  }()
}
