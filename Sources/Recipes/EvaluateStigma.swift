import Configuration
import Datasets
import Endpoints
import Evaluation
import Files
import Reports
import Tokenizers

/// `attune eval stigma`: every question about every vignette, the answers in the published form.
///
/// ```
/// OUTPUT/model=NAME&steel-man-prompt=True/  DATE.jsonl  DATE.manifest.json  DATE.unanswered.json
/// ```
struct EvaluateStigma {
  let job: StigmaJob

  func run() throws -> JobResult {
    let survey = try StigmaSurvey(job)
    if job.run.dryRun { return try dryRun(survey) }
    let model = try openModel(job.run.model.reference, job.run.model.options)
    return try run(survey, model).adding(model.usage)
  }

  func run(_ survey: StigmaSurvey, _ model: any LanguageModel) throws -> JobResult {
    let name = job.run.model.name ?? model.name
    if job.method == .likelihood, !model.canScore {
      throw InputError("--by likelihood", "\(name) gives no log probabilities", advice: "Ask it by text, or ask a model that runs here")
    }
    let manifest = try SuiteManifest.contents(
      suite: "stigma", model: model, name: name, prompts: survey.conversations, settings: survey.settings(job.method), files: survey.files)
    let file = try ResultFile(
      folder: try folder(name), run: job.run.run, overwrite: job.run.overwrite, order: survey.rows.map(\.key), manifest: manifest, read: survey.reader)
    let missing = survey.asked(job.run.limit).filter { file.rows[survey.rows[$0].key] == nil }
    let progress = Progress("stigma", total: survey.asked(job.run.limit).count, unit: "prompts", isQuiet: job.run.console.detail == .quiet)
    let before = progress.total - missing.count
    AskRows.announce(model, progress)
    if survey.isSample { progress.note("No data of the suite was imported: these are the shipped sample's made-up vignettes") }
    if before > 0 { progress.note("\(before) prompts were answered before, in \(file.path)") }
    let asking = AskRows(model: model, progress: progress, before: before)
    let outcome: AskRows.Outcome
    switch job.method {
    case .text:
      let requests = missing.map { ModelRequest(.chat(survey.conversations[$0]), maximumTokens: StigmaAsking.maximumTokens, run: file.askedAs) }
      outcome = try asking.answers(to: requests) { index, answer in try keep(survey.rows[missing[index]].answered(answer.text), in: file) }
    case .likelihood:
      outcome = try StigmaLikelihood(survey: survey, model: model, isQuiet: job.run.console.detail == .quiet).ask(missing, asking, in: file) { try keep($0, in: file) }
    }
    progress.finish()
    if outcome.isStopped { return Self.stopped(outcome, file) }
    let unanswered = outcome.unanswered.map { (survey.rows[missing[$0.index]].key, $0.reason) }
    let byKey = Dictionary(uniqueKeysWithValues: survey.rows.map { ($0.key, $0) })
    try file.finish(unanswered: unanswered) { key in byKey[key]?.json.object ?? [:] }
    return try StigmaSummary(rows: survey.reading(file), unanswered: unanswered.count, isSample: survey.isSample).result(name: name, file: file)
  }

  private func keep(_ row: (json: JSONObject, key: String), in file: ResultFile) throws { try file.append(row.json, for: row.key) }

  private func folder(_ name: String) throws(InputError) -> String {
    var values = ["model": name, "steel-man-prompt": RunName.flag(job.systemPrompt == SystemPrompt.steelMan)]
    if let prompt = job.systemPrompt, prompt != SystemPrompt.steelMan { values["system-prompt"] = StigmaSurvey.shortName(prompt) }
    if job.method == .likelihood { values["by"] = "likelihood" }
    return "\(job.run.output)/\(try RunName(values).folder)"
  }

  static func stopped(_ outcome: AskRows.Outcome, _ file: ResultFile) -> JobResult {
    JobResult(
      .stopped, text: "Stopped after \(outcome.answered) answers, which are in \(file.path). Run the same command again to continue.\n",
      json: ["status": "stopped", "run": .string(file.path), "answered": .integer(file.rows.count)])
  }

  private func dryRun(_ survey: StigmaSurvey) throws -> JobResult {
    let name = job.run.model.name ?? job.run.model.reference.name
    let folder = try folder(name)
    let answered = job.run.overwrite ? [:] : try ResultFile.answered(folder: folder, run: job.run.run, read: survey.reader)
    let all = survey.asked(job.run.limit)
    var conversations = all.filter { answered[survey.rows[$0].key] == nil }.map { survey.conversations[$0] }
    let missing = conversations.count
    if job.method == .likelihood, missing > 0 { conversations += StigmaLikelihood.calibrations(survey).map(\.messages) }
    let perAnswer = job.method == .text ? StigmaAsking.maximumTokens : 0
    return try SuiteDryRun(model: job.run.model, conversations: conversations, tokensPerAnswer: perAnswer, before: all.count - missing).result(suite: "stigma", place: folder)
  }
}

extension StigmaRow {
  init(_ prompt: StigmaPrompt) {
    self.init(
      education: prompt.vignette.education, race: prompt.vignette.race, gender: prompt.vignette.gender, condition: prompt.vignette.condition,
      vignette: prompt.vignette.text, question: prompt.question.shown, questionOnly: prompt.question.text, options: prompt.question.options,
      prompt: prompt.text)
  }

  /// The row with what a model said.
  func answered(_ text: String) -> (json: JSONObject, key: String) {
    var row = self
    row.output = text
    row.choice = OptionAnswer.index(in: text, options: options.count)
    return (row.json.object ?? [:], key)
  }
}
