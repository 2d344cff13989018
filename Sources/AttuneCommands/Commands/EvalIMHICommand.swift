import ArgumentParser
import Configuration

/// `attune eval imhi`.
struct EvalIMHICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "imhi",
    abstract: "Run the IMHI benchmark: answers, labels, scores, report.",
    discussion: """
      Answers the test sets (or takes stored answers), labels the answers by rule and with one classifier a set, scores labels and texts, and \
      shows one table over the sets, beside the majority class and the paper's published rows. Stopped or killed at any stage, the same command \
      continues and asks nothing twice. The stages are commands too: generate, label, score.

      Files and rows that cannot be used are named, the rest is evaluated, and the exit code is 66. With --dataset expert, stored answers to the \
      test sets are compared with the experts' explanations where there are any.

      Examples:
        attune eval imhi --model models/mentallama --models runs/five --output runs/imhi
        attune eval imhi --endpoint openai:gpt-4o-2024-08-06 --models runs/five --output runs/gpt --cache answers.sqlite
        attune eval imhi --answers ../MentalLLaMA/examples/response_generation_examples --dataset expert --output runs/examples --compat imhi
        attune eval imhi --answers answers/b --models runs/five --output runs/b --compare runs/imhi
      """)

  @Option(help: ArgumentHelp("Folder of the model to ask.", valueName: "dir")) var model: String?
  @Option(help: ArgumentHelp("A model elsewhere instead: openai:NAME, anthropic:NAME, together:NAME, http://host:port/v1#NAME or stored:FILE.", valueName: "model"))
  var endpoint: String?
  @Option(help: ArgumentHelp("Stored answers instead of a model: DATASET.csv with goldens,generated_text, or JSONL with these keys.", valueName: "dir"))
  var answers: String?
  @Option(help: ArgumentHelp("imhi, imhi-completion or expert. Default: imhi.", valueName: "name")) var dataset: String?
  @Option(help: ArgumentHelp("Folder that holds test_data/. Default: the current one.", valueName: "dir")) var data: String?
  @Option(help: ArgumentHelp("Folder with one classifier a set. Default: labels by rule, or from a column labels.", valueName: "dir")) var models: String?
  @Option(help: ArgumentHelp("Run folder.", valueName: "dir")) var output: String?
  @Option(help: ArgumentHelp("Run folder of another system: compare row by row.", valueName: "dir")) var compare: String?
  @Option(help: ArgumentHelp("Folder of people's ratings of the same rows: correlate.", valueName: "dir")) var annotations: String?
  @Option(help: "corrected, or imhi to print upstream's numbers too and write its results.txt.") var compat = Compatibility.corrected
  @Option(help: ArgumentHelp("YAML file with settings.", valueName: "file")) var recipe: String?
  @Flag(help: "Replace the run folder where it exists.") var overwrite = false
  @Argument(help: ArgumentHelp("Settings: generation.key=value.", valueName: "key=value")) var settings: [String] = []
  @OptionGroup(title: "Answering") var prompting: PromptingArguments
  @OptionGroup(title: "Answering") var sampling: SamplingArguments
  @OptionGroup(title: "Scores with a network") var networks: IMHIScoreArguments
  @OptionGroup(title: "Servers") var servers: EndpointArguments
  @OptionGroup(title: "Computing") var runtime: RuntimeArguments
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func run() throws {
    let (values, configuration) = try IMHISettings.read(recipe: recipe, overrides: overrides)
    let base = values.generate.model.base
    guard [!base.isEmpty, values.answers != nil, values.endpoint != nil].count(where: \.self) == 1 else {
      throw ValidationError("give one of --model DIR, --endpoint MODEL and --answers DIR")
    }
    if values.generate.compute.output.isEmpty { throw ValidationError("give --output DIR") }
    if !base.isEmpty { try InputCheck.folder(base, expected: "the folder of a model") }
    for (path, expected) in [
      (values.generate.model.adapter, "the folder of an adapter"), (values.answers, "a folder with DATASET.csv files"),
      (values.classifiers, "a folder with one classifier a set"), (values.networks.bertScore, "the folder of an encoder"),
      (values.networks.bartScore, "the folder of a BART or T5"), (compare, "the folder of another run"), (annotations, "a folder of annotated CSV files"),
    ] { if let path { try InputCheck.folder(path, expected: expected) } }
    if let setting = values.networks.settingWithoutEncoder { throw ValidationError("\(setting) is about BERTScore: name its encoder with --bert-score DIR") }
    if let baseline = values.networks.bertScoreBaseline { try InputCheck.file(baseline, expected: "a file of baselines") }
    let engine = try Engines.required()
    console.startLog()
    let job = IMHIJob(
      settings: values, configuration: configuration, comparedRun: compare, annotations: annotations, compatibility: compat, overwrite: overwrite,
      console: console.options)
    try console.show(try engine.evaluate(job))
  }

  var overrides: [Override] {
    var options = OptionOverrides()
    options.set("--model", "model.base", model)
    options.set("--endpoint", "model.endpoint", endpoint)
    options.set("--answers", "answers.folder", answers)
    options.set("--dataset", "data.dataset", dataset)
    options.set("--data", "data.folder", data)
    options.set("--models", "labels.models", models)
    options.set("--output", "compute.output", output)
    return options.list + networks.overrides + prompting.overrides + sampling.overrides + runtime.overrides("compute") + servers.overrides + settings.map { Override($0) }
  }
}
