import ArgumentParser
import Configuration

/// `attune eval classifier`.
struct EvalClassifierCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Measure a classifier on labelled rows, CSV or JSONL.",
    discussion: """
      Example:
        attune eval classifier --model runs/five/models/DR --data test_data/imhi/instruction/DR.csv --output evaluated/DR
      """)

  @Option(help: ArgumentHelp("Folder of a classifier.", valueName: "dir")) var model: String
  @Option(help: ArgumentHelp("Labelled rows.", valueName: "path")) var data: String
  @Option(help: ArgumentHelp("Folder for results.json, predictions.jsonl and report.html. Default: print only.", valueName: "dir"))
  var output: String?
  @Option(help: "The text to read: full, reasoning, both, post or post+question. Default: as in training.") var input: InputView?
  @Option(help: "A gold that matches no rule: error, or drop the row and count it.") var onUnmatched = UnmatchedPolicy.error
  @Flag(help: "Replace the output folder where it exists.") var overwrite = false
  @OptionGroup var inference: InferenceArguments

  func run() throws {
    try InputCheck.folder(model, expected: "the folder of a classifier")
    try InputCheck.file(data, expected: "a CSV or JSONL file with labelled rows")
    let engine = try Engines.required()
    inference.console.startLog()
    let job = EvaluateClassifierJob(
      model: model, data: data, output: output, input: input, onUnmatched: onUnmatched, batchSize: inference.batchSize,
      overwrite: overwrite, runtime: inference.runtime.options, console: inference.console.options)
    try inference.console.show(try engine.evaluate(job))
  }
}
