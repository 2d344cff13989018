import Configuration
import Datasets
import Endpoints
import Evaluation
import Files
import Reports
import Tokenizers

/// The stages of the interjections suite that ask a model: `attune eval interjections filter|contextualize|evaluate|classify`.
///
/// Each keeps every answer the moment it comes, asks only what is missing, and can be killed at any time; what it makes of the answers is
/// written whole when there is nothing left to ask.
struct RunInterjections {
  let job: InterjectionJob

  func run() throws -> JobResult {
    if job.run.dryRun { return try stage(nil) }
    let model = try openModel(job.run.model.reference, job.run.model.options)
    return try stage(model).adding(model.usage)
  }

  /// - Parameter model: nil says what would be asked.
  func stage(_ model: (any LanguageModel)?) throws -> JobResult {
    switch job.stage {
    case .filter: try FilterTranscripts(run: job.run).run(model)
    case .contextualize(let prompts): try ContextualizePrompts(run: job.run, prompts: prompts).run(model)
    case .evaluate(let prompts, let seed): try EvaluateInterjections(run: job.run, prompts: prompts, seed: seed).run(model)
    case .classify(let results, let judgesWhole): try ClassifyResponses(run: job.run, results: results, judgesWhole: judgesWhole).run(model)
    }
  }
}

/// Questions of a stage whose answers stay in a journal until the stage has all of them.
struct JournalledStage {
  let suite: String
  let run: SuiteRun
  let journal: String
  let questions: [KeyedJournal.Question]
  let maximumTokens: Int
  /// What is written at the end, for messages.
  let product: String
  /// The run that the questions are about, as `ResultFile.askedAs`; nil for stages that are of no run.
  var askedAs: String?

  enum Result {
    /// Texts by key, and what nobody answered.
    case answered([String: String], unanswered: [(key: String, reason: String)])
    /// A signal came, or nothing was to be asked.
    case ended(JobResult)
  }

  func ask(_ model: (any LanguageModel)?, name: String) throws -> Result {
    let asked = questions[..<min(questions.count, run.limit ?? questions.count)]
    guard let model else {
      let before = run.overwrite ? [] : try KeyedJournal.answered(journal, questions)
      let missing = asked.filter { !before.contains($0.key) }
      return .ended(
        try SuiteDryRun(model: run.model, conversations: missing.map(\.messages), tokensPerAnswer: maximumTokens, before: asked.count - missing.count)
          .result(suite: suite, place: product))
    }
    let manifest = try SuiteManifest.contents(
      suite: suite, model: model, name: name, prompts: nil, settings: ["temperature": 0, "max_tokens": .integer(maximumTokens)], files: [])
    let manifestPath = String(journal.dropLast(".jsonl".count)) + ".manifest.json"
    if run.overwrite { AtomicWrite.removeTree(manifestPath) }
    try SuiteManifest.begin(manifestPath, manifest, run: askedAs, of: journal)
    let answers = try KeyedJournal(journal, questions, overwrite: run.overwrite)
    let missing = asked.filter { answers.answers[$0.key] == nil }
    let progress = Progress(suite, total: asked.count, unit: "answers", isQuiet: run.console.detail == .quiet)
    AskRows.announce(model, progress)
    if missing.count < asked.count { progress.note("\(asked.count - missing.count) of \(asked.count) were answered before") }
    let requests = missing.map { ModelRequest(.chat($0.messages), maximumTokens: maximumTokens, run: askedAs) }
    let outcome = try AskRows(model: model, progress: progress, before: asked.count - missing.count).answers(to: requests) { index, answer in
      try answers.append(.string(answer.text), to: missing[index])
    }
    progress.finish()
    if outcome.isStopped {
      return .ended(
        JobResult(
          .stopped, text: "Stopped after \(outcome.answered) answers, which are kept. Run the same command again to continue.\n",
          json: ["status": "stopped", "suite": .string(suite), "answered": .integer(answers.answers.count)]))
    }
    return .answered(answers.answers.compactMapValues(\.string), unanswered: outcome.unanswered.map { (missing[$0.index].key, $0.reason) })
  }

  /// What a stage says at its end.
  /// - Parameter counts: in the order in which they are said.
  static func result(
    _ suite: String, _ counts: [(name: String, count: Int)], unanswered: [(key: String, reason: String)], product: String, next: String
  ) -> JobResult {
    var text = "\(counts.map { "\(Format.count($0.count)) \($0.name)" }.joined(separator: ", "))\n"
    if let first = unanswered.first {
      text += "\(unanswered.count) got no answer (the first: \(first.reason)). The same command asks them again.\n"
    }
    text += "\(product)\n\(next)Research, not clinical use.\n"
    var json: JSONObject = ["suite": .string(suite), "status": unanswered.isEmpty ? "done" : "incomplete", "output": .string(product)]
    for (name, count) in counts { json[name.replacing(" ", with: "_")] = .integer(count) }
    json["unanswered"] = .array(unanswered.map { ["key": .string($0.key), "reason": .string($0.reason)] })
    json["notice"] = "Research software. Not for clinical use."
    return JobResult(unanswered.isEmpty ? .done : .incomplete, text: text, json: .object(json))
  }
}
