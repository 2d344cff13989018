public import ArgumentParser
public import Datasets
import Files
import Reports

/// `attune data check`.
struct DataCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Find what would spoil training or scores.",
    discussion: """
      Labels that cannot be read, duplicates, rows of train in test (exact and near), conflicting labels, rows that would be cut \
      (with --model), empty texts, encoding damage, class balance. Exits with 1 where rows cannot be used. Prints row numbers, \
      never texts.
      """)

  @Argument(help: ArgumentHelp("Dataset names, CSV or JSONL files, or folders with train_data/. Default: the current folder.", valueName: "path"))
  var paths: [String] = []
  @Option(help: ArgumentHelp("Folder of the model whose tokenizer counts lengths.", valueName: "dir")) var model: String?
  @Option(help: ArgumentHelp("Longest input in tokens.", valueName: "n")) var maxLength = 256
  @Option(help: "The text to judge: full, reasoning, post or post+question.") var input = TextView.full
  @Flag(help: "Exit with 1 for warnings too.") var strict = false
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func run() throws {
    console.startLog()
    let groups = try DataSelection.files(paths)
    var check = DataCheck(maximumLength: maxLength, view: input)
    if let model {
      let counter = try TokenCounter(model: model)
      check.tokenCount = { counter.count($0, $1) }
    }
    let progress = Progress("checking", total: groups.count, unit: "datasets", isQuiet: console.quiet || groups.count < 2)
    var findings: [Datasets.Finding] = []
    for (done, files) in groups.enumerated() {
      progress.update(done)
      findings += check.run(files)
    }
    progress.update(groups.count)
    progress.finish()

    let worst = findings.map(\.severity).max()
    if console.json {
      let counts = Datasets.Finding.Severity.allCases.map { severity in
        (severity.rawValue, JSON.integer(findings.filter { $0.severity == severity }.count))
      }
      print(JSON.object(["counts": .object(JSONObject(counts)), "findings": .array(findings.map(\.json))]).encoded(indent: 2))
    } else {
      for finding in findings where !console.quiet || finding.severity == .error { print(line(finding)) }
      let rows = groups.flatMap { $0 }.reduce(0) { $0 + $1.rows.count }
      print("\(Format.count(rows)) rows of \(groups.count) datasets: " + (findings.isEmpty ? "nothing found" : "\(findings.count) findings"))
    }
    if worst == .error || strict && worst == .warning { throw ExitError(status: .failed) }
  }

  private func line(_ finding: Datasets.Finding) -> String {
    let shown = finding.rows.prefix(console.verbose ? finding.rows.count : 5).map { "\($0.split.rawValue)/\($0.row)" }
    let rest = finding.rows.count > shown.count ? ", …" : ""
    return "\(finding.severity.rawValue): \(finding.dataset): \(finding.kind.rawValue): \(finding.message) [\(shown.joined(separator: ", "))\(rest)]"
  }
}

extension TextView: ExpressibleByArgument {}
