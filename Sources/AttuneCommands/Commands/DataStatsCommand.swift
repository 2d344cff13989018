import ArgumentParser
import Datasets
import Files
import Reports

/// `attune data stats`.
struct DataStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Rows, labels, lengths, and the scores of always answering the commonest label.")

  @Argument(help: ArgumentHelp("Dataset names, CSV or JSONL files, or folders with train_data/. Default: the current folder.", valueName: "path"))
  var paths: [String] = []
  @Option(help: ArgumentHelp("Folder of the model whose tokenizer counts lengths. Default: lengths in bytes.", valueName: "dir")) var model: String?
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func run() throws {
    console.startLog()
    let files = try DataSelection.groups(paths).flatMap(\.files)
    let counter = try model.map { model throws(InputError) in try TokenCounter(model: model) }
    let all = files.map { file in (file, DataStats(file, tokenCount: counter.map { counter in { counter.count($0) } })) }
    if console.json {
      let items = all.map { file, stats in
        var object = stats.json.object ?? JSONObject()
        object["path"] = .string(file.path)
        return JSON.object(object)
      }
      return print(JSON.object(["files": .array(items)]).encoded(indent: 2))
    }
    for (file, stats) in all { print(text(stats, path: file.path)) }
  }

  private func text(_ stats: DataStats, path: String) -> String {
    let labels = zip(stats.labelNames, stats.labelCounts).map { "\($0) \(Format.count($1))" }.joined(separator: ", ")
    let lengths = stats.tokens ?? stats.bytes
    let majority = stats.majority
    var lines = [
      "\(stats.dataset) \(stats.split.rawValue) (\(path))",
      "  rows      \(Format.count(stats.rows))" + (stats.labelled < stats.rows ? ", \(Format.count(stats.rows - stats.labelled)) without a readable label" : ""),
      "  labels    \(labels)",
      "  \(stats.tokens == nil ? "bytes " : "tokens")    \(lengths.least) to \(lengths.greatest), median \(lengths.median), 95 % up to \(lengths.percentile95)",
    ]
    if stats.labelled > 0 {
      let scores = [("accuracy", majority.accuracy), ("weighted F1", majority.weightedF1), ("macro F1", majority.macroF1)]
      let words = scores.map { "\($0.0) \(Format.percent($0.1))" }.joined(separator: ", ")
      lines.append("  majority  \(stats.labelNames[majority.label]): \(words)")
    }
    return lines.joined(separator: "\n")
  }
}
