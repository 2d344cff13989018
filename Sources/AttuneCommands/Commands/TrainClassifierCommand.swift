import ArgumentParser
import Configuration

/// `attune train classifier`.
struct TrainClassifierCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Train and evaluate label classifiers, one a dataset.",
    discussion: """
      Settings come from the defaults, then --recipe, then options and section.key=value in the order given; the last one wins. \
      scripts/recipes/classifier.yaml lists every key with its effect. A run folder that exists is continued if its \
      configuration is the same.

      Examples:
        attune train classifier --dataset DR
        attune train classifier --dataset all --seeds 5 --output runs/five
        attune train classifier --dataset all --input post --base checkpoints/roberta-base
        attune train classifier --dataset DR --method lora lora.r=16 optimizer.learning_rate=1e-3
        attune train classifier --dataset SAD training.class_weights=auto optimizer.learning_rate=3e-5
      """)

  @Option(help: ArgumentHelp("A dataset's name, or all.", valueName: "name")) var dataset: String?
  @Option(help: ArgumentHelp("Folder that holds train_data/ and test_data/.", valueName: "dir")) var data: String?
  @Option(help: ArgumentHelp("Folder of the pretrained encoder.", valueName: "dir")) var base: String?
  @Option(help: "full: every weight of the encoder (the default). lora: low-rank updates of a frozen one. linear: TF-IDF and logistic regression.")
  var method: ClassifierMethod?
  @Option(
    help: """
      What is read: explanations in full, their reasoning alone, both forms (the default); or post, the post itself, whose label is the \
      condition; post+question, both as a pair. Of sets that ask several questions of a post, post reads the question too.
      """) var input: InputView?
  @Option(help: ArgumentHelp("First seed.", valueName: "n")) var seed: UInt64?
  @Option(help: ArgumentHelp("Runs a dataset, each with the next seed.", valueName: "n")) var seeds: Int?
  @Option(help: ArgumentHelp("Run folder. Default: one below runs/.", valueName: "dir")) var output: String?
  @Option(help: ArgumentHelp("YAML file with settings.", valueName: "file")) var recipe: String?
  @Flag(help: "Show configuration, schedule, predicted memory and time; train nothing.") var dryRun = false
  @Flag(exclusivity: .exclusive, help: "Where the run folder exists: continue it (the default), or replace it.") var existing = Existing.resume
  @Argument(help: ArgumentHelp("Settings: section.key=value.", valueName: "key=value")) var settings: [String] = []
  @OptionGroup(title: "Computing") var runtime: RuntimeArguments
  @OptionGroup(title: "Output") var console: ConsoleArguments

  enum Existing: String, EnumerableFlag { case resume, overwrite }

  func run() throws {
    let (values, configuration) = try ClassifierSettings.read(recipe: recipe, overrides: overrides)
    let engine = try Engines.required()
    console.startLog()
    let job = ClassifierJob(
      settings: values, configuration: configuration, existing: existing == .overwrite ? .overwrite : .resume,
      dryRun: dryRun, console: console.options)
    try console.show(try engine.train(job))
  }

  var overrides: [Override] {
    var options = OptionOverrides()
    options.set("--dataset", "data.dataset", dataset)
    options.set("--data", "data.folder", data)
    options.set("--base", "model.base", base)
    options.set("--input", "data.input", input)
    options.set("--method", "model.method", method)
    options.set("--seed", "training.seed", seed)
    options.set("--seeds", "training.seeds", seeds)
    options.set("--output", "training.output", output)
    return runtime.overrides + options.list + settings.map { Override($0) }
  }
}
