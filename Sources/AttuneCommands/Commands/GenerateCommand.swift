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
      and, optionally, a gold (gpt-3.5-turbo, goldens or completion), or in JSONL prompt or messages.

      Examples:
        attune generate --model models/mentallama --dataset imhi --output runs/answers --rule-calculate
        attune generate --model models/base --adapter runs/lora/adapter --dataset expert --output runs/expert
        attune generate --model models/base --dataset prompts.jsonl --template chatml --temperature 0.7 --top-p 0.9 --output runs/x
      """)

  @Option(help: ArgumentHelp("Folder of the model.", valueName: "dir")) var model: String?
  @Option(help: ArgumentHelp("Folder of an adapter for it.", valueName: "dir")) var adapter: String?
  @Option(help: ArgumentHelp("imhi, imhi-completion, expert, or a CSV or JSONL file.", valueName: "name")) var dataset: String?
  @Option(help: ArgumentHelp("Folder that holds test_data/. Default: the current one.", valueName: "dir")) var data: String?
  @Option(help: ArgumentHelp("plain (rows as they stand, as upstream asks), auto, or a chat template by name. Default: auto, what the model's folder says, else plain.", valueName: "name"))
  var template: String?
  @Option(help: ArgumentHelp("Run folder.", valueName: "dir")) var output: String?
  @Option(help: ArgumentHelp("Rows answered together. Changes speed and memory, not answers. Default: 8.", valueName: "n")) var batchSize: Int?
  @Option(help: ArgumentHelp("Tokens of an answer, at most. Default: 512.", valueName: "n")) var maxNewTokens: Int?
  @Option(help: ArgumentHelp("Draw tokens at this temperature instead of taking the likeliest.", valueName: "t")) var temperature: Double?
  @Option(help: ArgumentHelp("Draw from the k likeliest tokens.", valueName: "k")) var topK: Int?
  @Option(help: ArgumentHelp("Draw from the likeliest tokens that reach this probability.", valueName: "p")) var topP: Double?
  @Option(help: ArgumentHelp("Draw from tokens at least this share as likely as the likeliest.", valueName: "p")) var minP: Double?
  @Option(help: ArgumentHelp("Make tokens that occurred less likely, above 1.", valueName: "x")) var repetitionPenalty: Double?
  @Option(help: ArgumentHelp("A text that ends an answer; may be given several times.", valueName: "text")) var stop: [String] = []
  @Option(help: ArgumentHelp("Decides what is drawn. Default: 42.", valueName: "n")) var seed: UInt64?
  @Flag(help: "Also read labels from the answers by rule and score them.") var ruleCalculate = false
  @Option(help: "Label rules and rounding: corrected, or imhi to reproduce upstream's numbers and its results.txt.") var compat = Compatibility.corrected
  @Option(help: ArgumentHelp("YAML file with settings.", valueName: "file")) var recipe: String?
  @Flag(help: "Replace the run folder where it exists.") var overwrite = false
  @Argument(help: ArgumentHelp("Settings: generation.key=value.", valueName: "key=value")) var settings: [String] = []
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

  private var overrides: [Override] {
    var result: [Override] = []
    func set(_ option: String, _ key: String, _ value: (some SettingValue)?) {
      if let value { result.append(Override(option: "\(option) \(value.yaml)", "\(key)=\(value.yaml)")) }
    }
    set("--model", "model.base", model)
    set("--adapter", "model.adapter", adapter)
    set("--dataset", "data.dataset", dataset)
    set("--data", "data.folder", data)
    set("--template", "data.template", template)
    set("--max-new-tokens", "generation.max_new_tokens", maxNewTokens)
    set("--temperature", "generation.temperature", temperature)
    set("--top-k", "generation.top_k", topK)
    set("--top-p", "generation.top_p", topP)
    set("--min-p", "generation.min_p", minP)
    if temperature != nil || topK != nil || topP != nil || minP != nil { set("--temperature, --top-k, --top-p or --min-p", "generation.do_sample", true) }
    set("--repetition-penalty", "generation.repetition_penalty", repetitionPenalty)
    if !stop.isEmpty { set("--stop", "generation.stop", stop) }
    set("--seed", "generation.seed", seed)
    set("--batch-size", "compute.batch_size", batchSize)
    set("--device", "compute.device", runtime.device)
    set("--precision", "compute.precision", runtime.precision)
    set("--threads", "compute.threads", runtime.threads)
    if runtime.deterministic { set("--deterministic", "compute.deterministic", true) }
    set("--output", "compute.output", output)
    return result + settings.map { Override($0) }
  }
}
