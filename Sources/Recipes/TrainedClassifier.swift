import Checkpoints
import Configuration
import Datasets
import Files
import Metrics
import Models
import Torch

/// A saved classifier with what Attune adds to a Hugging Face folder: `attune.json` says what the model reads, for which
/// dataset, and the temperature that calibrates it. A folder without that file is read as a plain classifier of texts.
struct TrainedClassifier {
  static let fileName = "attune.json"

  let model: ClassifierModel
  let metadata: Metadata

  struct Metadata: Hashable, Sendable {
    var dataset: String
    var input: InputView
    var maxLength: Int
    var temperature: Double
    /// Names in the spelling of the upstream label files, by id.
    var shortLabels: [String]

    var json: JSON {
      .object([
        "format": 1, "dataset": .string(dataset), "input": .string(input.rawValue), "max_length": .integer(maxLength),
        "temperature": .number(temperature), "short_labels": .array(shortLabels.map { .string($0) }),
        "notice": "Research software. Not for clinical use.",
      ])
    }

    func write(into folder: String) throws(InputError) {
      try AtomicWrite.file("\(folder)/\(fileName)", json.encoded(indent: 2) + "\n")
    }

    static func read(_ folder: String, model: ClassifierModel) throws(InputError) -> Metadata {
      let path = "\(folder)/\(fileName)"
      let longest = model.config.encoder.maximumLength
      guard FileSystem.isFile(path) else {
        return Metadata(dataset: "", input: .full, maxLength: min(longest, 512), temperature: 1, shortLabels: model.labels)
      }
      let json = try JSON.read(path)
      func wrong(_ key: String, _ expected: String) -> InputError {
        InputError(path, at: "key \"\(key)\"", "found \(json[key]?.encoded() ?? "nothing"), expected \(expected)", advice: "Train the classifier again, or remove the file")
      }
      guard let dataset = json["dataset"]?.string else { throw wrong("dataset", "a name") }
      guard let input = json["input"]?.string.flatMap(InputView.init(rawValue:)) else { throw wrong("input", "full, reasoning, both or post") }
      guard let maxLength = json["max_length"]?.int, 8...longest ~= maxLength else { throw wrong("max_length", "8 to \(longest)") }
      guard let temperature = json["temperature"]?.double, temperature > 0 else { throw wrong("temperature", "a number above 0") }
      let short = json["short_labels"]?.array?.compactMap(\.string) ?? []
      guard short.count == model.labels.count else { throw wrong("short_labels", "\(model.labels.count) names") }
      return Metadata(dataset: dataset, input: input, maxLength: maxLength, temperature: temperature, shortLabels: short)
    }
  }

  static func load(_ folder: String, device: Device) throws -> TrainedClassifier {
    let model = try ClassifierModel.load(folder, device: device)
    return TrainedClassifier(model: model, metadata: try .read(folder, model: model))
  }
}
