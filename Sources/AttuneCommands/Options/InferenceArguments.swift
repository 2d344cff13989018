import ArgumentParser
import Configuration

/// Options of the commands that run a saved classifier.
struct InferenceArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Texts in one pass. Changes speed and memory, not results. Default: by length.", valueName: "n"))
  var batchSize: Int?
  @OptionGroup(title: "Computing") var runtime: RuntimeArguments
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func validate() throws {
    if let batchSize, batchSize < 1 { throw ValidationError("--batch-size: found \(batchSize), expected at least 1") }
  }
}
