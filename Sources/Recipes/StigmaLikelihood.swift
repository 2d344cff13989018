import Datasets
import Endpoints
import Evaluation
import Files
import Reports
import Tokenizers

/// The stigma suite by the probabilities of the letters: nothing is unparsed, and a model without a habit of chatting can be measured.
///
/// First each question is asked about texts without content, then about the vignettes; `OptionCalibration` divides the second by the first.
/// The calibrated probabilities and the log probabilities that they come from stay in each row.
struct StigmaLikelihood {
  let survey: StigmaSurvey
  let model: any LanguageModel
  let isQuiet: Bool

  /// - Returns: positions in `missing` of what went unanswered.
  func ask(
    _ missing: [Int], _ asking: AskRows, in file: ResultFile, keep: ((json: JSONObject, key: String)) throws -> Void
  ) throws -> AskRows.Outcome {
    guard !missing.isEmpty else { return AskRows.Outcome() }
    let (calibrations, stopped) = try calibrate(file)
    if let stopped { return stopped }
    let requests = missing.map { Self.request(survey.conversations[$0], survey.prompts[$0].question, file) }
    return try asking.scores(of: requests) { index, scores in
      let position = missing[index]
      guard let calibration = calibrations[survey.prompts[position].question] else { preconditionFailure("every question was calibrated") }
      try keep(survey.rows[position].scored(scores, calibration))
    }
  }

  /// One conversation a question and content-free text.
  static func calibrations(_ survey: StigmaSurvey) -> [KeyedJournal.Question] {
    questions(survey).enumerated().flatMap { index, question in
      OptionCalibration.contentFree.enumerated().map { free, text in
        KeyedJournal.Question(key: "\(index)_\(free)", messages: survey.asking.messages(StigmaPrompt.text(text, question)))
      }
    }
  }

  private static func questions(_ survey: StigmaSurvey) -> [SurveyQuestion] {
    var seen: Set<SurveyQuestion> = []
    return survey.prompts.map(\.question).filter { seen.insert($0).inserted }
  }

  private static func request(_ messages: [ChatMessage], _ question: SurveyQuestion, _ file: ResultFile) -> ScoreRequest {
    ScoreRequest(.chat(messages), continuations: question.options.indices.map(SurveyQuestion.letter), run: file.askedAs)
  }

  /// Asks what the journal does not have yet.
  /// - Returns: the outcome instead of calibrations where a signal came.
  /// - Throws: `InputError` when a question got no scores: its rows could not be calibrated.
  private func calibrate(_ file: ResultFile) throws -> ([SurveyQuestion: OptionCalibration], stopped: AskRows.Outcome?) {
    let (questions, asked) = (Self.questions(survey), Self.calibrations(survey))
    let journal = try KeyedJournal("\(file.journals)/\(file.name).calibration.jsonl", asked, overwrite: false)
    let missing = asked.filter { journal.answers[$0.key] == nil }
    let progress = Progress("calibrating", total: asked.count, unit: "prompts", isQuiet: isQuiet)
    let texts = OptionCalibration.contentFree.count
    let requests = missing.map { question in
      Self.request(question.messages, questions[(asked.firstIndex { $0.key == question.key } ?? 0) / texts], file)
    }
    let outcome = try AskRows(model: model, progress: progress, before: asked.count - missing.count).scores(of: requests) { index, scores in
      try journal.append(.array(scores.map(JSON.number)), to: missing[index])
    }
    progress.finish()
    if outcome.isStopped { return ([:], outcome) }
    if let first = outcome.unanswered.first {
      throw InputError(
        file.path, "\(outcome.unanswered.count) of the \(asked.count) prompts that calibrate the options got no scores: \(first.reason)",
        advice: "Run the same command again; it asks only what is missing")
    }
    var result: [SurveyQuestion: OptionCalibration] = [:]
    for (index, question) in questions.enumerated() {
      let scores = (0..<texts).compactMap { journal.answers["\(index)_\($0)"]?.array?.compactMap(\.double) }
      guard scores.count == texts, scores.allSatisfy({ $0.count == question.options.count }) else {
        throw InputError(journal.path, "holds no scores of every option", advice: "Start anew with --overwrite")
      }
      result[question] = OptionCalibration(contentFree: scores)
    }
    return (result, nil)
  }
}

extension StigmaRow {
  /// The row with the likeliest option after calibration.
  fileprivate func scored(_ scores: [Double], _ calibration: OptionCalibration) -> (json: JSONObject, key: String) {
    var row = self
    let probabilities = calibration.probabilities(scores)
    let choice = probabilities.indices.max { (probabilities[$0], -$0) < (probabilities[$1], -$1) } ?? 0
    (row.choice, row.output, row.probabilities) = (choice, SurveyQuestion.letter(choice), probabilities)
    var object = row.json.object ?? [:]
    object["log_likelihoods"] = .object(JSONObject(zip(options.indices.map(SurveyQuestion.letter), scores.map(JSON.number))))
    return (object, key)
  }
}
