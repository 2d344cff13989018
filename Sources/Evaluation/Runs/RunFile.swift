import Datasets
public import Files

/// A run's file: which run it is of, and where it stands.
public struct RunFile: Sendable, Hashable {
  public let name: RunName
  public let path: String
  /// The file's own name, `2025-01-18.jsonl`.
  public var file: String { FileSystem.name(of: path) }
  /// The folder that it is in.
  var folder: String { String(path.dropLast(file.count + 1)) }

  /// What to do about a row that is wrong.
  static let rowAdvice = "Correct that row, or run the suite again for it"

  /// Reads a file of JSON lines, one row each.
  /// - Parameters:
  ///   - key: names the prompt of a row.
  ///   - read: given a line's object and its place, for messages.
  /// - Throws: `InputError` naming the line and row of anything that cannot be read, and of a prompt that is there twice.
  func rows<Row>(key: (Row) -> String, _ read: (_ object: JSONObject, _ place: String) throws(InputError) -> Row) throws(InputError) -> [Row] {
    var (rows, seen): ([Row], [String: Int]) = ([], [:])
    for (index, line) in try JSONLines.read(path).enumerated() {
      let place = "line \(line.line), row \(index + 1)"
      let row = try read(line.object, place)
      if let earlier = seen.updateValue(index + 1, forKey: key(row)) {
        throw InputError(path, at: place, "is the same prompt as row \(earlier)", advice: "Keep one of the two rows")
      }
      rows.append(row)
    }
    return rows
  }

  /// Which of a run's files count, where a run has several.
  public enum Selection: Sendable {
    /// The newest by name, never by the order of the directory.
    case newest
    case all
  }

  /// Finds the runs of a suite.
  /// - Parameters:
  ///   - root: the results of several runs, one run's folder, or one file of a run.
  ///   - suite: the folder of `root` to look into where there is one, `stigma`.
  ///   - tables: whether CSV files count, for a run without JSON lines.
  /// - Returns: in the order of the folders' names, then of the files'.
  /// - Throws: `InputError` when there is no run, or its folder's name cannot be read.
  public static func find(
    in root: String, suite: String, selection: Selection = .newest, tables: (_ path: String) throws(InputError) -> Bool = { _ in false }
  ) throws(InputError) -> [RunFile] {
    let root = FileSystem.trimmed(root)
    if FileSystem.isFile(root) { return [RunFile(name: try folderName(of: root), path: root)] }
    guard FileSystem.isFolder(root) else { throw InputError(root, "is missing, expected a folder of results", advice: "Check --results") }
    if (try? RunName(parsing: FileSystem.name(of: root), path: root)) != nil, !files(of: root).isEmpty { return try runs(of: root, selection, tables) }
    let folder = FileSystem.isFolder("\(root)/\(suite)") ? "\(root)/\(suite)" : root
    var found: [RunFile] = []
    for entry in FileSystem.entries(folder) where entry.contains("=") && FileSystem.isFolder("\(folder)/\(entry)") {
      found += try runs(of: "\(folder)/\(entry)", selection, tables)
    }
    guard !found.isEmpty else {
      throw InputError(folder, "holds no run", advice: "Expected folders like model=NAME&steel-man-prompt=False with a file like 2025-01-18.jsonl in each")
    }
    return found
  }

  private static func runs(
    of folder: String, _ selection: Selection, _ tables: (String) throws(InputError) -> Bool
  ) throws(InputError) -> [RunFile] {
    let name = try RunName(parsing: FileSystem.name(of: folder), path: folder)
    var names = files(of: folder)
    if names.isEmpty {
      for table in FileSystem.entries(folder) where table.hasSuffix(".csv") {
        if try tables("\(folder)/\(table)") { names.append(table) }
      }
    }
    return (selection == .all ? names : names.suffix(1)).map { RunFile(name: name, path: "\(folder)/\($0)") }
  }

  /// JSON lines by name; what belongs to a run and is none lies in folders below it, or is named otherwise.
  private static func files(of folder: String) -> [String] {
    FileSystem.entries(folder).filter { $0.hasSuffix(".jsonl") && FileSystem.isFile("\(folder)/\($0)") }
  }

  private static func folderName(of file: String) throws(InputError) -> RunName {
    let parts = file.split(separator: "/")
    guard parts.count > 1 else { throw InputError(file, "stands in no run's folder", advice: "Name it with its folder, model=NAME&…/\(file)") }
    return try RunName(parsing: String(parts[parts.count - 2]), path: file)
  }
}
