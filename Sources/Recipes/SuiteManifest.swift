import Datasets
import Endpoints
import Files
import Tokenizers

/// What the answers of a suite depend on, beside them: the model, the prompts by hash, how they were asked. No keys of servers.
enum SuiteManifest {
  /// - Parameters:
  ///   - prompts: every conversation that is asked, in order; nil where a journal has a hash with each answer.
  ///   - settings: what else decides an answer.
  ///   - files: data that was read.
  static func contents(
    suite: String, model: any LanguageModel, name: String, prompts: [[ChatMessage]]?, settings: JSONObject, files: [String]
  ) throws(InputError) -> JSON {
    var hashes: JSONObject = [:]
    for file in files { hashes[file] = .string(try SHA256.digest(ofFile: file)) }
    return [
      "suite": .string(suite), "model": ["name": .string(name), "identity": .string(model.identity)],
      "prompts_sha256": prompts.map { .string(digest($0)) } ?? .null,
      "settings": .object(settings), "files": .object(hashes), "git_revision": RunManifest.gitRevision().map(JSON.string) ?? .null,
      "notice": "Research software. Not for clinical use.",
    ]
  }

  /// Hash of conversations, of each message its role and text.
  static func digest(_ prompts: [[ChatMessage]]) -> String {
    let text = prompts.map { messages in
      JSON.array(messages.flatMap { [.string($0.role.rawValue), .string($0.content)] }).encoded() + "\n"
    }.joined()
    return Array(text.utf8).withUnsafeBytes(SHA256.digest)
  }

  /// Writes a manifest, or sees that the one that stands there says the same.
  /// - Parameters:
  ///   - run: what the run was named when it was begun; kept, and not compared.
  ///   - results: what it belongs to, for messages.
  /// - Throws: `InputError` naming what differs.
  static func begin(_ path: String, _ manifest: JSON, run: String?, of results: String) throws(InputError) {
    if FileSystem.isFile(path) {
      let before = try JSON.read(path)
      for (key, what) in [("suite", "suite"), ("model", "model"), ("prompts_sha256", "set of prompts"), ("settings", "settings")] where before[key] != manifest[key] {
        let values = key == "prompts_sha256" ? "" : " (then \(before[key]?.encoded() ?? "nothing"), now \(manifest[key]?.encoded() ?? "nothing"))"
        throw InputError(results, "was begun with another \(what)\(values)", advice: "Choose another --run or --output, or start anew with --overwrite")
      }
      return
    }
    try AtomicWrite.createParent(of: path)
    var object = manifest.object ?? [:]
    object["run"] = run.map(JSON.string) ?? .null
    try AtomicWrite.file(path, JSON.object(object).encoded(indent: 2) + "\n")
  }

  /// What the run of a file of results was named when it was begun: nil when there is no manifest, `.some(nil)` when it had no name.
  /// - Parameter results: `FOLDER/NAME.jsonl`.
  static func run(of results: String) throws(InputError) -> String?? {
    let path = String(results.dropLast(".jsonl".count)) + ".manifest.json"
    guard FileSystem.isFile(path) else { return nil }
    return .some(try JSON.read(path)["run"]?.string)
  }
}
