import ArgumentParser
import Configuration

/// `attune label`.
struct LabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Label generated explanations with the per-dataset classifiers.",
    discussion: """
      Reads DATASET.csv files with the columns goldens,generated_text and writes the same files with a column labels. \
      A verdict that a text states outright is read by rule; the classifier of the file's name below --models reads the rest. \
      Stopped, the same command continues.

      Examples:
        attune label --models runs/five --data generated/ --output labelled/ --calculate
        attune label --data labelled/ --calculate
      """)

  @Option(help: ArgumentHelp("Folder with one classifier a dataset. Without it, --calculate scores the labels that the files have.", valueName: "dir"))
  var models: String?
  @Option(help: ArgumentHelp("Folder with DATASET.csv files.", valueName: "dir")) var data: String
  @Option(help: ArgumentHelp("Folder for the labelled files.", valueName: "dir")) var output: String?
  @Flag(help: "Also compute accuracy and F1 against the golds.") var calculate = false
  @Option(help: "Label rules and rounding: corrected, or imhi to reproduce the upstream numbers.") var compat = Compatibility.corrected
  @Option(help: "A gold that matches no rule: error, or drop the row and count it.") var onUnmatched = UnmatchedPolicy.error
  @Flag(help: "Replace labelled files that exist.") var overwrite = false
  @OptionGroup var inference: InferenceArguments

  func validate() throws {
    if models != nil, output == nil { throw ValidationError("--models needs --output, the folder for the labelled files") }
    if models == nil, output != nil { throw ValidationError("--output needs --models, the folder of the classifiers") }
    if models == nil, !calculate { throw ValidationError("nothing to do: give --models and --output, or --calculate") }
  }

  func run() throws {
    if let models { try InputCheck.folder(models, expected: "a folder with one classifier a dataset") }
    try InputCheck.folder(data, expected: "a folder with DATASET.csv files")
    let engine = try Engines.required()
    inference.console.startLog()
    let job = LabelJob(
      models: models, data: data, output: output, calculate: calculate, compatibility: compat, onUnmatched: onUnmatched,
      batchSize: inference.batchSize, overwrite: overwrite, runtime: inference.runtime.options, console: inference.console.options)
    try inference.console.show(try engine.label(job))
  }
}
