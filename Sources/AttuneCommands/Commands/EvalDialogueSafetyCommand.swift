import ArgumentParser
import Configuration
import Evaluation
import Files
import Reports

/// `attune eval dialogue-safety`.
struct EvalDialogueSafetyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dialogue-safety",
    abstract: "Judge, train or ask models on dialogue safety: eight labels, and safe or unsafe.",
    discussion: """
      --predictions scores answers that exist: released ones, or those of an earlier run. --model trains a classifier once a seed with the \
      published training and judges it on the test set; without training rows the test set is all there is, and the model is \
      cross-validated on it. scripts/recipes/dialogue-safety.yaml lists every key with its effect. --model or --endpoint with --shots asks a \
      language model instead. Stopped, the same command continues; answers are kept one by one and nothing is asked twice.

      Examples:
        attune eval dialogue-safety --predictions DialogueSafety/finetuned_model_predict --test DialogueSafety/data/test.json
        attune eval dialogue-safety --model checkpoints/bert-base-chinese --train train.json --validation val.json
        attune eval dialogue-safety --model checkpoints/bert-base-chinese --folds 5 training.seeds=3 training.best_metric=macro_f1
        attune eval dialogue-safety --model models/llama --shots few --train train.json --output runs/asked
        attune eval dialogue-safety --endpoint openai:gpt-4o-2024-08-06 --shots zero --output runs/gpt
      """)

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Predictions to score: folders of 0.json, 1.json, …, or .jsonl files.", valueName: "path"))
  var predictions: [String] = []
  @OptionGroup(title: "Training") var training: DialogueTrainingArguments
  @OptionGroup(title: "Asking") var asking: DialogueAskArguments
  @Option(help: ArgumentHelp("Rows to judge by. Default: those below --data.", valueName: "file")) var test: String?
  @Option(help: ArgumentHelp("Folder that holds train_data/ and test_data/. Default: the current one.", valueName: "dir")) var data: String?
  @Option(help: ArgumentHelp("Folder for tables, results.json and report.html. Default: print only; of a training one below runs/.", valueName: "dir"))
  var output: String?
  @Flag(exclusivity: .exclusive, help: "Where the output folder exists: continue it (the default of a training), or replace it.") var existing = Existing.resume
  @Argument(help: ArgumentHelp("Settings: section.key=value.", valueName: "key=value")) var settings: [String] = []
  @OptionGroup(title: "Computing") var runtime: RuntimeArguments
  @OptionGroup(title: "Output") var console: ConsoleArguments

  enum Existing: String, EnumerableFlag { case resume, overwrite }

  func validate() throws {
    if predictions.isEmpty, !training.isAsked, !asking.isAsked { throw ValidationError("give --predictions PATH, or --model DIR to train or ask") }
    if !predictions.isEmpty, training.isAsked || asking.isAsked || !settings.isEmpty { throw ValidationError("--predictions takes no options of a training") }
    if asking.isAsked, asking.shots == nil { throw ValidationError("to ask a language model, give --shots zero or --shots few") }
    if asking.shots != nil, training.isTrained { throw ValidationError("--shots asks a model and trains none: leave out --validation, --folds, --compat, --seeds and --dry-run") }
    if asking.shots != nil, (training.model == nil) == (asking.endpoint == nil) || output == nil {
      throw ValidationError("--shots needs --model DIR or --endpoint MODEL, and --output DIR")
    }
  }

  func run() throws {
    if !predictions.isEmpty {
      console.startLog()
      return try console.show(try score())
    }
    if asking.shots != nil { return try ask() }
    let job = try DialogueTrainingJob(
      recipe: training.recipe, overrides: overrides, existing: existing == .overwrite ? .overwrite : .resume, dryRun: training.dryRun, console: console.options)
    try InputCheck.folder(job.settings.model.base, expected: "the folder of a BERT model")
    let engine = try Engines.required()
    console.startLog()
    try console.show(try engine.trainDialogues(job))
  }

  private func ask() throws {
    let job = try DialogueAskJob(recipe: training.recipe, overrides: overrides, overwrite: existing == .overwrite, console: console.options)
    if job.dialogue.endpoint == nil { try InputCheck.folder(job.settings.model.base, expected: "the folder of a language model") }
    let engine = try Engines.required()
    console.startLog()
    try console.show(try engine.askDialogues(job))
  }

  var overrides: [Override] {
    let isAsking = asking.shots != nil
    var options = OptionOverrides()
    options.set("--test", "dialogue.test", test)
    options.set("--data", "data.folder", data)
    options.set("--output", isAsking ? "compute.output" : "training.output", output)
    return runtime.overrides(isAsking ? "compute" : "training") + training.overrides(isAsking ? "generation" : "training") + asking.overrides + options.list + settings.map { Override($0) }
  }

  /// Scores predictions; needs no tensors.
  private func score() throws -> JobResult {
    let evaluation = try SafetyEvaluation.stored(predictions, test: test, data: data)
    if let output { try OutputFolder.write(output, overwrite: existing == .overwrite) { try evaluation.write(into: $0, named: output) } }
    return JobResult(text: evaluation.text(folder: output), json: evaluation.json(folder: output))
  }
}
