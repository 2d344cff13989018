import ArgumentParser
import Configuration
import Files

/// What the commands of the stigma and interjections suites that ask a model have in common.
struct SuiteArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Who is asked: a folder, openai:NAME, anthropic:NAME, together:NAME, http://host:port/v1#NAME or stored:FILE.", valueName: "model"))
  var model: String
  @Option(help: ArgumentHelp("What results call the model. Default: its folder's name, or its name at the server.", valueName: "name")) var name: String?
  @Option(help: ArgumentHelp("Folder that holds test_data/, or a checkout of llms-as-therapists.", valueName: "dir")) var data = "."
  @Option(help: ArgumentHelp("Ask only the first so many.", valueName: "n")) var limit: Int?
  @Flag(help: "Say how many requests and tokens it would take; ask nothing.") var dryRun = false
  @Flag(help: "Start anew where results exist. Default: ask what is missing.") var overwrite = false
  @Argument(help: ArgumentHelp("Settings: endpoint.key=value.", valueName: "key=value")) var settings: [String] = []
  @OptionGroup(title: "Answering") var prompting: PromptingArguments
  @OptionGroup(title: "Servers") var endpoint: EndpointArguments
  @OptionGroup(title: "Computing") var runtime: RuntimeArguments
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit: found \(limit), expected at least 1") }
    if name?.isEmpty == true { throw ValidationError("--name: found nothing, expected a name") }
  }

  /// - Parameters:
  ///   - output: the folder in which run folders stand.
  ///   - run: the run's file there.
  /// - Throws: `InputError` for a model that is named wrongly or is not there.
  func run(output: String, run: String? = nil) throws -> SuiteRun {
    let reference = try ModelReference(model)
    switch reference {
    case .folder(let path): try InputCheck.folder(path, expected: "the folder of a model, or another way to name one")
    case .stored(let path): try InputCheck.file(path, expected: "a file of stored answers")
    case .provider, .server: break
    }
    if let adapter = prompting.adapter { try InputCheck.folder(adapter, expected: "the folder of an adapter") }
    if let run, run.isEmpty || run.contains("/") || run.hasPrefix(".") { throw ValidationError("--run: found '\(run)', expected a file's name, like 2025-01-18") }
    var options = ModelOptions()
    options.endpoint = try EndpointSettings.read(overrides: endpoint.overrides + settings.map { Override($0) })
    (options.adapter, options.runtime) = (prompting.adapter, runtime.options)
    if let template = prompting.template { options.template = template }
    if let batchSize = prompting.batchSize { options.batchSize = batchSize }
    var result = SuiteRun(model: SuiteModel(reference, options: options, name: name), output: output)
    (result.data, result.run, result.limit, result.overwrite, result.dryRun) = (data, run.map(Self.stem), limit, overwrite, dryRun)
    result.console = console.options
    return result
  }

  private static func stem(_ run: String) -> String { run.hasSuffix(".jsonl") ? String(run.dropLast(".jsonl".count)) : run }
}

/// What a model is told to be.
struct SystemPromptArguments: ParsableArguments {
  @Flag(help: "Tell the model what an expert therapist is like, so that it does its best.") var steelManPrompt = false
  @Option(help: ArgumentHelp("Another system prompt: a name of the suite's, as chiu_computational_2024, or a text file.", valueName: "name"))
  var systemPrompt: String?

  func validate() throws {
    if steelManPrompt, systemPrompt != nil { throw ValidationError("--steel-man-prompt is a system prompt: leave out --system-prompt") }
  }

  /// The name of a system prompt; nil for none.
  var chosen: String? { steelManPrompt ? "steel-man" : systemPrompt }
}
