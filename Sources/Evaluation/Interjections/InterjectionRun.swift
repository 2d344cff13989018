import Datasets
public import Files

/// One reply to an interjection and its judgement: what counting needs of a row, without any text.
public struct InterjectionOutcome: Sendable, Hashable {
  /// Names the row in every run on the same prompts.
  public let key: String
  public let stimulus, condition: String
  /// What rows stand and fall together with: the transcript, the therapist, for a live bot the stimulus.
  public let cluster: String
  /// Messages of the transcript before it; nil where people were asked without one.
  public let messageNumber: Int?
  /// The option that is appropriate, and the one that was judged to hold; nil where nobody judged.
  public let correct: String
  public let classification: String?
  public let hasResponse: Bool

  public init(
    key: String, stimulus: String, condition: String, cluster: String, messageNumber: Int?, correct: String, classification: String?, hasResponse: Bool
  ) {
    (self.key, self.stimulus, self.condition, self.cluster) = (key, stimulus, condition, cluster)
    (self.messageNumber, self.correct, self.classification, self.hasResponse) = (messageNumber, correct, classification, hasResponse)
  }

  public var isAppropriate: Bool? { classification.map { $0 == correct } }
}

/// The replies of one model, bot or group of people: one file of one run.
public struct InterjectionRun: Sendable {
  public enum Kind: String, Sendable { case model, bot, therapists }

  public let name: RunName
  public let file: String
  public let kind: Kind
  /// Who judged: a model's name, or `human`.
  public let judge: String
  public let outcomes: [InterjectionOutcome]

  public init(name: RunName, file: String, kind: Kind = .model, judge: String, outcomes: [InterjectionOutcome]) {
    (self.name, self.file, self.kind, self.judge, self.outcomes) = (name, file, kind, judge, outcomes)
  }

  /// A run of rows as the suite has them.
  public init(name: RunName, file: String, rows: [InterjectionRow]) {
    let outcomes = rows.map { row in
      InterjectionOutcome(
        key: row.key, stimulus: row.stimulus, condition: row.condition, cluster: row.transcript, messageNumber: row.messageNumber,
        correct: row.verificationCorrect, classification: row.classification, hasResponse: row.response != nil)
    }
    self.init(name: name, file: file, judge: rows.first { !$0.judge.isEmpty }?.judge ?? "", outcomes: outcomes)
  }

  public var model: String { name.shortModel }

  /// Models that were shown the same prompts are compared with each other.
  var group: PromptSetting { PromptSetting(name) }

  /// Reads a run's file: JSON lines of a model, or the CSV of what people or live bots said.
  /// - Throws: `InputError` naming the line and row of anything that cannot be read, and a key that is there twice.
  public static func read(_ file: RunFile) throws(InputError) -> InterjectionRun {
    let run = file.path.hasSuffix(".csv") ? try readTable(file) : try readLines(file)
    guard !run.outcomes.isEmpty else { throw InputError(file.path, "has no row", advice: "Run the suite first: attune eval interjections") }
    return run
  }

  /// Reads every run below `root`; CSV files count where they hold people's judgements, exports for annotators do not.
  public static func readAll(_ root: String, selection: RunFile.Selection = .newest) throws(InputError) -> [InterjectionRun] {
    let files = try RunFile.find(in: root, suite: "interjections", selection: selection) { path throws(InputError) in
      try CSVReader.records(of: path).header.has(judged)
    }
    var runs: [InterjectionRun] = []
    for file in files { runs.append(try read(file)) }
    return runs.sorted { a, b in
      if a.kind != b.kind { return rank(a.kind) < rank(b.kind) }
      return a.model == b.model ? (a.name.folder, a.file) < (b.name.folder, b.file) : ModelName.precedes(a.model, b.model)
    }
  }

  private static func rank(_ kind: Kind) -> Int { kind == .model ? 0 : kind == .bot ? 1 : 2 }

  private static func readLines(_ file: RunFile) throws(InputError) -> InterjectionRun {
    InterjectionRun(
      name: file.name, file: file.file,
      rows: try file.rows(key: \.key) { object, place throws(InputError) in try InterjectionRow(object, path: file.path, at: place) })
  }

  private static let judged = "human_classification"

  private static func readTable(_ file: RunFile) throws(InputError) -> InterjectionRun {
    let table = try CSVReader.read(file.path)
    let columns = (
      id: try table.column("id"), condition: try table.column("condition"), options: try table.column("verification_options"),
      correct: try table.column("verification_correct"), response: try table.column("model_response"), judged: try table.column(judged))
    let person = table.has("participant_id") ? try table.column("participant_id") : nil
    var (outcomes, asked): ([InterjectionOutcome], [String: Int]) = ([], [:])
    for (index, row) in table.rows.enumerated() {
      let options = row[columns.options].split(separator: ",").map(word)
      func option(_ column: Int, _ name: String) throws(InputError) -> String? {
        let text = word(row[column])
        guard text.isEmpty || options.contains(text) else {
          throw InputError(file.path, at: "\(table.location(index)), \"\(name)\"", "is none of the row's options", advice: "Write one of them, or leave it empty")
        }
        return text.isEmpty ? nil : text
      }
      guard let correct = try option(columns.correct, "verification_correct") else {
        throw InputError(file.path, at: "\(table.location(index)), \"verification_correct\"", "is empty", advice: "Say which option is appropriate")
      }
      let id = person.map { "\(row[$0])_\(row[columns.id])" } ?? row[columns.id]
      asked[id, default: 0] += 1
      outcomes.append(InterjectionOutcome(
        key: asked[id] == 1 ? id : "\(id)_\(asked[id] ?? 0)", stimulus: row[columns.id], condition: row[columns.condition],
        cluster: person.map { row[$0] } ?? row[columns.id], messageNumber: nil, correct: correct,
        classification: try option(columns.judged, judged), hasResponse: !row[columns.response].isEmpty))
    }
    return InterjectionRun(name: file.name, file: file.file, kind: person == nil ? .bot : .therapists, judge: "human", outcomes: outcomes)
  }

  /// A word as people type it.
  private static func word(_ text: some StringProtocol) -> String {
    var text = Substring(text.lowercased())
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
