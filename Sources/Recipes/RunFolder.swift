import Configuration
import Files

/// The folder of a run: made, continued when the same run stands there, refused when another one does.
struct RunFolder {
  let path: String
  /// Whether an earlier start of the same run is continued.
  let isContinued: Bool

  /// Settings that may differ between the parts of one run.
  private static let free: Set<String> = ["training.threads", "training.output"]

  /// Opens or makes the folder and writes `config.yaml` into it.
  /// - Parameter read: reads the `config.yaml` of an earlier start.
  /// - Throws: `InputError` when another configuration stands there, naming the keys that differ.
  init(
    _ path: String, configuration: ResolvedConfiguration, existing: ExistingRun,
    read: (String) throws -> ResolvedConfiguration = { try ClassifierSettings.read(recipe: $0).configuration }
  ) throws {
    self.path = path
    let file = "\(path)/config.yaml"
    var continued = false
    if existing == .overwrite {
      try Self.requireReplaceable(path, marker: "config.yaml")
      AtomicWrite.removeTree(path)
    } else if FileSystem.isFile(file) {
      let previous = try read(file)
      let differences = configuration.differences(from: previous, ignoring: Self.free)
      guard differences.isEmpty else {
        throw InputError(
          path, "holds a run with another configuration (here, there): \(differences.joined(separator: "; "))",
          advice: "Choose another --output, or replace it with --overwrite")
      }
      continued = true
    } else if !FileSystem.entries(path).isEmpty {
      throw InputError(path, "holds files but no config.yaml of a run", advice: "Choose another --output, or replace it with --overwrite")
    }
    isContinued = continued
    try AtomicWrite.createFolder(path)
    try AtomicWrite.file(file, configuration.yaml)
  }

  /// See `AtomicWrite.requireReplaceable`.
  static func requireReplaceable(_ path: String, marker: String) throws(InputError) { try AtomicWrite.requireReplaceable(path, marker: marker) }
}
