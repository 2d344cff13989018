public import Files

/// `attune data import imhi`: a checkout of the upstream repository into `train_data/imhi` and `test_data/imhi`.
///
/// Every file is read and every label checked before anything is written; then bytes are copied as they are, each of the two folders
/// appears whole or not at all, and importing again gives the same result.
public struct IMHIImporter: Sendable {
  /// What was imported; also written as `manifest.json` into both folders.
  public struct Report: Sendable {
    /// One file copied.
    public struct Entry: Sendable, Hashable {
      /// Relative to the checkout.
      public let source: String
      /// Relative to the data root.
      public let destination: String
      public let bytes: Int
      /// `contentDigest`'s relative for bytes, as sixteen hexadecimal digits.
      public let digest: String
      public let rows: Int
      /// Rows by label name, in the order of ids; empty for files without labels.
      public let labels: [String: Int]
    }

    public let from: String
    public let to: String
    public let entries: [Entry]
    /// What upstream does not publish or this checkout lacks, each with its consequence.
    public let absent: [ImportAbsence]
    /// True when the same files were already there, byte for byte, and nothing was written.
    public internal(set) var isUnchanged = false

    /// The whole report; `to` and `isUnchanged` left out, so equal data gives equal bytes.
    public var json: JSON {
      var root = JSONObject()
      root["corpus"] = .string("imhi")
      root["source"] = .string("https://github.com/SteveKGYang/MentalLLaMA")
      root["files"] = .array(entries.map { entry in
        var object = JSONObject()
        object["source"] = .string(entry.source)
        object["destination"] = .string(entry.destination)
        object["bytes"] = .integer(entry.bytes)
        object["digest"] = .string(entry.digest)
        object["rows"] = .integer(entry.rows)
        if !entry.labels.isEmpty {
          var labels = JSONObject()
          for name in entry.labels.keys.sorted() { labels[name] = .integer(entry.labels[name] ?? 0) }
          object["labels"] = .object(labels)
        }
        return .object(object)
      })
      root["absent"] = .array(absent.map(\.json))
      return .object(root)
    }
  }

  private let from: String
  private let to: String

  /// - Parameters:
  ///   - from: a checkout of SteveKGYang/MentalLLaMA.
  ///   - to: the folder that holds, or will hold, `train_data/` and `test_data/`.
  public init(from: String, to: String = ".") {
    (self.from, self.to) = (FileSystem.trimmed(from), FileSystem.trimmed(to))
  }

  /// Verifies and copies.
  /// - Throws: `InputError` when `from` is not such a checkout, a file is damaged, or a gold label cannot be read; then nothing is written.
  public func run() throws -> Report {
    guard FileSystem.isFolder(from) else { throw InputError(from, "no such folder", advice: "Name a checkout of SteveKGYang/MentalLLaMA") }
    let items = ImportPlan.items(from: from)
    guard items.contains(where: { $0.dataset != nil }) else {
      throw InputError(
        from, "found none of IMHI's files, expected for instance test_data/test_instruction/DR.csv",
        advice: "Name the top folder of a checkout of SteveKGYang/MentalLLaMA")
    }
    let entries = try items.map(verify)
    var report = Report(from: from, to: to, entries: entries, absent: ImportPlan.absences(items))
    let manifest = report.json.encoded(indent: 2) + "\n"
    if try isPresent(entries, manifest) {
      report.isUnchanged = true
      return report
    }
    for side in ["train_data", "test_data"] {
      try AtomicWrite.createFolder("\(to)/\(side)")
      try AtomicWrite.folder("\(to)/\(side)/imhi") { temporary in
        for item in items where item.destination.hasPrefix("\(side)/imhi/") {
          let path = temporary + item.destination.dropFirst("\(side)/imhi".count)
          try AtomicWrite.createParent(of: path)
          try MappedFile.withBytes(of: "\(from)/\(item.source)") { bytes throws(InputError) in try AtomicWrite.file(path, bytes) }
        }
        try AtomicWrite.file("\(temporary)/manifest.json", manifest)
      }
    }
    return report
  }

  /// Reads one file whole and counts its rows and labels.
  private func verify(_ item: ImportPlan.Item) throws(InputError) -> Report.Entry {
    let path = "\(from)/\(item.source)"
    var rows = 0
    var labels: [String: Int] = [:]
    if let dataset = item.dataset, let table = IMHILabels.table(dataset) {
      let file = try DataFile.read(path, dataset: dataset, split: item.split, labels: table)
      let examples = try file.examples().examples
      for example in examples { labels[table.names[example.label], default: 0] += 1 }
      rows = examples.count
    } else if path.hasSuffix(".csv") {
      rows = try CSVReader.read(path).rows.count
    }
    let (bytes, digest) = try digest(of: path)
    return Report.Entry(source: item.source, destination: item.destination, bytes: bytes, digest: digest, rows: rows, labels: labels)
  }

  /// True when both manifests and all copies are there with the sizes and digests expected.
  private func isPresent(_ entries: [Report.Entry], _ manifest: String) throws(InputError) -> Bool {
    for side in ["train_data", "test_data"] {
      let path = "\(to)/\(side)/imhi/manifest.json"
      guard FileSystem.exists(path), try MappedFile.withBytes(of: path, { $0.elementsEqual(manifest.utf8) }) else { return false }
    }
    for entry in entries {
      let path = "\(to)/\(entry.destination)"
      guard FileSystem.exists(path), try digest(of: path) == (entry.bytes, entry.digest) else { return false }
    }
    return true
  }

  private func digest(of path: String) throws(InputError) -> (bytes: Int, digest: String) {
    try MappedFile.withBytes(of: path) { bytes in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      return (bytes.count, hexadecimal(hash))
    }
  }
}
