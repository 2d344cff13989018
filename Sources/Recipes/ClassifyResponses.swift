import Configuration
import Datasets
import Endpoints
import Evaluation
import Files
import Tokenizers

/// `attune eval interjections classify`: a judge model reads each reply of a run and says whether it does what it should.
///
/// The judgements become the column `<judge>_classification` of the run's file, as published: an option, or null where the judge named none.
struct ClassifyResponses {
  let run: SuiteRun
  /// A run's file, or its folder, whose newest file counts.
  let results: String
  /// Judge what the model wrote, as upstream did, where otherwise the characters that are kept are judged.
  let judgesWhole: Bool

  func run(_ model: (any LanguageModel)?) throws -> JobResult {
    let path = try file()
    let stimuli = try TherapistFiles(root: run.data).wording().interjections
    let name = run.model.name ?? model?.name ?? run.model.reference.name
    let column = "\(name)_classification"
    let judge = ResponseJudge(stimuli, seed: 0)  // the order of a row's options is in the row
    let (own, other) = (try journal(path, name, whole: judgesWhole), try journal(path, name, whole: !judgesWhole))
    if FileSystem.isFile(other) {
      guard run.overwrite else {
        let how = judgesWhole ? "what is kept of each reply" : "whole replies"
        throw InputError(path, "\(name) has judged \(how) of this run", advice: "Start its judgement anew with --overwrite, or give this one a --name of its own")
      }
      for file in [other, Self.manifest(of: other)] where model != nil { AtomicWrite.removeTree(file) }
    }
    // Judgements that are not from here are taken as they are.
    let isForeign = !FileSystem.isFile(own) && !run.overwrite
    var questions: [KeyedJournal.Question] = []
    var (rows, options, judged, silent): ([JSONObject], [String: [String]], Int, Int) = ([], [:], 0, 0)
    for (index, line) in try JSONLines.read(path).enumerated() {
      let row = try InterjectionRow(line.object, judge: name, path: path, at: "line \(line.line), row \(index + 1)")
      rows.append(line.object)
      guard options.updateValue(row.verificationOptions, forKey: row.key) == nil else {
        throw InputError(path, at: "line \(line.line), row \(index + 1)", "has the key of an earlier row", advice: "Keep one of the two rows")
      }
      guard let response = row.response else {
        silent += 1
        continue
      }
      if row.classification != nil, isForeign {
        judged += 1
        continue
      }
      questions.append(KeyedJournal.Question(key: row.key, messages: judgesWhole ? try messages(row, path, index) : judge.messages(row, response: response)))
    }
    let stage = JournalledStage(
      suite: "interjections classify", run: run, journal: own, questions: questions, maximumTokens: ResponseJudge.maximumTokens, product: path,
      askedAs: try SuiteManifest.run(of: path) ?? nil)
    switch try stage.ask(model, name: name) {
    case .ended(let result): return result
    case .answered(let texts, let unanswered):
      let lines = rows.map { row -> String in
        var row = row
        let key = row["key"]?.string ?? ""
        if let text = texts[key] {
          row[column] = OptionAnswer.option(in: text, of: options[key] ?? []).map(JSON.string) ?? .null
        } else if row[column] == nil {
          row[column] = .null
        }
        return JSON.object(row).encodedAsPandas() + "\n"
      }
      try AtomicWrite.file(path, lines.joined())
      let unparsed = texts.count { OptionAnswer.option(in: $0.value, of: options[$0.key] ?? []) == nil }
      return JournalledStage.result(
        stage.suite,
        [("replies", rows.count - silent), ("judged", texts.count + judged - unparsed), ("judgements that name no option", unparsed), ("without a reply", silent)],
        unanswered: unanswered, product: path, next: "Next: attune analyze interjections --results '\(run.output)'\n")
    }
  }

  private func file() throws(InputError) -> String {
    if FileSystem.isFile(results) { return results }
    let folder = FileSystem.trimmed(results)
    guard let name = ResultFile.newest(in: folder) else {
      throw InputError(results, "holds no replies to judge, expected a file like 2025-01-19.jsonl", advice: "Run attune eval interjections evaluate first")
    }
    return "\(folder)/\(name).jsonl"
  }

  /// Beside the run, hidden: the run's folder has the published form.
  private func journal(_ path: String, _ judge: String, whole: Bool) throws(InputError) -> String {
    let (folder, file) = Self.parts(path)
    return "\(folder)/.attune/\(file).\(try RunName(["judge": judge, "whole": RunName.flag(whole)]).folder).jsonl"
  }

  private static func manifest(of journal: String) -> String { String(journal.dropLast(".jsonl".count)) + ".manifest.json" }

  private static func parts(_ path: String) -> (folder: String, file: String) {
    let name = FileSystem.name(of: path)
    let folder = path.count > name.count ? String(path.dropLast(name.count + 1)) : "."
    return (folder.isEmpty ? "/" : folder, name.hasSuffix(".jsonl") ? String(name.dropLast(6)) : name)
  }

  /// The question about the whole reply, as it stands in the row.
  private func messages(_ row: InterjectionRow, _ path: String, _ index: Int) throws(InputError) -> [ChatMessage] {
    let items = row.classificationPrompt?.array ?? []
    let messages = items.compactMap { item -> ChatMessage? in
      guard let role = item["role"]?.string.flatMap(ChatMessage.Role.init), let content = item["content"]?.string else { return nil }
      return ChatMessage(role, content)
    }
    guard !items.isEmpty, messages.count == items.count else {
      throw InputError(path, at: "row \(index + 1), \"classification_prompt\"", "holds no question about the whole reply", advice: "Judge what is kept of it: leave out --compat")
    }
    return messages
  }
}
