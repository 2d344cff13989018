import ArgumentParser
import Configuration

/// `attune generate`.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Answer the prompts of test sets with a language model.",
    discussion: """
      Writes SET.csv with the columns goldens,generated_text for each set, in the order of its rows. Answers are kept in \
      answers/SET.jsonl as they end; stopped, the same command continues and asks nothing twice. A file has the columns query \
      and, optionally, a gold (gpt-3.5-turbo, goldens or completion), or in JSONL prompt or messages. Upstream asks with \
      --template plain.

      Examples:
        attune generate --model models/mentallama --dataset imhi --output runs/answers --rule-calculate
        attune generate --model models/base --adapter runs/lora/adapter --dataset expert --output runs/expert
        attune generate --model models/base --dataset prompts.jsonl --template chatml --temperature 0.7 --top-p 0.9 --output runs/x
      """)

  @Option(help: ArgumentHelp("Folder of the model.", valueName: "dir")) var model: String?
  @Option(help: ArgumentHelp("imhi, imhi-completion, expert, or a CSV or JSONL file.", valueName: "name")) var dataset: String?
  @Option(help: ArgumentHelp("Folder that holds test_data/. Default: the current one.", valueName: "dir")) var data: String?
  @Option(help: ArgumentHelp("Run folder.", valueName: "dir")) var output: String?
  @Flag(help: "Also read labels from the answers by rule and score them.") var ruleCalculate = false
  @Option(help: "Label rules and rounding: corrected, or imhi to reproduce upstream's numbers and its results.txt.") var compat = Compatibility.corrected
  @Option(help: ArgumentHelp("YAML file with settings.", valueName: "file")) var recipe: String?
  @Flag(help: "Replace the run folder where it exists.") var overwrite = false
  @Argument(help: ArgumentHelp("Settings: generation.key=value.", valueName: "key=value")) var settings: [String] = []
  @OptionGroup(title: "Answering") var prompting: PromptingArguments
  @OptionGroup(title: "Answering") var sampling: SamplingArguments
  @OptionGroup(title: "Computing") var runtime: RuntimeArguments
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func run() throws {
    let (values, configuration) = try GenerateSettings.read(recipe: recipe, overrides: overrides)
    for (value, option) in [(values.model.base, "--model DIR"), (values.data.dataset, "--dataset NAME"), (values.compute.output, "--output DIR")]
    where value.isEmpty { throw ValidationError("give \(option)") }
    try InputCheck.folder(values.model.base, expected: "the folder of a model")
    if let adapter = values.model.adapter { try InputCheck.folder(adapter, expected: "the folder of an adapter") }
    let engine = try Engines.required()
    console.startLog()
    let job = GenerateJob(
      settings: values, configuration: configuration, overwrite: overwrite, ruleCalculate: ruleCalculate, compatibility: compat,
      console: console.options)
    try console.show(try engine.generate(job))
  }

  var overrides: [Override] {
    var options = OptionOverrides()
    options.set("--model", "model.base", model)
    options.set("--dataset", "data.dataset", dataset)
    options.set("--data", "data.folder", data)
    options.set("--output", "compute.output", output)
    return options.list + prompting.overrides + sampling.overrides + runtime.overrides("compute") + settings.map { Override($0) }
  }
}
