import ArgumentParser
import Configuration

/// How servers are asked, for every command that takes a model by reference. Changes speed and cost; no answer.
struct EndpointArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Keep answers in this SQLite file and ask nothing that is there. Several commands may share it; a run that was named by --run has answers of its own.", valueName: "file"))
  var cache: String?
  @Option(help: ArgumentHelp("Requests under way at a time. Default: 8.", valueName: "n")) var concurrency: Int?
  @Option(help: ArgumentHelp("Requests a minute, at most.", valueName: "n")) var requestsPerMinute: Double?
  @Option(help: ArgumentHelp("Tokens a minute, at most, of prompts and answers.", valueName: "n")) var tokensPerMinute: Double?
  @Option(help: ArgumentHelp("Send a request again so many times after failures that may pass. Default: 8.", valueName: "n")) var retries: Int?
  @Option(help: ArgumentHelp("Write what has no answer yet to this file, in OpenAI's batch format; send nothing.", valueName: "file")) var batch: String?
  @Option(help: ArgumentHelp("Results of such a batch.", valueName: "file")) var batchResults: String?

  /// The options given, as settings of the section `endpoint`.
  var overrides: [Override] {
    var options = OptionOverrides()
    options.set("--cache", "endpoint.cache", cache)
    options.set("--concurrency", "endpoint.concurrency", concurrency)
    options.set("--requests-per-minute", "endpoint.requests_per_minute", requestsPerMinute)
    options.set("--tokens-per-minute", "endpoint.tokens_per_minute", tokensPerMinute)
    options.set("--retries", "endpoint.retries", retries)
    options.set("--batch", "endpoint.batch", batch)
    options.set("--batch-results", "endpoint.batch_results", batchResults)
    return options.list
  }
}
