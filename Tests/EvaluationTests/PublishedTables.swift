import Datasets
import Evaluation
import Files
import TestSupport

/// The published tables (`Tests/Fixtures/dialogue`): scores by scikit-learn over the released predictions, and the confusion counts of
/// every run, which hold all that the scores depend on.
enum PublishedTables {
  static func rows(_ name: String) throws -> [[String: String]] { try rows(at: Fixtures.path("dialogue/\(name).csv")) }

  static func rows(at path: String) throws -> [[String: String]] {
    let table = try CSVReader.read(path)
    return table.rows.map { Dictionary(uniqueKeysWithValues: zip(table.header, $0)) }
  }

  /// Rows made up to have the published counts.
  static func systems() throws -> [SafetySystem] {
    var pairs: [String: [String: (golds: [Int], predicted: [Int?])]] = [:]
    for row in try rows("confusion") {
      let (model, seed, count) = (row["model"]!, row["seed"]!, Int(row["count"]!)!)
      pairs[model, default: [:]][seed, default: ([], [])].golds += Array(repeating: Int(row["true"]!)!, count: count)
      pairs[model]![seed]!.predicted += Array(repeating: Int(row["pred"]!)!, count: count)
    }
    return pairs.keys.sorted().map { model in
      SafetySystem(name: model, runs: pairs[model]!.map { SafetyRun(name: $0, golds: $1.golds, predicted: $1.predicted) })
    }
  }

  /// Cells of `found` that are not those of `expected`: numbers to 1e-12, everything else to the letter. Columns that only `found` has
  /// are not looked at.
  static func differences(_ found: [[String: String]], _ expected: [[String: String]], keys: [String]) -> [String] {
    func key(_ row: [String: String]) -> String { keys.map { row[$0] ?? "" }.joined(separator: " ") }
    let byKey = Dictionary(found.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    var wrong: [String] = found.count == expected.count ? [] : ["\(found.count) rows, expected \(expected.count)"]
    for row in expected {
      guard let other = byKey[key(row)] else {
        wrong.append("no row \(key(row))")
        continue
      }
      for (column, value) in row where other[column] != value {
        guard let a = other[column].flatMap(Double.init), let b = Double(value), abs(a - b) <= 1e-12 else {
          wrong.append("\(key(row)), \(column): \(other[column] ?? "nothing"), expected \(value)")
          continue
        }
      }
    }
    return wrong
  }
}
