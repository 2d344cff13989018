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
    var result: [Override] = []
    func set(_ option: String, _ key: String, _ value: (some SettingValue)?) {
      if let value { result.append(Override(option: "\(option) \(value.yaml)", "endpoint.\(key)=\(value.yaml)")) }
    }
    set("--cache", "cache", cache)
    set("--concurrency", "concurrency", concurrency)
    set("--requests-per-minute", "requests_per_minute", requestsPerMinute)
    set("--tokens-per-minute", "tokens_per_minute", tokensPerMinute)
    set("--retries", "retries", retries)
    set("--batch", "batch", batch)
    set("--batch-results", "batch_results", batchResults)
    return result
  }
}
