import ArgumentParser
import Configuration

/// `attune label`.
struct LabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Label generated explanations with the per-dataset classifiers.",
    discussion: """
      Reads DATASET.csv files with the columns goldens,generated_text and writes the same files with a column labels. \
      Each is labelled by the classifier of its name below --models.

      Example:
        attune label --models runs/five --data generated/ --output labelled/ --calculate
      """)

  @Option(help: ArgumentHelp("Folder with one classifier a dataset.", valueName: "dir")) var models: String
  @Option(help: ArgumentHelp("Folder with DATASET.csv files.", valueName: "dir")) var data: String
  @Option(help: ArgumentHelp("Folder for the labelled files.", valueName: "dir")) var output: String
  @Flag(help: "Also compute accuracy and F1 against the golds.") var calculate = false
  @Option(help: "Label rules and rounding: corrected, or imhi to reproduce the upstream numbers.") var compat = Compatibility.corrected
  @Option(help: "A gold that matches no rule: error, or drop the row and count it.") var onUnmatched = UnmatchedPolicy.error
  @Flag(help: "Replace labelled files that exist.") var overwrite = false
  @OptionGroup var inference: InferenceArguments

  func run() throws {
    try InputCheck.folder(models, expected: "a folder with one classifier a dataset")
    try InputCheck.folder(data, expected: "a folder with DATASET.csv files")
    let engine = try Engines.required()
    inference.console.startLog()
    let job = LabelJob(
      models: models, data: data, output: output, calculate: calculate, compatibility: compat, onUnmatched: onUnmatched,
      batchSize: inference.batchSize, overwrite: overwrite, runtime: inference.runtime.options, console: inference.console.options)
    try inference.console.show(try engine.label(job))
  }
}
