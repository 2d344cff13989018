import Baselines
import Files
import Glibc
import TestSupport
import Testing

/// The linear baseline on the public IMHI data against scikit-learn at the same optimum (tolerance 1e-8 there), per set and view.
@Suite struct PublicDataTests {
  static let rows = Golden.read("imhi_accuracy.json")["rows"]!.array!
  static let sadNames = [
    "school", "financial problem", "family issues", "social relationships", "work", "health issues", "emotion turmoil", "everyday decision making",
  ]

  // Without optimisation the numeric loops take minutes on the larger sets: a debug build checks the smallest.
  #if DEBUG
    static let checked = rows.indices.filter { rows[$0]["dataset"]!.string == "DR" }
  #else
    static let checked = Array(rows.indices)
  #endif

  @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA"), arguments: checked)
  func accuracyAndFeatureCountEqualScikitLearn(_ index: Int) throws {
    let row = Self.rows[index]
    let (name, view) = (row["dataset"]!.string!, row["view"]!.string!)
    let root = Fixtures.data! + "/MentalLLaMA"
    let train = "\(root)/train_data/instruction_data/\(name)"
    let (texts, labels) = try Self.read(access("\(train)/train.csv", R_OK) == 0 ? "\(train)/train.csv" : "\(train)/val.csv", name, view)
    let (testTexts, testLabels) = try Self.read("\(root)/test_data/test_instruction/\(name).csv", name, view)
    #expect(texts.count == row["train"]!.int! && testTexts.count == row["test"]!.int!)
    let classifier = try LinearClassifier.train(texts: texts, labels: labels, labelNames: (0..<(name == "SAD" ? 9 : 2)).map(String.init))
    let hits = zip(classifier.predict(testTexts), testLabels).count { $0 == $1 }
    #expect(classifier.featureCount == row["features"]!.int!)
    #expect(Double(hits) / Double(testLabels.count) == row["accuracy"]!.double!, "\(name) \(view)")
  }

  /// The column gpt-3.5-turbo: its verdict as the label, all of it or what follows "Reasoning:" as the text.
  private static func read(_ path: String, _ name: String, _ view: String) throws -> ([String], [Int]) {
    let records = try parse(path)
    let column = try #require(records[0].firstIndex(of: "gpt-3.5-turbo"))
    var (texts, labels): ([String], [Int]) = ([], [])
    for record in records.dropFirst() {
      let answer = record[column]
      let parts = answer.split(separator: "Reasoning:", maxSplits: 1, omittingEmptySubsequences: false)
      let verdict = parts[0].lowercased()
      labels.append(name == "SAD" ? sadNames.firstIndex { verdict.contains($0) } ?? 8 : verdict.contains("yes") ? 1 : 0)
      let reasoning = parts.last!.drop(while: \.isWhitespace)
      texts.append(view == "full" ? answer : String(reasoning[..<(reasoning.lastIndex { !$0.isWhitespace }.map { reasoning.index(after: $0) } ?? reasoning.startIndex)]))
    }
    return (texts, labels)
  }

  /// RFC 4180, enough for these files.
  private static func parse(_ path: String) throws -> [[String]] {
    let file = try MappedFile(path)
    defer { withExtendedLifetime(file) {} }
    var (records, record, field): ([[String]], [String], [UInt8]) = ([], [], [])
    var quoted = false
    var bytes = Array(file.bytes)
    if bytes.last != 0x0A { bytes.append(0x0A) }
    func end() { record.append(String(decoding: field, as: UTF8.self)); field = [] }
    var i = 0
    while i < bytes.count {
      let byte = bytes[i]
      switch (byte, quoted) {
      case (0x22, true) where i + 1 < bytes.count && bytes[i + 1] == 0x22: field.append(byte); i += 1
      case (0x22, _): quoted.toggle()
      case (0x2C, false): end()
      case (0x0D, false): break
      case (0x0A, false): end(); records.append(record); record = []
      default: field.append(byte)
      }
      i += 1
    }
    return records
  }
}
