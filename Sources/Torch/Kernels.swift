internal import Glibc

/// Whether the one-pass kernels are used where they could be. Without them everything is composed of ordinary operations, as on an
/// accelerator: what runs there can so be tried on the CPU.
public enum Kernels {
  /// False when the environment says ATTUNE_KERNELS=off. Setting it is for tests, and concerns the whole process.
  nonisolated(unsafe) public package(set) static var areOn = getenv("ATTUNE_KERNELS").map { String(cString: $0) != "off" } ?? true
}

extension Device {
  /// Whether the one-pass kernels work on this device: on the CPU, unless they are off.
  public var hasKernels: Bool { isCPU && Kernels.areOn }
}
