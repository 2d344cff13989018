import ArgumentParser
import Configuration

/// Options of `attune train lora` and `attune train full`.
struct FinetuneArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of the model to start from.", valueName: "dir")) var base: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Rows to train on: CSV or JSONL files, folders with train and val files, or one with train_data/.", valueName: "path"))
  var data: [String] = []
  @Option(parsing: .upToNextOption, help: ArgumentHelp("Rows to validate on. Default: what the folders have, else held out.", valueName: "path"))
  var validation: [String] = []
  @Option(help: ArgumentHelp("Run folder. Default: one below runs/.", valueName: "dir")) var output: String?
  @Option(help: ArgumentHelp("Seed of new weights, order of rows and dropout.", valueName: "n")) var seed: UInt64?
  @Option(help: ArgumentHelp("YAML file with settings.", valueName: "file")) var recipe: String?
  @Flag(help: "Show configuration, schedule, rows, predicted memory and time; train nothing.") var dryRun = false
  @Flag(exclusivity: .exclusive, help: "Where the run folder exists: continue it (the default), or replace it.") var existing = Existing.resume
  @Argument(help: ArgumentHelp("Settings: section.key=value.", valueName: "key=value")) var settings: [String] = []
  @OptionGroup(title: "Computing") var runtime: RuntimeArguments
  @OptionGroup(title: "Output") var console: ConsoleArguments

  enum Existing: String, EnumerableFlag { case resume, overwrite }

  func run(_ method: FinetuneMethod) throws {
    let (values, configuration) = try FinetuneSettings.read(method, recipe: recipe, overrides: overrides)
    let engine = try Engines.required()
    console.startLog()
    let job = FinetuneJob(
      settings: values, configuration: configuration, existing: existing == .overwrite ? .overwrite : .resume, dryRun: dryRun, console: console.options)
    try console.show(try engine.finetune(job))
  }

  var overrides: [Override] {
    // `--data a b k=v`: a setting among the paths is a setting.
    let (paths, watched) = (data.filter { !isSetting($0) }, validation.filter { !isSetting($0) })
    var options = OptionOverrides()
    options.set("--base", "model.base", base)
    options.set("--data", "data.paths", paths)
    options.set("--validation", "data.validation", watched)
    options.set("--output", "training.output", output)
    options.set("--seed", "training.seed", seed)
    return runtime.overrides + options.list + ((data + validation).filter(isSetting) + settings).map { Override($0) }
  }

  /// `section.key=value`, or `key=value`: a name, an equals sign.
  private func isSetting(_ word: String) -> Bool {
    guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
    return word[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
  }
}
