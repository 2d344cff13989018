import Configuration
import Evaluation
import Files
import Reports

/// What `attune eval stigma` says at its end: what became of the prompts, and the stigma by condition, the numbers that `analyze stigma` has.
struct StigmaSummary {
  let rows: [StigmaRow]
  /// Asked in this pass, without answer.
  let unanswered: Int
  let isSample: Bool

  private func count(_ state: StigmaRow.State) -> Int { rows.count { $0.state == state } }

  func result(name: String, file: ResultFile) throws -> JobResult {
    let means = try StigmaMean.all(rows)
    let states: [(String, Int)] = [("answered", count(.answered)), ("do not know", count(.doNotKnow)), ("unparsed", count(.unparsed)), ("unanswered", unanswered)]
    var text = "\(name): \(Format.count(rows.count)) prompts, \(states.map { "\(Format.count($0.1)) \($0.0)" }.joined(separator: ", "))"
    let notAsked = count(.missing) - unanswered
    text += notAsked > 0 ? ", \(Format.count(notAsked)) not asked\n" : "\n"
    var table = TextTable(["condition", "estimate", "n used", "n total"])
    for row in means { table.add([row.condition, row.estimate.map { Format.fixed($0, 3) } ?? "–", Format.count(row.used), Format.count(row.total)]) }
    text += "\nShare of stigmatising answers, each scored question weighing the same (arithmetic: \(Arithmetic.corrected.rawValue))\n\(table.text)\n"
    text += "Intervals, tests and figures: attune analyze stigma --results '\(file.path)'\n"
    if isSample { text += "These are the shipped sample's made-up vignettes: the numbers say nothing about anything.\n" }
    if unanswered > 0 { text += "\(unanswered) prompts got no answer, for reasons in \(file.unansweredPath). The same command asks them again.\n" }
    text += "Research, not clinical use. Answers: \(file.path)\n"
    let json: JSON = [
      "status": unanswered > 0 ? "incomplete" : "done", "run": .string(file.path), "model": .string(name), "prompts": .integer(rows.count),
      "answered": .integer(count(.answered)), "do_not_know": .integer(count(.doNotKnow)), "unparsed": .integer(count(.unparsed)),
      "unanswered": .integer(unanswered), "not_asked": .integer(notAsked), "sample": .bool(isSample),
      "arithmetic": .string(Arithmetic.corrected.rawValue),
      "stigma": .array(means.map { mean in
        [
          "condition": .string(mean.condition), "estimate": mean.estimate.map(JSON.number) ?? .null, "n_used": .integer(mean.used),
          "n_total": .integer(mean.total),
        ]
      }),
      "notice": "Research software. Not for clinical use.",
    ]
    return JobResult(unanswered > 0 ? .incomplete : .done, text: text, json: json)
  }
}
