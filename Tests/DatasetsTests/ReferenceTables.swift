import Datasets
import Files
import Glibc
import Synchronization
import TestSupport
import Testing

/// Where the reference tables of the public data stand, and how the tests find the released files.
enum Public {
  static var root: String { (Fixtures.data ?? "") + "/MentalLLaMA" }
  static var hasData: Bool { Fixtures.hasData }
  static let hint: Comment = "set ATTUNE_DATA"

  /// The released files by the names that the reference tables use: `test_instruction`, `instruction_data/train`, …
  static func file(_ split: String, _ dataset: String) throws -> DataFile? {
    try files.withLock { files in
      if let file = files["\(split)/\(dataset)"] { return file }
      let file = try read(split, dataset)
      files["\(split)/\(dataset)"] = .some(file)
      return file
    }
  }

  /// Read once for all tests; nil where the public copy lacks the file.
  private static let files = Mutex<[String: DataFile?]>([:])

  private static func read(_ split: String, _ dataset: String) throws -> DataFile? {
    let candidates: [String] =
      switch split {
      case "test_instruction", "test_complete": ["test_data/\(split)/\(dataset).csv"]
      case "test_instruction_expert": ["human_evaluation/\(split)/\(dataset).csv"]
      case "complete_data/train": ["train", "reddit_train", "dreaddit-train"].map { "train_data/complete_data/\(dataset)/\($0).csv" }
      case "complete_data/val": ["val", "reddit_valid"].map { "train_data/complete_data/\(dataset)/\($0).csv" }
      default: ["train_data/instruction_data/\(dataset)/\(split.split(separator: "/")[1]).csv"]
      }
    guard let found = candidates.first(where: { access("\(root)/\($0)", R_OK) == 0 }) else { return nil }
    return try DataFile.read("\(root)/\(found)", labels: IMHILabels.table(dataset))
  }

  /// A table in `Tests/Fixtures/imhi`: copies of the reference numbers (counts and scores; no text of any post).
  static func reference(_ name: String) throws -> [[String: String]] {
    let table = try CSVReader.read(Fixtures.path("imhi/\(name).csv"))
    return table.rows.map { Dictionary(uniqueKeysWithValues: zip(table.header, $0)) }
  }
}

/// Accuracy and averaged F1 by their definitions, as scikit-learn computes them over the labels that occur on either side.
struct Scores {
  let accuracy: Double
  let weightedF1: Double
  let macroF1: Double

  init(gold: [Int], predicted: [Int]) {
    precondition(gold.count == predicted.count)
    let pairs = Array(zip(gold, predicted))
    let labels = Set(gold).union(predicted).sorted()
    let f1 = labels.map { label in
      let hits = Double(pairs.filter { $0.0 == label && $0.1 == label }.count)
      let either = Double(gold.filter { $0 == label }.count + predicted.filter { $0 == label }.count)
      return 2 * hits / either
    }
    accuracy = Double(pairs.filter { $0.0 == $0.1 }.count) / Double(pairs.count)
    weightedF1 = zip(labels, f1).map { label, f1 in Double(gold.filter { $0 == label }.count) * f1 }.reduce(0, +) / Double(gold.count)
    macroF1 = f1.reduce(0, +) / Double(f1.count)
  }
}

/// The bytes of a file, copied while it is mapped.
func contents(_ path: String) throws -> [UInt8] {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) { Array(file.bytes) }
}
