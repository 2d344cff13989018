import Configuration
import Datasets
import Evaluation
import Files
import Tokenizers

/// The prompts of the stigma suite as one model is asked them.
struct StigmaSurvey {
  let prompts: [StigmaPrompt]
  /// Without answers, in the order of the prompts.
  let rows: [StigmaRow]
  let conversations: [[ChatMessage]]
  let asking: StigmaAsking
  let isSample: Bool
  /// What was read.
  let files: [String]
  private let systemPrompt: SystemPrompt?

  init(_ job: StigmaJob) throws(InputError) {
    let data = try TherapistFiles(root: job.run.data)
    let stimuli = try data.wording()
    systemPrompt = if let name = job.systemPrompt { try stimuli.prompt(named: name) } else { nil }
    prompts = try StigmaPrompt.read(data)
    rows = prompts.map(StigmaRow.init)
    asking = StigmaAsking(stimuli.stigma, prompt: systemPrompt)
    let asking = asking
    conversations = prompts.map { asking.messages($0.text) }
    (isSample, files) = (data.isSample, [data.vignettes, data.questions, data.stimuli].filter(FileSystem.isFile))
    var seen: Set<String> = []
    if let row = rows.firstIndex(where: { !seen.insert($0.key).inserted }) {
      throw InputError(data.vignettes, "two prompts are about the same person and question, the second of them the \(row + 1)th", advice: "Remove one of the two")
    }
  }

  /// Positions of the prompts that are to be asked.
  func asked(_ limit: Int?) -> Range<Int> { 0..<min(rows.count, limit ?? rows.count) }

  /// What decides an answer beside prompts and model.
  func settings(_ method: StigmaJob.Method) -> JSONObject {
    switch method {
    case .text: ["by": "text", "temperature": 0, "max_tokens": .integer(StigmaAsking.maximumTokens)]
    case .likelihood: ["by": "likelihood", "calibration": "contextual", "content_free": .array(OptionCalibration.contentFree.map(JSON.string))]
    }
  }

  /// Reads a row of results: one of these prompts, with an answer or without.
  var reader: ResultFile.Reader {
    let byKey = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.prompt) })
    return { row, path, place throws(InputError) in
      let found = try StigmaRow(row, path: path, at: place)
      guard let prompt = byKey[found.key], prompt.utf8.elementsEqual(found.prompt.utf8) else {
        throw InputError(path, at: place, "answers a prompt that is none of this survey's", advice: "Choose another --run or --output, or the --data that it was asked from")
      }
      return (found.key, found.output != nil)
    }
  }

  /// The rows of a file in the order of the prompts, without answer where there is none.
  func reading(_ file: ResultFile) throws(InputError) -> [StigmaRow] {
    var result: [StigmaRow] = []
    for row in rows {
      if let answered = file.rows[row.key] { result.append(try StigmaRow(answered, path: file.path, at: "row \(result.count + 1)")) } else { result.append(row) }
    }
    return result
  }

  /// What a run folder calls a system prompt: its name, or its file's.
  static func shortName(_ prompt: String) -> String { FileSystem.isFile(prompt) ? FileSystem.stem(of: prompt) : prompt }
}
