public import ArgumentParser
public import Configuration

/// Options of asking a language model by `attune eval dialogue-safety`.
struct DialogueAskArguments: ParsableArguments {
  @Option(help: "Ask the language model in --model or --endpoint: with the definitions alone (zero), or with an example of each label too (few, needs --train).")
  var shots: DialogueAskJob.Shots?
  @Option(help: ArgumentHelp("A model elsewhere: openai:NAME, anthropic:NAME, together:NAME, http://host:port/v1#NAME or stored:FILE.", valueName: "model"))
  var endpoint: String?
  @Option(help: ArgumentHelp("How often every row is asked. Default: 5.", valueName: "n")) var rounds: Int?
  @Option(help: ArgumentHelp("The wording, with {examples}, {context} and {response}. Default: the published one if it was imported, else Attune's own.", valueName: "file"))
  var prompt: String?
  @OptionGroup var prompting: PromptingArguments
  @OptionGroup var servers: EndpointArguments

  var isAsked: Bool { !overrides.isEmpty }

  var overrides: [Override] {
    var options = OptionOverrides()
    options.set("--shots", "dialogue.shots", shots)
    options.set("--endpoint", "model.endpoint", endpoint)
    options.set("--rounds", "dialogue.rounds", rounds)
    options.set("--prompt", "dialogue.prompt", prompt)
    return options.list + prompting.overrides + servers.overrides
  }
}

extension DialogueAskJob.Shots: ExpressibleByArgument {}
