import ArgumentParser
import Configuration
import Datasets
import Evaluation
import Files
import Reports

/// `attune eval dialogue-safety`.
struct EvalDialogueSafetyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dialogue-safety",
    abstract: "Judge, train and ask models on dialogue safety: eight labels, and safe or unsafe.",
    discussion: """
      Three ways. --predictions scores answers that exist: released ones, or those of an earlier run. --model with --train trains a \
      classifier once a seed with the published recipe and judges it on the test set; without --train the test set is all there is, and the \
      scores are cross-validated on it. --model with --shots asks a language model.

      Examples:
        attune eval dialogue-safety --predictions DialogueSafety/finetuned_model_predict --test DialogueSafety/data/test.json
        attune eval dialogue-safety --model checkpoints/bert-base-chinese --train train.json --validation val.json
        attune eval dialogue-safety --model checkpoints/bert-base-chinese --folds 5 training.seeds=3
      """)

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Predictions to score: folders of 0.json, 1.json, …, or .jsonl files.", valueName: "path"))
  var predictions: [String] = []
  @Option(help: ArgumentHelp("Rows to judge by. Default: those below --data.", valueName: "file")) var test: String?
  @Option(help: ArgumentHelp("Folder that holds test_data/. Default: the current one.", valueName: "dir")) var data = "."
  @Option(help: ArgumentHelp("Folder for tables, results.json and report.html.", valueName: "dir")) var output: String?
  @Flag(help: "Replace the output folder where it exists.") var overwrite = false
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func validate() throws {
    if predictions.isEmpty { throw ValidationError("give --predictions PATH") }
  }

  func run() throws {
    console.startLog()
    try console.show(try score())
  }

  /// Scores predictions; needs no tensors.
  private func score() throws -> JobResult {
    let file = test ?? DialogueSafety.files(root: data, orSample: false)[.test]
    let golds = try file.map { file in try DialogueSafety.read(file, split: .test).examples().examples.map(\.label) }
    var systems: [SafetySystem] = []
    for path in predictions { systems += try SafetyPredictions.read(path, golds: golds) }
    let evaluation = try SafetyEvaluation(
      title: "Dialogue safety: released predictions", systems: systems,
      facts: [.init("predictions", predictions.joined(separator: ", ")), .init("test set", file ?? "as the predictions say")])
    if let output {
      if FileSystem.exists(output) {
        guard overwrite else { throw InputError(output, "it exists already", advice: "Replace it with --overwrite, or choose another --output") }
        try AtomicWrite.requireReplaceable(output, marker: "results.json")
      }
      try AtomicWrite.folder(output) { temporary in try evaluation.write(into: temporary, named: output) }
    }
    return JobResult(text: evaluation.text(folder: output), json: evaluation.json(folder: output))
  }
}
