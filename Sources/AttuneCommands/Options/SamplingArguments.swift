import ArgumentParser
import Configuration

/// How an answer is chosen, token by token.
struct SamplingArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Tokens of an answer, at most. Default: 512.", valueName: "n")) var maxNewTokens: Int?
  @Option(help: ArgumentHelp("Draw tokens at this temperature instead of taking the likeliest.", valueName: "t")) var temperature: Double?
  @Option(help: ArgumentHelp("Draw from the k likeliest tokens.", valueName: "k")) var topK: Int?
  @Option(help: ArgumentHelp("Draw from the likeliest tokens that reach this probability.", valueName: "p")) var topP: Double?
  @Option(help: ArgumentHelp("Draw from tokens at least this share as likely as the likeliest.", valueName: "p")) var minP: Double?
  @Option(help: ArgumentHelp("Make tokens that occurred less likely, above 1.", valueName: "x")) var repetitionPenalty: Double?
  @Option(help: ArgumentHelp("A text that ends an answer; may be given several times.", valueName: "text")) var stop: [String] = []
  @Option(help: ArgumentHelp("Decides what is drawn. Default: 42.", valueName: "n")) var seed: UInt64?

  /// The options given, as settings of the section `generation`.
  var overrides: [Override] {
    var options = OptionOverrides()
    options.set("--max-new-tokens", "generation.max_new_tokens", maxNewTokens)
    options.set("--temperature", "generation.temperature", temperature)
    options.set("--top-k", "generation.top_k", topK)
    options.set("--top-p", "generation.top_p", topP)
    options.set("--min-p", "generation.min_p", minP)
    options.set(flag: "--temperature, --top-k, --top-p or --min-p", "generation.do_sample", temperature != nil || topK != nil || topP != nil || minP != nil)
    options.set("--repetition-penalty", "generation.repetition_penalty", repetitionPenalty)
    options.set("--stop", "generation.stop", stop)
    options.set("--seed", "generation.seed", seed)
    return options.list
  }
}
