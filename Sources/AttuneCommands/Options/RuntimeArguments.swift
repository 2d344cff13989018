import ArgumentParser
import Configuration

/// Where and how tensors are computed.
struct RuntimeArguments: ParsableArguments {
  @Option(help: ArgumentHelp("auto, cpu, cuda or cuda:N.", valueName: "device")) var device: DeviceChoice?
  @Option(help: "fp32, bf16, or auto: bf16 where the device is fast at it.") var precision: Precision?
  @Option(help: ArgumentHelp("Threads of one operation. Default: one a core.", valueName: "n")) var threads: Int?
  @Flag(help: "Refuse operations whose result may differ between two runs.") var deterministic = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads: found \(threads), expected at least 1") }
  }

  var options: RuntimeOptions {
    var options = RuntimeOptions()
    options.device = device ?? .auto
    options.precision = precision ?? .auto
    options.threads = threads
    options.deterministic = deterministic
    return options
  }

  /// The options given, as settings of a recipe.
  var overrides: [Override] { overrides("training") }

  /// - Parameter section: where the recipe has them.
  func overrides(_ section: String) -> [Override] {
    var result: [Override] = []
    if let device { result.append(Override(option: "--device \(device.yaml)", "\(section).device=\(device.yaml)")) }
    if let precision { result.append(Override(option: "--precision \(precision.yaml)", "\(section).precision=\(precision.yaml)")) }
    if let threads { result.append(Override(option: "--threads \(threads)", "\(section).threads=\(threads)")) }
    if deterministic { result.append(Override(option: "--deterministic", "\(section).deterministic=true")) }
    return result
  }
}
