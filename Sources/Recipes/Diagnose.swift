import Configuration
import Reports
import Torch

/// The part of `attune doctor` that only the process with libtorch can answer.
struct Diagnose {
  func run() throws -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    do {
      try Runtime.checkVersion()
      findings.append(DoctorFinding("libtorch", .fine, "\(Runtime.version), \(Runtime.cpuCapability)"))
    } catch {
      findings.append(DoctorFinding("libtorch", .problem, error.description, advice: "Run scripts/setup and build again"))
    }
    do {
      try Runtime.loadAccelerator()
      let count = Runtime.acceleratorCount
      findings.append(DoctorFinding("devices", .fine, count == 0 ? "cpu" : "cpu, \(count) x \(Runtime.acceleratorName)"))
    } catch {
      findings.append(DoctorFinding("devices", .warning, error.description, advice: "Use --device cpu, or repair the CUDA installation"))
    }
    findings.append(DoctorFinding("threads", .fine, "\(Runtime.threads)"))
    findings.append(
      DoctorFinding("precision", .fine, ComputeChoice.processorMultipliesBFloat16 ? "auto is bf16: the processor multiplies it in hardware" : "auto is fp32 on this processor"))
    findings.append(DoctorFinding("memory of this process", .fine, "\(Format.fixed(Double(Runtime.residentMemory) / 1e6, 0)) MB"))
    return findings
  }
}
