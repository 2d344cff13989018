public import Files

/// `base_model.json` beside an adapter: which weights it was trained on, since a path says nothing on another machine. PEFT does not
/// look at it.
public struct BaseModelRecord: Sendable, Equatable {
  public static let fileName = "base_model.json"

  public struct Weights: Sendable, Equatable {
    public var file: String
    public var bytes: Int
    public var sha256: String
  }

  /// Where the model was.
  public var path: String
  /// Its repository on the hub and the commit, where it came from Hugging Face's cache.
  public var hubID: String?
  public var revision: String?
  /// The files that hold its tensors, by name.
  public var weights: [Weights]

  /// Of a folder; reads its weights once in a process.
  public init(of folder: String) throws(InputError) {
    let origin = HubCache.origin(of: folder)
    (path, hubID, revision) = (folder, origin?.id, origin?.revision)
    var weights: [Weights] = []
    for (file, bytes) in try Self.files(folder) {
      weights.append(Weights(file: file, bytes: bytes, sha256: try FileDigest.sha256("\(folder)/\(file)")))
    }
    self.weights = weights
  }

  /// As saved in the folder of an adapter; nil where there is none.
  public static func read(_ adapter: String) throws(InputError) -> BaseModelRecord? {
    let path = "\(adapter)/\(fileName)"
    guard FileSystem.isFile(path) else { return nil }
    let json = try JSON.read(path)
    let weights = json["weights"]?.array?.map { entry in
      entry["file"]?.string.flatMap { file in
        entry["bytes"]?.int.flatMap { bytes in entry["sha256"]?.string.map { Weights(file: file, bytes: bytes, sha256: $0) } }
      }
    }
    guard let place = json["path"]?.string, let weights, weights.allSatisfy({ $0 != nil }) else {
      throw InputError(path, "found no path and weights, expected what Attune wrote", advice: "Remove the file: it is not needed")
    }
    return BaseModelRecord(path: place, hubID: json["hub_id"]?.string, revision: json["revision"]?.string, weights: weights.compactMap { $0 })
  }

  private init(path: String, hubID: String?, revision: String?, weights: [Weights]) {
    (self.path, self.hubID, self.revision, self.weights) = (path, hubID, revision, weights)
  }

  var json: JSON {
    let files = weights.map { ["file": .string($0.file), "bytes": .integer($0.bytes), "sha256": .string($0.sha256)] as JSON }
    return [
      "path": .string(path), "hub_id": hubID.map { .string($0) } ?? .null, "revision": revision.map { .string($0) } ?? .null, "weights": .array(files),
    ]
  }

  /// How the weights in a folder differ from these, in a sentence; nil where they do not.
  /// - Parameter readsAll: compares contents and not names and sizes alone.
  public func difference(from folder: String, readsAll: Bool) throws(InputError) -> String? {
    let found = try Self.files(folder)
    guard found.map(\.file) == weights.map(\.file), found.map(\.bytes) == weights.map(\.bytes) else {
      return "the adapter was trained on other weight files: \(Self.list(weights.map { ($0.file, $0.bytes) })) from \(hubID ?? path), here \(Self.list(found))"
    }
    guard readsAll else { return nil }
    for file in weights where try FileDigest.sha256("\(folder)/\(file.file)") != file.sha256 {
      return "the adapter was trained on other weights: \(file.file) has another SHA-256 than in \(hubID ?? path)"
    }
    return nil
  }

  private static func list(_ files: [(file: String, bytes: Int)]) -> String {
    let shown = files.prefix(3).map { "\($0.file) (\($0.bytes) bytes)" } + (files.count > 3 ? ["…"] : [])
    return shown.isEmpty ? "none" : shown.joined(separator: ", ")
  }

  /// The files with a model's tensors, in the order of their names.
  private static func files(_ folder: String) throws(InputError) -> [(file: String, bytes: Int)] {
    var sizes: [String: Int] = [:]
    for tensor in try Checkpoint.open(folder).tensors {
      let name = FileSystem.name(of: tensor.file.path)
      sizes[name] = tensor.file.bytes.count
    }
    return sizes.keys.sorted().map { ($0, sizes[$0] ?? 0) }
  }
}
