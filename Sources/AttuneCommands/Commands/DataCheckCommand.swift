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
    let groups = try DataSelection.groups(paths)
    var check = DataCheck(maximumLength: maxLength, view: input)
    if let model {
      let counter = try TokenCounter(model: model)
      check.tokenCount = { counter.count($0, $1) }
    }
    let progress = Progress("checking", total: groups.count, unit: "datasets", isQuiet: console.quiet || groups.count < 2)
    var found: [(group: String, finding: Datasets.Finding)] = []
    for (done, group) in groups.enumerated() {
      progress.update(done)
      found += check.run(group.files).map { (group.name, $0) }
    }
    progress.update(groups.count)
    progress.finish()

    let findings = found.map(\.finding)
    let worst = findings.map(\.severity).max()
    if console.json {
      let counts = Datasets.Finding.Severity.allCases.map { severity in
        (severity.rawValue, JSON.integer(findings.filter { $0.severity == severity }.count))
      }
      let items = found.map { group, finding in
        var object = finding.json.object ?? JSONObject()
        object["group"] = .string(group)
        return JSON.object(object)
      }
      print(JSON.object(["counts": .object(JSONObject(counts)), "findings": .array(items)]).encoded(indent: 2))
    } else {
      for (group, finding) in found where !console.quiet || finding.severity == .error { print(line(finding, of: group)) }
      let rows = groups.flatMap(\.files).reduce(0) { $0 + $1.rows.count }
      let total = findings.isEmpty ? "nothing found" : counted(findings.count, "finding")
      print("\(counted(rows, "row")) of \(counted(groups.count, "dataset")): \(total)")
    }
    if worst == .error || strict && worst == .warning { throw ExitError(status: .failed) }
  }

  private func counted(_ count: Int, _ noun: String) -> String { "\(Format.count(count)) \(noun)\(count == 1 ? "" : "s")" }

  private func line(_ finding: Datasets.Finding, of group: String) -> String {
    let shown = finding.rows.prefix(console.verbose ? finding.rows.count : 5).map { "\($0.split.rawValue)/\($0.row)" }
    let rest = finding.rows.count > shown.count ? ", …" : ""
    return "\(finding.severity.rawValue): \(group): \(finding.kind.rawValue): \(finding.message) [\(shown.joined(separator: ", "))\(rest)]"
  }
}

extension TextView: ExpressibleByArgument {}
