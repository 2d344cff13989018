import Configuration
import Datasets
import Files

/// `attune.json` in a classifier's folder: for which dataset it was trained, what it reads, its label rules, and the temperature
/// that calibrates it.
struct ClassifierMetadata: Hashable, Sendable {
  static let fileName = "attune.json"

  /// "" for a classifier of any texts.
  var dataset: String
  var input: InputView
  /// Tokens that a text is cut to. A linear classifier reads whole texts.
  var maxLength: Int
  var temperature: Double
  /// The rules that read labels from explanations; nil when none are known.
  var labels: LabelTable?

  func write(into folder: String) throws(InputError) {
    let json: JSON = [
      "format": 1, "dataset": .string(dataset), "input": .string(input.rawValue), "max_length": .integer(maxLength),
      "temperature": .number(temperature), "labels": labels.map { $0.hasRules ? $0.json : .null } ?? .null, "notice": "Research software. Not for clinical use.",
    ]
    try AtomicWrite.file("\(folder)/\(Self.fileName)", json.encoded(indent: 2) + "\n")
  }

  /// - Parameters:
  ///   - classes: the model's.
  ///   - longest: the tokens it can read.
  static func read(_ folder: String, classes: Int, longest: Int) throws(InputError) -> ClassifierMetadata {
    let path = "\(folder)/\(fileName)"
    guard FileSystem.isFile(path) else {
      return ClassifierMetadata(dataset: "", input: .full, maxLength: min(longest, 512), temperature: 1, labels: nil)
    }
    let json = try JSON.read(path)
    func wrong(_ key: String, _ expected: String) -> InputError {
      InputError(
        path, at: "key \"\(key)\"", "found \(json[key]?.kind ?? "nothing"), expected \(expected)",
        advice: "Train the classifier again, or remove the file")
    }
    guard json["format"]?.int == 1 else { throw wrong("format", "1, the version this attune reads") }
    guard let dataset = json["dataset"]?.string else { throw wrong("dataset", "a name") }
    guard let input = json["input"]?.string.flatMap(InputView.init(rawValue:)) else { throw wrong("input", InputView.allCases.map(\.rawValue).joined(separator: ", ")) }
    guard let maxLength = json["max_length"]?.int, maxLength >= 8, maxLength <= longest else { throw wrong("max_length", "8 to \(longest)") }
    guard let temperature = json["temperature"]?.double, temperature > 0 else { throw wrong("temperature", "a number above 0") }
    var labels: LabelTable?
    if let table = json["labels"], table != .null {
      labels = try LabelTable(json: table, source: path)
      guard labels?.count == classes else { throw wrong("labels", "\(classes) labels, as many as the model has classes") }
    }
    return ClassifierMetadata(dataset: dataset, input: input, maxLength: maxLength, temperature: temperature, labels: labels)
  }
}
