import Datasets
public import Files
import Metrics

/// A table for annotators: the rows of one run, shuffled within each stimulus, without the judge's answer.
///
/// This is the one output that holds replies, because people have to read them.
public enum ValidationExport {
  /// - Parameters:
  ///   - annotator: names the empty column, `annotator_1`.
  ///   - seed: the same seed gives the same order; give two annotators the same.
  ///   - limit: rows a stimulus; nil for all.
  /// - Throws: `InputError` for a run file that cannot be read.
  public static func csv(of file: RunFile, annotator: String, seed: UInt64, limit: Int? = nil) throws(InputError) -> [UInt8] {
    let rows = try file.rows(key: \.key) { object, place throws(InputError) in try InterjectionRow(object, path: file.path, at: place) }
    var writer = CSVWriter()
    writer.write([
      "key", "condition", "transcript_index", "message_number", "interjection", "model_response", "verification_prompt", "verification_options",
      "verification_correct", annotator + InterjectionRow.suffix,
    ])
    var random = SplitMix64(seed: seed)
    for stimulus in Set(rows.map(\.stimulus)).sorted() {
      let shuffled = rows.filter { $0.stimulus == stimulus && $0.response != nil }.sorted { $0.key < $1.key }.shuffled(using: &random)
      for row in shuffled.prefix(limit ?? shuffled.count) {
        writer.write([
          row.key, row.condition, row.transcript, "\(row.messageNumber)", text(row.interjection), row.response ?? "", row.verificationPrompt,
          row.verificationOptions.joined(separator: ", "), row.verificationCorrect, "",
        ])
      }
    }
    return writer.bytes
  }

  /// A stimulus of several messages, one a line.
  private static func text(_ interjection: JSON) -> String {
    if let text = interjection.string { return text }
    return (interjection.array ?? []).map { $0.string ?? $0["content"]?.string ?? $0.encoded() }.joined(separator: "\n")
  }
}
