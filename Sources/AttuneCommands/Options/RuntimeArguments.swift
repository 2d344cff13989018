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
    var options = OptionOverrides()
    options.set("--device", "\(section).device", device)
    options.set("--precision", "\(section).precision", precision)
    options.set("--threads", "\(section).threads", threads)
    options.set(flag: "--deterministic", "\(section).deterministic", deterministic)
    return options.list
  }
}
