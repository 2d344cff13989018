import Configuration
import Datasets
import Files
import Glibc
import Torch

/// `manifest.json`: what a run's numbers depend on, by hash, so that two runs can be told to be the same.
enum RunManifest {
  static func write(into folder: String, settings: ClassifierSettings, catalog: Catalog, names: [String], compute: ComputeChoice) throws {
    var data: JSONObject = [:]
    for name in names {
      let files = try catalog.entry(named: name).files.sorted { $0.key.rawValue < $1.key.rawValue }
      data[name] = .object(JSONObject(try files.map { ($0.key.rawValue, .object(["file": .string($0.value), "sha256": .string(try SHA256.digest(ofFile: $0.value))])) }))
    }
    let base = FileSystem.entries(settings.model.base).filter { FileSystem.isFile("\(settings.model.base)/\($0)") }
    let manifest: JSONObject = [
      "data": .object(data),
      "base": .object(JSONObject(try base.map { ($0, .string(try SHA256.digest(ofFile: "\(settings.model.base)/\($0)"))) })),
      "configuration": .string(try SHA256.digest(ofFile: "\(folder)/config.yaml")),
      "binary": .string(try SHA256.digest(ofFile: "/proc/self/exe")),
      "libtorch": .string(Runtime.version), "cpu": .string(Runtime.cpuCapability), "device": .string("\(compute.device)"),
      "precision": .string("\(compute.dtype)"), "threads": .integer(Runtime.threads),
      "mkl_on_amd": .bool(getenv("ATTUNE_MKL_AMD").map { String(cString: $0) != "0" } ?? true),
      "git_revision": gitRevision().map { .string($0) } ?? .null,
      "notice": "Research software. Not for clinical use.",
    ]
    try AtomicWrite.file("\(folder)/manifest.json", JSON.object(manifest).encoded(indent: 2) + "\n")
  }

  /// The commit that the working folder's repository is at, read from `.git` without running git.
  private static func gitRevision() -> String? {
    guard let head = try? FileSystem.text(".git/HEAD") else { return nil }
    let line = head.prefix { !$0.isNewline }
    guard line.hasPrefix("ref: ") else { return String(line) }
    return (try? FileSystem.text(".git/\(line.dropFirst(5))")).map { String($0.prefix { !$0.isNewline }) }
  }
}
