public import Files

/// `attune data import therapists`: a checkout of jlcmoore/llms-as-therapists, or a folder laid out like it, into `test_data/therapists`.
///
/// The survey's two files get the names of what they hold (upstream swapped them), and the prompts that are made from them are compared with
/// the published ones byte for byte. Transcripts are licensed and not part of the repository; those that lie where the metadata says are
/// copied too.
public struct TherapistImporter: Sendable {
  public struct Report: Sendable {
    /// Files copied, with their rows; 0 for what has none.
    public internal(set) var files: [(source: String, destination: String, rows: Int)] = []
    /// Prompts made from vignettes and questions, and their SHA-256.
    public internal(set) var prompts = (count: 0, sha256: "")
    /// Transcripts copied, and those among them that cannot be used.
    public internal(set) var transcripts = (usable: 0, unusable: [(file: String, reason: String)]())
    /// What this folder lacks, each with its consequence.
    public internal(set) var absent: [ImportAbsence] = []
    /// True when the same was already there and nothing was written.
    public internal(set) var isUnchanged = false

    public var json: JSON {
      [
        "corpus": .string(TherapistFiles.name), "source": "https://github.com/jlcmoore/llms-as-therapists",
        "files": .array(files.map { ["source": .string($0.source), "destination": .string($0.destination), "rows": .integer($0.rows)] }),
        "prompts": ["rows": .integer(prompts.count), "sha256": .string(prompts.sha256)],
        "transcripts": [
          "usable": .integer(transcripts.usable),
          "unusable": .array(transcripts.unusable.map { ["file": .string($0.file), "reason": .string($0.reason)] }),
        ],
        "absent": .array(absent.map(\.json)),
      ]
    }
  }

  private let from: String
  private let to: String

  public init(from: String, to: String = ".") {
    (self.from, self.to) = (FileSystem.trimmed(from), FileSystem.trimmed(to))
  }

  /// Verifies and copies.
  /// - Throws: `InputError` when `from` is no such folder, a file is damaged, or the prompts are not the published ones; then nothing is written.
  public func run() throws -> Report {
    guard let files = TherapistFiles.upstream(from) else {
      throw InputError(
        from, FileSystem.isFolder(from) ? "found no data/vignettes.jsonl and data/questions.jsonl" : "no such folder",
        advice: "Name the top folder of a checkout of jlcmoore/llms-as-therapists")
    }
    var report = Report()
    var (contents, copied): ([(name: String, bytes: [UInt8])], [(source: String, destination: String, rows: Int)]) = ([], [])
    func copy(_ source: String, _ name: String, rows: Int) throws {
      contents.append((name, try MappedFile.withBytes(of: source) { Array($0) }))
      copied.append((String(source.dropFirst(from.count + 1)), "test_data/therapists/\(name)", rows))
    }
    let prompts = try StigmaPrompt.read(files)
    try copy(files.vignettes, "vignettes.jsonl", rows: Set(prompts.map(\.vignette)).count)
    try copy(files.questions, "questions.jsonl", rows: Set(prompts.map(\.question)).count)
    let lines = Array(prompts.lines.utf8)
    report.prompts = (prompts.count, lines.withUnsafeBytes(SHA256.digest))
    try compare(lines, &report)
    _ = try files.wording()
    if FileSystem.isFile(files.stimuli) {
      try copy(files.stimuli, "stimuli.json", rows: 0)
    } else {
      let wording = try UpstreamWording(checkout: from).stimuli()
      contents.append(("stimuli.json", Array((wording.encoded(indent: 1) + "\n").utf8)))
      copied.append((UpstreamWording.files.joined(separator: ", "), "test_data/therapists/stimuli.json", 0))
    }
    for (source, name, consequence) in [
      ("data/annotations.csv", "annotations.csv", "no table of attributes and the guidelines that support them"),
      ("external_data/human_data_2018.csv", "human_data_2018.csv", "models are not shown beside people"),
    ] {
      if FileSystem.isFile("\(from)/\(source)") { try copy("\(from)/\(source)", name, rows: try CSVReader.read("\(from)/\(source)").rows.count) } else { report.absent.append(ImportAbsence(source, consequence)) }
    }
    if let metadata = files.metadata {
      for file in try transcripts(metadata, &report) { try copy(file.source, file.name, rows: file.rows) }
    } else {
      report.absent.append(ImportAbsence("data/transcript_metadata.jsonl", "interjections can be placed in no transcript"))
    }
    report.files = copied
    contents.append(("manifest.json", Array((report.json.encoded(indent: 2) + "\n").utf8)))
    let folder = "\(to)/test_data/\(TherapistFiles.name)"
    if try contents.allSatisfy({ try isFile("\(folder)/\($0.name)", holding: $0.bytes) }) {
      report.isUnchanged = true
      return report
    }
    try AtomicWrite.createFolder("\(to)/test_data")
    try AtomicWrite.folder(folder) { temporary in
      for file in contents {
        try AtomicWrite.createParent(of: "\(temporary)/\(file.name)")
        try AtomicWrite.file("\(temporary)/\(file.name)", file.bytes)
      }
    }
    return report
  }

  /// The prompts made here are the published ones, where those are at hand.
  private func compare(_ lines: [UInt8], _ report: inout Report) throws(InputError) {
    let path = "\(from)/data/prompts.jsonl"
    guard FileSystem.isFile(path) else {
      report.absent.append(ImportAbsence("data/prompts.jsonl", "the prompts are made from vignettes and questions, and compared with nothing"))
      return
    }
    let difference = try MappedFile.withBytes(of: path) { published -> Int? in
      if published.elementsEqual(lines) { return nil }
      return zip(published, lines).prefix { $0 == $1 }.count { $0.0 == UInt8(ascii: "\n") } + 1
    }
    if let difference {
      throw InputError(path, at: "line \(difference)", "is not what vignettes and questions give", advice: "Restore the three files from the checkout")
    }
  }

  /// What is to be copied: the metadata and the transcripts that are there.
  private func transcripts(_ metadata: String, _ report: inout Report) throws -> [(source: String, name: String, rows: Int)] {
    let rows = try RowReader.read(metadata, expected: "a line a transcript").map { row throws(InputError) in try row.text("file_name") }
    let present = rows.filter { FileSystem.isFile("\(from)/\($0)") }
    if present.count < rows.count {
      report.absent.append(ImportAbsence("transcripts for \(rows.count - present.count) of \(rows.count) lines", "they are licensed; interjections are placed in those that are there"))
    }
    if !present.isEmpty {
      let library = try TranscriptLibrary(metadata: metadata, folder: from)
      report.transcripts = (library.transcripts.count, library.unusable.filter { present.contains($0.file) })
    }
    return [(metadata, "transcript_metadata.jsonl", rows.count)] + present.map { ("\(from)/\($0)", TranscriptLibrary.importedName($0), 0) }
  }
}
