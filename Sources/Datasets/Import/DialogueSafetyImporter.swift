public import Files

/// `attune data import dialogue-safety`: a checkout of qiuhuachuan/DialogueSafety, or a folder laid out like it, into
/// `train_data/dialogue-safety` and `test_data/dialogue-safety`.
///
/// Rows are copied byte for byte once every label is checked. Released predictions and answers, many small files upstream, become one JSON
/// Lines file a system, without texts; incomplete ones are named and left out. The wording of the published prompt is recovered from the
/// released answers into `prompt.txt`.
public struct DialogueSafetyImporter: Sendable {
  /// What was imported; also written as `manifest.json`.
  public struct Report: Sendable {
    /// A file of rows, with how many of each label.
    public internal(set) var rows: [(source: String, destination: String, rows: Int, labels: [Int])] = []
    public internal(set) var systems: [SafetySystem] = []
    public internal(set) var hasPrompt = false
    /// What this folder lacks, each with its consequence.
    public internal(set) var absent: [ImportAbsence] = []
    /// True when the same was already there and nothing was written.
    public internal(set) var isUnchanged = false

    public var json: JSON {
      [
        "corpus": "dialogue-safety", "source": "https://github.com/qiuhuachuan/DialogueSafety",
        "files": .array(rows.map { file in
          [
            "source": .string(file.source), "destination": .string(file.destination), "rows": .integer(file.rows),
            "labels": .object(JSONObject(zip(DialogueSafety.labels.names, file.labels).map { ($0, JSON.integer($1)) })),
          ]
        }),
        "systems": .array(systems.map { ["name": .string($0.name), "runs": .array($0.runs.map { .string($0.name) })] }),
        "prompt": .bool(hasPrompt),
        "absent": .array(absent.map(\.json)),
      ]
    }
  }

  private let from: String
  private let to: String

  public init(from: String, to: String = ".") {
    (self.from, self.to) = (FileSystem.trimmed(from), FileSystem.trimmed(to))
  }

  /// Verifies and writes.
  /// - Throws: `InputError` when `from` has no test set, or a row is damaged or has a label outside the eight; then nothing is written.
  public func run() throws -> Report {
    guard FileSystem.isFolder(from) else { throw InputError(from, "no such folder", advice: "Name a checkout of qiuhuachuan/DialogueSafety") }
    var report = Report()
    var files: [(path: String, bytes: [UInt8])] = []
    var golds: [Int] = []
    for split in Split.allCases {
      guard let source = DialogueSafety.upstream[split]?.first(where: { FileSystem.isFile("\(from)/\($0)") }) else {
        report.absent.append(Self.absence(split))
        continue
      }
      let examples = try DialogueSafety.read("\(from)/\(source)", split: split).examples().examples
      let name = "dialogue-safety/\(split == .validation ? "val" : split.rawValue).json"
      files.append(("\(split == .test ? "test_data" : "train_data")/\(name)", try MappedFile.withBytes(of: "\(from)/\(source)") { Array($0) }))
      var counts = [Int](repeating: 0, count: DialogueSafety.labels.count)
      for example in examples { counts[example.label] += 1 }
      report.rows.append((source, files[files.count - 1].path, examples.count, counts))
      if split == .test { golds = examples.map(\.label) }
    }
    guard !golds.isEmpty else {
      throw InputError(from, "found no data/test.json", advice: "Name the top folder of a checkout of qiuhuachuan/DialogueSafety")
    }
    for system in try systems(golds, &report) {
      report.systems.append(system)
      files.append(("test_data/dialogue-safety/predictions/\(system.name).jsonl", Array(system.runs.map(\.lines).joined().utf8)))
    }
    if let prompt = try SafetyPromptTemplate.released(in: from) {
      report.hasPrompt = true
      files.append(("test_data/dialogue-safety/prompt.txt", Array(prompt.utf8)))
    } else {
      report.absent.append(ImportAbsence("the published prompt", "language models are asked with the wording written for Attune"))
    }
    let manifest = Array((report.json.encoded(indent: 2) + "\n").utf8)
    for side in Set(files.map { $0.path.prefix { $0 != "/" } }) { files.append(("\(side)/dialogue-safety/manifest.json", manifest)) }
    if try files.allSatisfy({ try isFile("\(to)/\($0.path)", holding: $0.bytes) }) {
      report.isUnchanged = true
      return report
    }
    for side in ["train_data", "test_data"] where files.contains(where: { $0.path.hasPrefix(side) }) {
      try AtomicWrite.createFolder("\(to)/\(side)")
      try AtomicWrite.folder("\(to)/\(side)/dialogue-safety") { temporary in
        for file in files where file.path.hasPrefix("\(side)/") {
          let path = temporary + file.path.dropFirst("\(side)/dialogue-safety".count)
          try AtomicWrite.createParent(of: path)
          try AtomicWrite.file(path, file.bytes)
        }
      }
    }
    return report
  }

  /// Released predictions, in whichever layout they are whole.
  private func systems(_ golds: [Int], _ report: inout Report) throws(InputError) -> [SafetySystem] {
    var found: [SafetySystem] = []
    for name in FileSystem.entries(from) where name.hasPrefix("finetuned_model_predict") || name.hasPrefix("ChatGPT_gen") {
      let path = "\(from)/\(name)"
      let parts = FileSystem.isFolder(path) ? Self.systemFolders(path, depth: name.hasPrefix("ChatGPT_gen") ? 2 : 1) : [path]
      for part in parts {
        do throws(InputError) {
          for system in try SafetyPredictions.read(part, golds: golds) where !found.contains(where: { $0.name == system.name }) { found.append(system) }
        } catch {
          report.absent.append(ImportAbsence("\(part.dropFirst(from.count + 1))", "left out, \(error.problem)"))
        }
      }
    }
    return found
  }

  private static func systemFolders(_ folder: String, depth: Int) -> [String] {
    if depth == 0 { return [folder] }
    return FileSystem.entries(folder).map { "\(folder)/\($0)" }.filter(FileSystem.isFolder).flatMap { systemFolders($0, depth: depth - 1) }
  }

  private static func absence(_ split: Split) -> ImportAbsence {
    switch split {
    case .train: ImportAbsence("data/train.json", "the authors give it out on request; without it, training is cross-validated on the test set")
    case .validation: ImportAbsence("a validation file", "part of the training rows is held out to choose the best checkpoint")
    case .test: ImportAbsence("data/test.json", "nothing can be judged")
    }
  }
}
