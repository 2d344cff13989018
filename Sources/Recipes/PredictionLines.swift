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
}
