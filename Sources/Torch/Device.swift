internal import CTorch

/// Where a tensor lives: the host, or one accelerator (CUDA, or whatever this libtorch serves).
public struct Device: Hashable, Sendable, CustomStringConvertible {
  enum Kind: Int32, Sendable { case cpu, accelerator }

  let kind: Kind
  /// Which accelerator; 0 for the CPU.
  public let index: Int

  public static let cpu = Device(kind: .cpu, index: 0)
  public static func accelerator(_ index: Int = 0) -> Device { Device(kind: .accelerator, index: index) }

  public var isCPU: Bool { kind == .cpu }

  public var description: String { isCPU ? "cpu" : "\(Runtime.acceleratorName):\(index)" }

  /// Reads the command line's spelling: `auto`, `cpu`, `cuda`, `cuda:1`.
  /// - Throws: `TorchError` when that device is not there, saying which are.
  public init(named name: String) throws(TorchError) {
    if name == "cpu" {
      self = .cpu
      return
    }
    try Runtime.loadAccelerator()
    let count = Runtime.acceleratorCount
    if name == "auto" {
      self = count > 0 ? .accelerator(0) : .cpu
      return
    }
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let index = parts.count == 2 ? Int(parts[1]) : 0
    guard parts.first == "cuda", let index, index >= 0 else {
      throw TorchError("choose device '\(name)'", "expected auto, cpu, cuda or cuda:N")
    }
    guard index < count else {
      throw TorchError("choose device '\(name)'", "found \(count) accelerators with libtorch \(Runtime.version); use --device cpu, or a CUDA build of libtorch")
    }
    self = .accelerator(index)
  }

  private init(kind: Kind, index: Int) {
    self.kind = kind
    self.index = index
  }
}
