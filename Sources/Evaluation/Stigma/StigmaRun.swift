public import Files

/// A model's answers to the stigma suite: one file of one run.
public struct StigmaRun: Sendable {
  public let name: RunName
  /// `2025-01-18.jsonl`.
  public let file: String
  public let rows: [StigmaRow]

  public init(name: RunName, file: String, rows: [StigmaRow]) { (self.name, self.file, self.rows) = (name, file, rows) }

  /// The model's short name.
  public var model: String { name.shortModel }

  /// Runs that were shown the same prompts are compared with each other.
  var group: PromptSetting { PromptSetting(name) }

  /// Reads a run's file.
  /// - Throws: `InputError` naming the line and row of anything that cannot be read, and a prompt that is there twice.
  public static func read(_ file: RunFile) throws(InputError) -> StigmaRun {
    let rows = try file.rows(key: \.key) { object, place throws(InputError) in try StigmaRow(object, path: file.path, at: place) }
    guard !rows.isEmpty else { throw InputError(file.path, "has no row", advice: "Run the suite first: attune eval stigma") }
    return StigmaRun(name: file.name, file: file.file, rows: rows)
  }

  /// Reads every run below `root`: published results, our own, one run's folder or one file.
  public static func readAll(_ root: String, selection: RunFile.Selection = .newest) throws(InputError) -> [StigmaRun] {
    var runs: [StigmaRun] = []
    for file in try RunFile.find(in: root, suite: "stigma", selection: selection) { runs.append(try read(file)) }
    return runs.sorted { a, b in
      a.model == b.model ? (a.name.folder, a.file) < (b.name.folder, b.file) : ModelName.precedes(a.model, b.model)
    }
  }
}
