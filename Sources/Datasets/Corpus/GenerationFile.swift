public import Files

/// A file of generated explanations as upstream's scripts exchange them: `goldens,generated_text` in, `labels` added on the way out.
public struct GenerationFile: Sendable, Hashable {
  /// The file name without `.csv`: which dataset, hence which classifier.
  public let dataset: String
  public let goldens: [String]
  public let generated: [String]
  /// Label names in upstream's short spelling, when the file has been labelled.
  public let labels: [String]?

  public init(dataset: String, goldens: [String], generated: [String], labels: [String]? = nil) {
    precondition(goldens.count == generated.count && labels.map { $0.count == goldens.count } ?? true, "GenerationFile: columns differ in length")
    (self.dataset, self.goldens, self.generated, self.labels) = (dataset, goldens, generated, labels)
  }

  /// Reads one file. Other columns are ignored.
  public static func read(_ path: String) throws(InputError) -> GenerationFile {
    let table = try CSVReader.read(path)
    let golden = try table.column("goldens")
    let text = try table.column("generated_text")
    let label = table.has("labels") ? try table.column("labels") : nil
    return GenerationFile(
      dataset: FileSystem.stem(of: path), goldens: table.rows.map { $0[golden] }, generated: table.rows.map { $0[text] },
      labels: label.map { column in table.rows.map { $0[column] } })
  }

  /// Reads every `.csv` of a folder, in the order of names.
  /// - Throws: `InputError` when there is none.
  public static func readFolder(_ folder: String) throws(InputError) -> [GenerationFile] {
    guard FileSystem.isFolder(folder) else { throw InputError(folder, "no such folder", advice: "Name the folder that holds DATASET.csv files") }
    let names = FileSystem.entries(folder).filter { $0.hasSuffix(".csv") }
    guard !names.isEmpty else {
      throw InputError(folder, "holds no .csv file", advice: "Expected DATASET.csv with the columns goldens,generated_text, for instance DR.csv")
    }
    var files: [GenerationFile] = []
    for name in names { files.append(try read("\(folder)/\(name)")) }
    return files
  }

  /// The bytes that upstream's `to_csv(index=False, escapechar="\\")` writes for this table.
  public var csv: [UInt8] {
    var writer = CSVWriter(.backslashEscaped)
    writer.write(["goldens", "generated_text"] + (labels == nil ? [] : ["labels"]))
    for row in goldens.indices {
      writer.write([goldens[row], generated[row]] + (labels.map { [$0[row]] } ?? []))
    }
    return writer.bytes
  }

  /// Writes `FOLDER/DATASET.csv`, whole or not at all; makes the folder if it is missing.
  public func write(to folder: String) throws(InputError) {
    try AtomicWrite.createFolder(folder)
    try AtomicWrite.file("\(folder)/\(dataset).csv", csv)
  }
}
