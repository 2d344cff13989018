import ArgumentParser
import Configuration

/// How a language model is shown prompts, for the commands that ask one.
struct PromptingArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of an adapter for a local model.", valueName: "dir")) var adapter: String?
  @Option(
    help: ArgumentHelp(
      "How a prompt is shown: auto (as the model's folder says or its server does, else plain), plain (as it stands), or, to a local model, a chat template by name. Default: auto.", valueName: "name"))
  var template: String?
  @Option(help: ArgumentHelp("Prompts that a local model answers together. Changes speed and memory, not answers. Default: 8.", valueName: "n")) var batchSize: Int?

  func validate() throws {
    if let batchSize, batchSize < 1 { throw ValidationError("--batch-size: found \(batchSize), expected at least 1") }
  }

  /// The options given, as settings of `attune generate`.
  var overrides: [Override] {
    var options = OptionOverrides()
    options.set("--adapter", "model.adapter", adapter)
    options.set("--template", "data.template", template)
    options.set("--batch-size", "compute.batch_size", batchSize)
    return options.list
  }
}
