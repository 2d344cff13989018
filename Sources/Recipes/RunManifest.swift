import Configuration
import Datasets
import Files
import Glibc
import Torch

/// `manifest.json`: what a run's numbers depend on, by hash, so that two runs can be told to be the same.
enum RunManifest {
  /// Writes it before anything is trained. Of a run that is continued, what was written then must still be true of data and base.
  /// - Parameter base: the folder of the encoder; nil for a method without one.
  /// - Throws: `InputError` naming the first file that has changed since the run was started.
  static func begin(
    _ run: RunFolder, settings: ClassifierSettings, base: String?, catalog: Catalog, names: [String], compute: ComputeChoice
  ) throws {
    let data = JSON.object(JSONObject(try names.map { ($0, try self.data($0, settings, catalog)) }))
    try begin(run, data: data, base: base, compute: compute)
  }

  /// Of a language model's run: its files, and the ids of the rows that were trained on, chose the best state, and were left out.
  static func begin(_ run: RunFolder, finetuning settings: FinetuneSettings, data: FinetuneData, compute: ComputeChoice) throws {
    let files = try data.corpus.files.map { ($0, JSON.object(["file": .string($0), "sha256": .string(try SHA256.digest(ofFile: $0))])) }
    func part(_ ids: [ExampleID]) -> JSON { ["rows": .integer(ids.count), "ids_sha256": .string(digest(ids))] }
    let rows: JSON = [
      "train": part(data.train.sequences.map(\.id)), "validation": part(data.validation.sequences.map(\.id)),
      "dropped": part(data.train.dropped + data.validation.dropped),
    ]
    try begin(run, data: ["files": .object(JSONObject(files)), "rows": rows], base: settings.model.base, compute: compute)
  }

  /// Of any run over files.
  static func begin(_ run: RunFolder, files: [String], base: String?, compute: ComputeChoice) throws {
    let entries = try files.map { ($0, JSON.object(["file": .string($0), "sha256": .string(try SHA256.digest(ofFile: $0))])) }
    try begin(run, data: ["files": .object(JSONObject(entries))], base: base, compute: compute)
  }

  private static func digest(_ ids: [ExampleID]) -> String {
    Array(ids.map { "\($0)\n" }.joined().utf8).withUnsafeBytes(SHA256.digest)
  }

  private static func begin(_ run: RunFolder, data: JSON, base: String?, compute: ComputeChoice) throws {
    let folder = run.path
    let manifest: JSON = [
      "data": data, "base": try base.map(files) ?? .null,
      "configuration": .string(try SHA256.digest(ofFile: "\(folder)/config.yaml")),
      "binary": .string(try SHA256.digest(ofFile: "/proc/self/exe")),
      "libtorch": .string(Runtime.version), "cpu": .string(Runtime.cpuCapability), "device": .string("\(compute.device)"),
      "precision": .string("\(compute.dtype)"), "threads": .integer(Runtime.threads),
      "mkl_on_amd": .bool(getenv("ATTUNE_MKL_AMD").map { String(cString: $0) != "0" } ?? true),
      "git_revision": gitRevision().map(JSON.string) ?? .null,
      "notice": "Research software. Not for clinical use.",
    ]
    let path = "\(folder)/manifest.json"
    if run.isContinued, FileSystem.isFile(path) { try requireUnchanged(inputs(manifest, base), since: inputs(try JSON.read(path), base), folder) }
    try AtomicWrite.file(path, manifest.encoded(indent: 2) + "\n")
  }

  /// Path and SHA-256 of every file that a manifest says was read, but notes that lie beside a model.
  private static func inputs(_ manifest: JSON, _ base: String?) -> [String: String] {
    var hashes: [String: String] = [:]
    let data = manifest["data"]
    let parts = data?["files"] == nil ? (data?.object ?? [:]).map(\.value) : [data].compactMap(\.self)  // of datasets by name, or one
    for part in parts {
      for (_, file) in part["files"]?.object ?? [:] {
        if let path = file["file"]?.string { hashes[path] = file["sha256"]?.string }
      }
    }
    for (name, hash) in manifest["base"]?.object ?? [:] where !name.hasPrefix(".") && !name.hasSuffix(".md") {
      hashes["\(base ?? "")/\(name)"] = hash.string
    }
    return hashes
  }

  private static func requireUnchanged(_ now: [String: String], since then: [String: String], _ folder: String) throws(InputError) {
    for path in Set(now.keys).union(then.keys).sorted() where now[path] != then[path] {
      let problem =
        switch (then[path], now[path]) {
        case (let then?, let now?): "has changed since the run in \(folder) was started: SHA-256 \(then.prefix(12))… then, \(now.prefix(12))… now"
        case (nil, _): "was not there when the run in \(folder) was started"
        case (_, nil): "was read when the run in \(folder) was started, and is gone"
        }
      throw InputError(path, problem, advice: "Put back what was there, choose another --output, or start anew with --overwrite")
    }
  }

  /// The files read, and of each part how many rows it has and the hash of their ids, one a line: which rows were trained on, which chose
  /// the model, and which judged it. An id holds a digest of its row's text.
  private static func data(_ name: String, _ settings: ClassifierSettings, _ catalog: Catalog) throws -> JSON {
    let dataset = try catalog.load(name, onUnmatched: settings.data.onUnmatched == .drop ? .drop : .fail, holdOut: settings.data.validationFraction)
    let sources = try dataset.sources.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { ($0.key.rawValue, JSON.object(["file": .string($0.value), "sha256": .string(try SHA256.digest(ofFile: $0.value))])) }
    let parts = [("train", dataset.train), ("validation", dataset.validation), ("test", dataset.test)].map { part, examples in
      (part, ["rows": .integer(examples.count), "ids_sha256": .string(digest(examples.map(\.id)))] as JSON)
    }
    return ["files": .object(JSONObject(sources)), "rows": .object(JSONObject(parts)), "refit": .bool(settings.refits(dataset))]
  }

  /// SHA-256 of each file in a model's folder: weights, configuration, tokenizer.
  static func files(_ folder: String) throws -> JSON {
    let names = FileSystem.entries(folder).filter { FileSystem.isFile("\(folder)/\($0)") }
    return .object(JSONObject(try names.map { ($0, .string(try SHA256.digest(ofFile: "\(folder)/\($0)"))) }))
  }

  /// The commit that the working folder's repository is at, read from `.git` without running git.
  static func gitRevision() -> String? {
    func firstLine(_ path: String) -> String? { (try? FileSystem.text(path)).map { String($0.prefix { !$0.isNewline }) } }
    // In a linked work tree `.git` is a file that names the real folder, whose branches are in the common one.
    let folder = firstLine(".git").flatMap { $0.hasPrefix("gitdir: ") ? String($0.dropFirst(8)) : nil } ?? ".git"
    let common = firstLine("\(folder)/commondir").map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" } ?? folder
    guard let head = firstLine("\(folder)/HEAD") else { return nil }
    guard head.hasPrefix("ref: ") else { return head }
    let name = head.dropFirst(5)
    if let revision = firstLine("\(common)/\(name)") { return revision }
    let packed = (try? FileSystem.text("\(common)/packed-refs"))?.split(separator: "\n").first { $0.hasSuffix(" \(name)") }
    return packed.map { String($0.prefix { $0 != " " }) }
  }
}
