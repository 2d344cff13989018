import Datasets
import Files

/// The output of `attune label`: one complete file a dataset, and `labelling.json`, which says by what they were labelled, so that a
/// stopped job is continued and no other is mixed in.
enum LabelFolder {
  private static let fileName = "labelling.json"

  /// Prepares the folder.
  /// - Returns: the datasets whose files are there and belong to this job.
  /// - Throws: `InputError` when files of another job, or of none, stand where this one would write.
  static func open(_ folder: String, models: String, files: [GenerationFile], overwrite: Bool) throws -> Set<String> {
    let record = try describe(models: models, files: files)
    let path = "\(folder)/\(fileName)"
    let standing = files.map(\.dataset).filter { FileSystem.exists("\(folder)/\($0).csv") }
    if overwrite {
      for dataset in standing { AtomicWrite.removeTree("\(folder)/\(dataset).csv") }
    } else if FileSystem.isFile(path) {
      let previous = try JSON.read(path)
      guard previous == record else {
        let changed = files.map(\.dataset).filter { previous["datasets"]?[$0] != record["datasets"]?[$0] }
        throw InputError(
          folder, "holds labels of another data or by other models (\(changed.isEmpty ? "other files" : changed.joined(separator: ", ")) differ)",
          advice: "Replace them with --overwrite, or choose another --output")
      }
      return Set(standing)
    } else if let dataset = standing.first {
      throw InputError("\(folder)/\(dataset).csv", "it exists already", advice: "Replace it with --overwrite, or choose another --output")
    }
    try AtomicWrite.createFolder(folder)
    try AtomicWrite.file(path, record.encoded(indent: 2) + "\n")
    return []
  }

  /// SHA-256 of each input's texts, and of every file of its model.
  private static func describe(models: String, files: [GenerationFile]) throws -> JSON {
    let datasets = try files.map { file in
      let model = "\(models)/\(file.dataset)"
      let parts = try FileSystem.entries(model).filter { FileSystem.isFile("\(model)/\($0)") }
        .map { ($0, JSON.string(try SHA256.digest(ofFile: "\(model)/\($0)"))) }
      let input = GenerationFile(dataset: file.dataset, goldens: file.goldens, generated: file.generated).csv.withUnsafeBytes(SHA256.digest)
      return (file.dataset, JSON.object(["input": .string(input), "model": .object(JSONObject(parts))]))
    }
    return ["datasets": .object(JSONObject(datasets)), "notice": "Research software. Not for clinical use."]
  }
}
