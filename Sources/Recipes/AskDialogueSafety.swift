import Configuration
import Datasets
import Evaluation
import Files
import Reports
import Torch

/// `attune eval dialogue-safety --model DIR --shots zero|few`: every row of the test set asked in several rounds, every answer kept as it
/// ends, read by one rule, and judged.
///
/// ```
/// OUTPUT/  config.yaml  manifest.json  answers/one.jsonl …  one.csv …  predictions/  per_run.csv  summary.csv  confusion.csv  results.json  report.html
/// ```
struct AskDialogueSafety {
  let job: DialogueAskJob
  private static let rounds = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

  func run() throws -> JobResult {
    let files = job.dialogue.rows
    let rows = try DialogueRows(train: files.train, test: files.test, root: job.settings.data.folder)
    let template = try job.dialogue.prompt.map { try SafetyPromptTemplate.read($0) } ?? SafetyPromptTemplate.standard(root: job.settings.data.folder)
    let data = GenerateData(sets: try Self.rounds.prefix(job.dialogue.rounds).enumerated().map { try round($1, seed: UInt64($0), rows, template) })
    let asked = try Generate(job: job.generation).answered(data) { try DialogueAskJob.read(recipe: $0).configuration }
    guard let (folder, tokens) = asked else {
      return JobResult(.stopped, text: "Stopped. Run the same command again to continue.\n", json: ["status": "stopped", "run": .string(job.settings.compute.output)])
    }
    let golds = rows.test.map(\.label)
    let runs = zip(data.sets, folder.journals).map { set, journal in
      SafetyRun(name: set.name, golds: golds, predicted: golds.indices.map { row in journal.answers[row + 1].flatMap { SafetyAnswer.label(of: $0.text) } })
    }
    let base = job.settings.model.base.split(separator: "/").last.map(String.init) ?? job.settings.model.base
    let evaluation = try SafetyEvaluation(
      title: "Dialogue safety: \(base) asked \(job.dialogue.shots.rawValue)-shot", systems: [SafetySystem(name: "\(base)_\(job.dialogue.shots.rawValue)_shot", runs: runs)],
      facts: facts(rows, template, tokens), notes: notes(runs))
    try evaluation.write(into: folder.path)
    return JobResult(text: evaluation.text(folder: folder.path), json: evaluation.json(folder: folder.path))
  }

  /// Every row's prompt. The examples are drawn anew for each round.
  private func round(_ name: String, seed: UInt64, _ rows: DialogueRows, _ template: SafetyPromptTemplate) throws -> GenerateData.Set {
    let shots = job.dialogue.shots == .few ? try rows.shots(seed: job.settings.generation.seed &+ seed) : []
    let prompts = rows.test.enumerated().map { index, example in
      let text = template.prompt(context: example.post, response: example.text, examples: shots)
      let id = ExampleID(dataset: DialogueSafety.name, split: .test, row: index + 1, digest: contentDigest(text))
      return GenerateData.Row(
        prompt: LanguageRow(id: id, line: example.id.row, content: .pair(prompt: text, completion: "")), gold: DialogueSafety.labels.names[example.label])
    }
    return GenerateData.Set(name: name, path: rows.sources[.test] ?? DialogueSafety.name, rows: prompts)
  }

  private func notes(_ runs: [SafetyRun]) -> [String] {
    let (unparsed, all) = (runs.reduce(0) { $0 + $1.unparsed }, runs.reduce(0) { $0 + $1.golds.count })
    guard unparsed > 0 else { return [] }
    return ["\(Format.count(unparsed)) of \(Format.count(all)) answers name none of the eight labels up to their first full stop. They count as wrong."]
  }

  private func facts(_ rows: DialogueRows, _ template: SafetyPromptTemplate, _ tokens: Int) -> [ClassifierReport.Fact] {
    let generation = job.settings.generation
    var facts: [ClassifierReport.Fact] = [.init("model", job.settings.model.base)]
    if let adapter = job.settings.model.adapter { facts.append(.init("adapter", adapter)) }
    facts += [
      .init("test set", rows.sources[.test] ?? ""), .init("wording", template.name),
      .init("examples", job.dialogue.shots == .few ? "one a label from \(rows.sources[.train] ?? ""), drawn each round" : "none"),
      .init("answers", generation.doSample ? "drawn at temperature \(Format.short(generation.temperature)), at most \(generation.maxNewTokens) tokens" : "the likeliest, at most \(generation.maxNewTokens) tokens"),
      .init("seed", "\(generation.seed)"), .init("libtorch", "\(Runtime.version), \(Runtime.cpuCapability)"), .init("run folder", job.settings.compute.output),
    ]
    return facts
  }
}
