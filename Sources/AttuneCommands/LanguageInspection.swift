import Datasets
import Files
import Reports
import Tokenizers

/// One row as a language model is trained on it: tokens, ids, and which of them are learned.
struct LanguageInspection {
  let row: LanguageRow
  let sequence: TargetedSequence
  let tokens: [String]

  /// Whether the model of `folder` continues or answers text, by `architectures` of its `config.json`; false where there is none.
  static func isLanguageModel(_ folder: String) -> Bool {
    guard let names = (try? JSON.read("\(folder)/config.json"))?["architectures"]?.array?.compactMap(\.string) else { return false }
    return names.contains { $0.hasSuffix("ForCausalLM") || $0.hasSuffix("ForConditionalGeneration") }
  }

  init(path: String, row number: Int, model: String, maxLength: Int, template: String, separator: String?, loss: SequenceEncoder.Loss) throws {
    let file = try LanguageFile.read(path)
    guard file.rows.indices.contains(number - 1) else { throw InputError(path, "has no row \(number), expected 1 to \(file.rows.count)") }
    row = file.rows[number - 1]
    let tokenizer = try Tokenizers.load(model)
    let marks = try SequenceMarks.read(model)
    let template = try Templates.named(template, model: model, separator: separator, tokenizer: tokenizer)
    let encoder = SequenceEncoder(tokenizer, beginning: marks.beginning, end: marks.end, maxLength: maxLength, loss: loss)
    sequence = try Self.sequence(of: row, template, encoder, path)
    tokens = sequence.ids.map { tokenizer.token(of: $0) ?? "?" }
  }

  private static func sequence(
    of row: LanguageRow, _ template: any PromptTemplate, _ encoder: SequenceEncoder, _ path: String
  ) throws(InputError) -> TargetedSequence {
    do {
      return try template.sequence(of: row, by: encoder)
    } catch {
      throw InputError(path, at: "row \(row.id.row)", "\(error)")
    }
  }

  var json: JSON {
    [
      "id": .string(row.id.description), "line": .integer(row.line), "length": .integer(sequence.ids.count + sequence.cutPrompt + sequence.cutTarget),
      "cut_prompt": .integer(sequence.cutPrompt), "cut_target": .integer(sequence.cutTarget), "tokens": .array(tokens.map(JSON.string)),
      "input_ids": .array(sequence.ids.map { .integer(Int($0)) }), "loss_mask": .array(sequence.isTarget.map { .integer($0 ? 1 : 0) }),
    ]
  }

  /// The tokens in lines, those that are learned in green on a terminal with colours and between ⟦ ⟧ elsewhere; then position, id,
  /// mask and token one a line.
  func text(hasColour: Bool) -> String {
    let (on, off) = hasColour ? ("\u{1B}[32m", "\u{1B}[0m") : ("⟦", "⟧")
    var flow = ""
    var isInside = false
    for (token, isTarget) in zip(tokens, sequence.isTarget) {
      if isTarget != isInside { flow += isTarget ? on : off }
      isInside = isTarget
      flow += token.hasPrefix("▁") || token.hasPrefix("Ġ") || token.hasPrefix("##") ? token : " \(token)"
    }
    if isInside { flow += off }
    let cut = sequence.cutPrompt + sequence.cutTarget
    var lines = [
      "\(row.id), line \(row.line)",
      "loss    \(sequence.targetCount) of \(sequence.ids.count) tokens are learned: \(hasColour ? "green" : "between ⟦ and ⟧")",
      "length  \(sequence.ids.count + cut) tokens" + (cut > 0 ? ", \(sequence.cutPrompt) cut from the prompt, \(sequence.cutTarget) from what is learned" : ""),
      "", flow, "",
    ]
    for (position, id) in sequence.ids.enumerated() {
      lines.append("\(position)\t\(id)\t\(sequence.isTarget[position] ? "learned" : "·")\t\(tokens[position])")
    }
    return lines.joined(separator: "\n")
  }
}
