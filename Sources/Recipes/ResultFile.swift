import Files

/// A run of a suite in the published form: `FOLDER/NAME.jsonl`, a row a prompt.
///
/// Rows are appended as answers come, each on the disk before the next. When a pass over the missing ones is over, the file is put into
/// the prompts' order; a prompt that nobody answered then has a row whose answer is null, as in the published files, and its reason in
/// `NAME.unanswered.json`. Such a row is no answer: the prompt is asked again by the next pass. `NAME.manifest.json` says what was asked.
final class ResultFile {
  let folder: String
  let name: String
  /// Under which name its answers stand in a cache: the one that the run was begun with by `--run`, nil where it was begun without. A run that
  /// goes on finds its own answers; another run asks for its own.
  let askedAs: String?
  /// The answered rows by key.
  private(set) var rows: [String: JSONObject] = [:]
  private let order: [String]
  private let journal: LineJournal

  var path: String { "\(folder)/\(name).jsonl" }
  var unansweredPath: String { "\(folder)/\(name).unanswered.json" }
  /// Where journals of this run's parts stand; hidden, so that the folder has the published form.
  var journals: String { "\(folder)/.attune" }

  /// What a row says of itself.
  typealias Reader = (_ row: JSONObject, _ path: String, _ place: String) throws(InputError) -> (key: String, isAnswered: Bool)

  /// Opens or makes the file.
  /// - Parameters:
  ///   - run: its name; nil takes the newest in the folder, else today's date.
  ///   - order: the keys of all prompts.
  ///   - manifest: what the answers depend on; must be what it was when the file was begun.
  ///   - read: reads a row that is there already, or says why it is none of this suite.
  /// - Throws: `InputError` naming the row that is of another suite or occurs twice, or what differs in the manifest.
  init(folder: String, run: String?, overwrite: Bool, order: [String], manifest: JSON, read: Reader) throws(InputError) {
    (self.folder, self.order) = (folder, order)
    name = run ?? Self.newest(in: folder) ?? CalendarDate.today()
    try AtomicWrite.createFolder(folder)
    AtomicWrite.removeAbandoned(in: folder)
    let path = "\(folder)/\(name).jsonl"
    // Begun anew under a name, it has that name, as the first time.
    if overwrite, let run { askedAs = run } else if let begun = try SuiteManifest.run(of: path) { askedAs = begun } else { askedAs = run }
    if overwrite {
      for file in ["\(name).jsonl", "\(name).manifest.json", "\(name).unanswered.json"] { AtomicWrite.removeTree("\(folder)/\(file)") }
      for file in FileSystem.entries("\(folder)/.attune") where file.hasPrefix("\(name).") { AtomicWrite.removeTree("\(folder)/.attune/\(file)") }
    }
    try SuiteManifest.begin("\(folder)/\(name).manifest.json", manifest, run: askedAs, of: path)
    var found: [String: JSONObject] = [:]
    journal = try LineJournal(path) { line, json throws(InputError) in try Self.add(json, line, path, read, to: &found) }
    rows = found
  }

  /// The answered rows of a run, without touching it.
  static func answered(folder: String, run: String?, read: Reader) throws(InputError) -> [String: JSONObject] {
    guard let name = run ?? newest(in: folder), case let path = "\(folder)/\(name).jsonl", FileSystem.isFile(path) else { return [:] }
    var found: [String: JSONObject] = [:]
    try LineJournal.read(path) { line, json throws(InputError) in try add(json, line, path, read, to: &found) }
    return found
  }

  /// The last of a run folder's files by name, which is its date.
  static func newest(in folder: String) -> String? {
    FileSystem.entries(folder).last { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(".jsonl".count)) }
  }

  private static func add(_ json: JSON, _ line: Int, _ path: String, _ read: Reader, to found: inout [String: JSONObject]) throws(InputError) {
    guard let row = json.object else { throw InputError(path, at: "line \(line)", "found \(json.kind), expected a row of results") }
    let (key, isAnswered) = try read(row, path, "line \(line)")
    guard isAnswered else { return }
    guard found.updateValue(row, forKey: key) == nil else {
      throw InputError(path, at: "line \(line)", "answers a prompt a second time", advice: "Remove one of the two rows, or start anew with --overwrite")
    }
  }

  /// Keeps a row; on the disk when the call returns.
  func append(_ row: JSONObject, for key: String) throws(InputError) {
    try journal.append([.object(row)]) { $0.encodedAsPandas() }
    rows[key] = row
  }

  /// Ends a pass: every answered row in the order of the prompts, and what nobody answered.
  /// - Parameter empty: the row of a prompt without an answer.
  func finish(unanswered: [(key: String, reason: String)], empty: (_ key: String) -> JSONObject) throws(InputError) {
    let missing = Set(unanswered.map(\.key))
    let lines = order.compactMap { key in rows[key] ?? (missing.contains(key) ? empty(key) : nil) }.map { JSON.object($0).encodedAsPandas() + "\n" }
    try AtomicWrite.file(path, lines.joined())
    if unanswered.isEmpty { return AtomicWrite.removeTree(unansweredPath) }
    let requests = unanswered.map { ["key": .string($0.key), "reason": .string($0.reason)] as JSON }
    try AtomicWrite.file(unansweredPath, (["count": .integer(requests.count), "requests": .array(requests)] as JSON).encoded(indent: 2) + "\n")
  }
}
