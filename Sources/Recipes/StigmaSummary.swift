import Configuration
import Evaluation
import Files
import Reports

/// What `attune eval stigma` says at its end: what became of the prompts, and the mean stigma by condition.
struct StigmaSummary {
  let rows: [StigmaRow]
  /// Asked in this pass, without answer.
  let unanswered: Int
  let isSample: Bool

  private func count(_ state: StigmaRow.State) -> Int { rows.count { $0.state == state } }

  /// Conditions in their order with the mean over the answered rows of the scored questions.
  private var means: [(condition: String, mean: Double?, used: Int, total: Int)] {
    let conditions = rows.map(\.condition).distinct
    let parts = conditions.map { name in (name, rows.filter { $0.condition == name }) }
    return (parts + [(StigmaCondition.overall, rows.filter { $0.condition != StigmaCondition.control })]).map { name, rows in
      let stigma = rows.compactMap(\.stigma)
      let mean = stigma.isEmpty ? nil : Double(stigma.reduce(0, +)) / Double(stigma.count)
      return (name, mean, stigma.count, rows.count { $0.kind != .unscored })
    }
  }

  func result(name: String, file: ResultFile) -> JobResult {
    let states: [(String, Int)] = [("answered", count(.answered)), ("do not know", count(.doNotKnow)), ("unparsed", count(.unparsed)), ("unanswered", unanswered)]
    var text = "\(name): \(Format.count(rows.count)) prompts, \(states.map { "\(Format.count($0.1)) \($0.0)" }.joined(separator: ", "))"
    let notAsked = count(.missing) - unanswered
    text += notAsked > 0 ? ", \(Format.count(notAsked)) not asked\n" : "\n"
    var table = TextTable(["condition", "mean stigma", "answered", "of"])
    for row in means { table.add([row.condition, row.mean.map { Format.fixed($0, 3) } ?? "–", Format.count(row.used), Format.count(row.total)]) }
    text += "\n\(table.text)\n"
    if isSample { text += "These are the shipped sample's made-up vignettes: the numbers say nothing about anything.\n" }
    if unanswered > 0 { text += "\(unanswered) prompts got no answer, for reasons in \(file.unansweredPath). The same command asks them again.\n" }
    text += "Research, not clinical use. Answers: \(file.path)\n"
    let json: JSON = [
      "status": unanswered > 0 ? "incomplete" : "done", "run": .string(file.path), "model": .string(name), "prompts": .integer(rows.count),
      "answered": .integer(count(.answered)), "do_not_know": .integer(count(.doNotKnow)), "unparsed": .integer(count(.unparsed)),
      "unanswered": .integer(unanswered), "not_asked": .integer(notAsked), "sample": .bool(isSample),
      "stigma": .array(means.map { ["condition": .string($0.condition), "mean": $0.mean.map(JSON.number) ?? .null, "used": .integer($0.used), "of": .integer($0.total)] }),
      "notice": "Research software. Not for clinical use.",
    ]
    return JobResult(unanswered > 0 ? .incomplete : .done, text: text, json: json)
  }
}
