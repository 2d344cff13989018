internal import CTorch
import Glibc

/// The libtorch in this process and the machine under it.
public enum Runtime {
  /// libtorch's version, for instance `2.13.0`.
  public static var version: String { String(cString: ct_loaded_version()) }
  /// The version whose headers the shim was compiled with.
  public static var compiledVersion: String { String(cString: ct_compiled_version()) }
  /// The vector instructions libtorch chose: `AVX512`, `AVX2`, `DEFAULT`.
  public static var cpuCapability: String { String(cString: ct_cpu_capability()) }

  /// Threads that one operation may use. Setting it affects operations of every thread from then on.
  public static var threads: Int {
    get { Int(ct_get_threads()) }
    set { ct_set_threads(Int32(newValue)) }
  }

  /// Only algorithms whose result does not vary from run to run; operations that have none then trap.
  public static func setDeterministic(_ on: Bool) { ct_set_deterministic(on) }

  /// A binary belongs to the libtorch it was built for: layouts differ between versions and a mismatch corrupts memory.
  /// - Throws: `TorchError` when another one is loaded.
  public static func checkVersion() throws(TorchError) { try checkVersion(loaded: version, compiled: compiledVersion) }

  /// The build after the `+` (`cpu`, `cu130`) may differ: layouts do not.
  static func checkVersion(loaded: String, compiled: String) throws(TorchError) {
    func release(_ version: String) -> Substring { version.prefix { $0 != "+" } }
    guard release(loaded) == release(compiled) else {
      throw TorchError("start", "built for libtorch \(compiled) but loaded \(loaded); run scripts/setup and build again")
    }
  }

  /// Gives large CPU tensors an address range of their own, whose pages stay when a tensor goes: a step then neither faults
  /// its memory in again nor scatters it over malloc's heap. For a process that trains or predicts; call it first.
  public static func keepFreedMemory() { ct_keep_freed_memory() }
  /// Returns pages of that range that no tensor holds to the system.
  public static func releaseFreedMemory() { ct_release_freed_memory() }

  // MARK: Accelerators

  /// Loads the CUDA half of libtorch when it is installed (0.5 s); does nothing otherwise.
  public static func loadAccelerator() throws(TorchError) { try check(ct_load_accelerator(), attempting: "load the accelerator") }
  /// Accelerators found; 0 before `loadAccelerator`.
  public static var acceleratorCount: Int { Int(ct_accelerator_count()) }
  /// `cuda`, or an empty string without one.
  public static var acceleratorName: String { String(cString: ct_accelerator_name()) }
  /// Waits until everything queued on the accelerator is done.
  public static func synchronize(_ device: Device) throws(TorchError) {
    if !device.isCPU { try check(ct_synchronize(Int32(device.index)), attempting: "synchronize \(device)") }
  }

  /// Bytes on an accelerator.
  public struct DeviceMemory: Sendable {
    public var allocated, peak, free, total: Int
  }
  public static func memory(of device: Device) throws(TorchError) -> DeviceMemory {
    precondition(!device.isCPU, "memory(of:) is about accelerators; see residentMemory for the host")
    var (allocated, peak, free, total): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
    try check(ct_accelerator_memory(Int32(device.index), &allocated, &peak, &free, &total), attempting: "read the memory of \(device)")
    return DeviceMemory(allocated: Int(allocated), peak: Int(peak), free: Int(free), total: Int(total))
  }
  public static func resetPeakMemory(of device: Device) throws(TorchError) {
    if !device.isCPU { try check(ct_reset_peak_memory(Int32(device.index)), attempting: "reset the peak of \(device)") }
  }

  // MARK: Host memory

  /// Most bytes of physical memory this process ever held.
  public static var peakResidentMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
  /// Bytes of physical memory this process holds now.
  public static var residentMemory: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
