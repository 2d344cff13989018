import Checkpoints
import Configuration
import Files
import Reports
import Torch

/// `attune merge`: base model and adapter to one model, checked against both before the folder appears.
struct Merge {
  static let fileName = "merge.json"
  let job: MergeJob

  func run() throws -> JobResult {
    try checkOutput()
    let console = Progress("", total: 0, unit: "", isQuiet: job.console.detail == .quiet)
    var changes: [AdapterMerge.Change] = []
    var agreement: MergeAgreement?
    try AtomicWrite.createParent(of: job.output)
    try AtomicWrite.folder(job.output) { folder in
      (changes, agreement) = try write(into: folder, requiresEffect: true, note: console.note)
    }
    let silent = changes.filter { $0.changed == 0 }.map(\.name)
    if !silent.isEmpty { console.note("\(silent.count) of \(changes.count) tensors are as they were: \(silent.prefix(6).joined(separator: ", "))") }
    return JobResult(text: text(changes, agreement), json: report(changes, agreement))
  }

  /// Writes the merged model into a folder that exists.
  /// - Parameter requiresEffect: refuses an adapter that changes nothing.
  func write(into folder: String, requiresEffect: Bool, note: (String) -> Void = { _ in }) throws -> ([AdapterMerge.Change], MergeAgreement?) {
    let adapter = try AdapterFolder.open(job.adapter)
    let merge = try AdapterMerge(base: job.base, adapter: adapter, rounding: job.rounding == .peft ? .peft : .fp32)
    for line in adapter.announcements { note(line) }
    if let other = try BaseModelRecord.read(job.adapter)?.difference(from: job.base, readsAll: true) { note("\(job.adapter): \(other)") }
    try copyFiles(into: folder)
    try AtomicWrite.file("\(folder)/config.json", try configuration(adapter, unties: merge.unties))
    let changes = try merge.writeWeights(into: folder)
    if requiresEffect { try requireEffect(changes) }
    let agreement = job.verify > 0 ? try MergeAgreement.measure(job, adapter: adapter, merged: folder) : nil
    try AtomicWrite.file("\(folder)/\(Self.fileName)", report(changes, agreement).encoded(indent: 2) + "\n")
    return (changes, agreement)
  }

  /// Only what `attune merge` wrote is ever replaced.
  private func checkOutput() throws(InputError) {
    guard FileSystem.exists(job.output) else { return }
    guard job.overwrite else { throw InputError(job.output, "it exists already", advice: "Replace it with --overwrite, or choose another --output") }
    guard FileSystem.isFile("\(job.output)/\(Self.fileName)") || FileSystem.entries(job.output).isEmpty else {
      throw InputError(job.output, "it holds no \(Self.fileName), so it is not a merged model", advice: "Choose another --output")
    }
  }

  /// An adapter without effect means that it was not trained, or that the base model is too coarse for it.
  private func requireEffect(_ changes: [AdapterMerge.Change]) throws(InputError) {
    let updates = changes.filter { !$0.isWhole }
    guard !updates.isEmpty, updates.allSatisfy({ $0.changed == 0 }) else { return }
    let counts = updates.prefix(8).map { "\($0.name): 0 of \($0.elements) elements change" } + (updates.count > 8 ? ["and \(updates.count - 8) tensors more"] : [])
    throw InputError(
      job.adapter, (["its update rounds to nothing in \(job.base)"] + counts).joined(separator: "\n  "),
      advice: "Train the adapter, try --rounding fp32, or merge into a base model in single precision")
  }

  /// Tokenizer, generation settings and the like; nothing that belongs to weights or configuration.
  private func copyFiles(into folder: String) throws(InputError) {
    for name in FileSystem.entries(job.base) where FileSystem.isFile("\(job.base)/\(name)") && Self.isCarried(name) {
      try copy("\(job.base)/\(name)", to: "\(folder)/\(name)")
    }
    let metadata = "\(job.adapter)/\(ClassifierMetadata.fileName)"
    if FileSystem.isFile(metadata) { try copy(metadata, to: "\(folder)/\(ClassifierMetadata.fileName)") }
  }

  private func copy(_ source: String, to target: String) throws(InputError) {
    try MappedFile.withBytes(of: source) { bytes throws(InputError) in try AtomicWrite.file(target, bytes) }
  }

  static func isCarried(_ name: String) -> Bool {
    let weights = [".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".gguf", ".h5", ".msgpack", ".onnx", ".index.json"]
    let others = ["config.json", "README.md", "manifest.json", ClassifierMetadata.fileName, Self.fileName]
    return !others.contains(name) && !name.hasPrefix("adapter_") && !weights.contains { name.hasSuffix($0) }
  }

  /// The base model's own, or the classifier's with its labels, in the base model's precision.
  private func configuration(_ adapter: AdapterFolder, unties: Bool) throws -> String {
    guard adapter.isClassifier else {
      let path = "\(job.base)/config.json"
      guard unties, var members = try JSON.read(path).object else { return try FileSystem.text(path) }
      members["tie_word_embeddings"] = false
      return JSON.object(members).encoded(indent: 2, asciiOnly: true) + "\n"
    }
    let base = try ModelConfig.read(folder: job.base)
    let dtype = base.json["dtype"] ?? base.json["torch_dtype"] ?? "float32"
    guard var members = try JSON.parse(try adapter.classifierConfig(base: job.base).encoded(), source: "config.json").object else {
      preconditionFailure("a configuration is an object")
    }
    (members["dtype"], members["torch_dtype"]) = (dtype, dtype)
    return JSON.object(members).encoded(indent: 2, asciiOnly: true) + "\n"
  }

  // MARK: What is said

  private func report(_ changes: [AdapterMerge.Change], _ agreement: MergeAgreement?) -> JSON {
    let tensors = changes.map { change -> JSON in
      ["name": .string(change.name), "elements": .integer(change.elements), "changed": .integer(change.changed), "replaced": .bool(change.isWhole)]
    }
    return [
      "status": "done", "format": 1, "base": .string(job.base), "adapter": .string(job.adapter), "output": .string(job.output),
      "rounding": .string(job.rounding.rawValue), "tensors": .array(tensors), "verify": agreement?.json ?? .null,
    ]
  }

  private func text(_ changes: [AdapterMerge.Change], _ agreement: MergeAgreement?) -> String {
    let (elements, changed) = changes.reduce(into: (0, 0)) { $0 = ($0.0 + $1.elements, $0.1 + $1.changed) }
    let rule = job.rounding == .peft ? "peft: the update is rounded, then added" : "fp32: added in single precision, then rounded"
    let lines = ["\(job.output): \(changes.count) tensors, \(changed) of \(elements) elements changed (\(rule))"]
    return (lines + (agreement.map { [$0.text] } ?? [])).joined(separator: "\n") + "\n"
  }
}
