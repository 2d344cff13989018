import Datasets
import Files

/// `predictions.jsonl`: one line a test row and form with ids, gold, answer and calibrated probabilities; no text.
enum PredictionLines {
  static func write(into folder: String, examples: [Example], forms: [(name: String, logits: [[Float]])], temperature: Double) throws(InputError) {
    var text = ""
    for (name, logits) in forms {
      for (example, row) in zip(examples, logits) {
        let line: JSONObject = [
          "id": .string("\(example.id)"), "form": .string(name), "gold": .integer(example.label), "predicted": .integer(argmax(row)),
          "probabilities": .array(softmax(row, temperature: temperature).map { .number($0) }),
        ]
        text += JSON.object(line).encoded() + "\n"
      }
    }
    try AtomicWrite.file("\(folder)/predictions.jsonl", text)
  }

  /// The answers that `write` left for `examples` in one form; nil when there are none.
  /// - Throws: `InputError` when they are of other rows.
  static func read(from folder: String, examples: [Example]) throws(InputError) -> [Int]? {
    let path = "\(folder)/predictions.jsonl"
    guard FileSystem.isFile(path) else { return nil }
    let rows = try JSONLines.read(path)
    guard rows.map({ $0.object["id"]?.string }) == examples.map({ "\($0.id)" }) else {
      throw InputError(path, "holds predictions of other rows", advice: "Choose another --output, or replace the run with --overwrite")
    }
    return rows.compactMap { $0.object["predicted"]?.int }
  }
}
