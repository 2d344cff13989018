import Configuration
import Datasets
import Endpoints
import Evaluation
import Files
import Reports
import Tokenizers

/// `attune eval interjections evaluate`: a model's reply to each prompt, with the question that a judge will be asked about it.
///
/// Rows have the published form: `model_response` holds the characters that are kept, `classification_prompt` the whole reply.
struct EvaluateInterjections {
  /// Tokens of a reply, at most.
  static let maximumTokens = 512

  let run: SuiteRun
  let prompts: String
  /// Of the order in which a judge is shown the options.
  let seed: UInt64

  func run(_ model: (any LanguageModel)?) throws -> JobResult {
    let data = try TherapistFiles(root: run.data)
    let stimuli = try data.wording().interjections
    let judge = ResponseJudge(stimuli, seed: seed)
    // By key, as the published files.
    let all = try InterjectionPrompt.read(prompts, stimuli).sorted { "\($0.key)".utf8.lexicographicallyPrecedes("\($1.key)".utf8) }
    let rows = all.map { prompt in
      guard let stimulus = stimuli.stimulus(prompt.key.stimulus, of: prompt.key.condition) else { preconditionFailure("a prompt's key names a stimulus") }
      return InterjectionRow(prompt.key, stimulus, judge: judge)
    }
    let name = run.model.name ?? model?.name ?? run.model.reference.name
    var values = try InterjectionPrompt.runName(ofFile: prompts).values
    values["model"] = name
    let folder = "\(run.output)/\(try RunName(values).folder)"
    let reader = Self.reader(rows)
    let asked = 0..<min(all.count, run.limit ?? all.count)
    guard let model else {
      let before = run.overwrite ? [:] : try ResultFile.answered(folder: folder, run: run.run, read: reader)
      let missing = asked.filter { before[rows[$0].key] == nil }
      return try SuiteDryRun(
        model: run.model, conversations: missing.map { all[$0].messages }, tokensPerAnswer: Self.maximumTokens, before: asked.count - missing.count
      ).result(suite: "interjections evaluate", place: folder)
    }
    let manifest = try SuiteManifest.contents(
      suite: "interjections evaluate", model: model, name: name, prompts: all.map(\.messages),
      settings: [
        "temperature": 0, "max_tokens": .integer(Self.maximumTokens), "character_limit": .integer(stimuli.characterLimit), "option_order_seed": .string("\(seed)"),
      ], files: [prompts, data.stimuli].filter(FileSystem.isFile))
    let file = try ResultFile(folder: folder, run: run.run, overwrite: run.overwrite, order: rows.map(\.key), manifest: manifest, read: reader)
    let missing = asked.filter { file.rows[rows[$0].key] == nil }
    let progress = Progress("interjections", total: asked.count, unit: "replies", isQuiet: run.console.detail == .quiet)
    AskRows.announce(model, progress)
    if missing.count < asked.count { progress.note("\(asked.count - missing.count) prompts were answered before, in \(file.path)") }
    var cut = 0
    let requests = missing.map { ModelRequest(.chat(all[$0].messages), maximumTokens: Self.maximumTokens, run: file.askedAs) }
    let outcome = try AskRows(model: model, progress: progress, before: asked.count - missing.count).answers(to: requests) { index, answer in
      var row = rows[missing[index]]
      row.classificationPrompt = judge.messages(row, response: answer.text).json
      let kept = answer.text.unicodeScalars.prefix(stimuli.characterLimit)
      if kept.endIndex < answer.text.unicodeScalars.endIndex { cut += 1 }
      row.response = String(kept)
      try file.append(row.json.object ?? [:], for: row.key)
    }
    progress.finish()
    if outcome.isStopped { return EvaluateStigma.stopped(outcome, file) }
    let unanswered = outcome.unanswered.map { (key: rows[missing[$0.index]].key, reason: $0.reason) }
    let byKey = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0) })
    try file.finish(unanswered: unanswered) { key in byKey[key]?.json.object ?? [:] }
    return JournalledStage.result(
      "interjections evaluate", [("prompts", all.count), ("replies", file.rows.count), ("cut to the limit now", cut)],
      unanswered: unanswered, product: file.path, next: "Next: attune eval interjections classify --results '\(file.path)' --model JUDGE\n")
  }

  /// Reads a row of results: of one of these prompts, with a reply or without.
  private static func reader(_ rows: [InterjectionRow]) -> ResultFile.Reader {
    let byKey = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0) })
    return { object, path, place throws(InputError) in
      // Judges' columns are read by the stage that writes them.
      let row = try InterjectionRow(object, judge: "", path: path, at: place)
      guard let prompt = byKey[row.key], prompt.interjection == row.interjection, prompt.verificationPrompt == row.verificationPrompt else {
        throw InputError(path, at: place, "answers a prompt that is not in the file of prompts", advice: "Choose another --run or --output, or the --prompts that were asked")
      }
      return (row.key, row.response != nil)
    }
  }
}
