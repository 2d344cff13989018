import Datasets
import Files
import Tokenizers

/// Rows as the model is shown them: a template's ids, the ones that training would give it, after one begin-of-sequence token.
struct GeneratePrompts {
  let encoder: SequenceEncoder
  let template: any PromptTemplate
  /// The begin-of-sequence token stays when a prompt is cut.
  private let kept: Int

  init(_ template: any PromptTemplate, tokenizer: any Tokenizer, marks: SequenceMarks, capacity: Int) {
    self.template = template
    encoder = SequenceEncoder(tokenizer, beginning: marks.beginning, end: marks.end, maxLength: capacity)
    kept = marks.beginning == nil ? 0 : 1
  }

  /// Ids of a row's prompt.
  /// - Parameter limit: tokens that fit; of a longer prompt the end stays, where the question is, after its first token.
  /// - Returns: the ids, and whether something was cut.
  func ids(_ row: LanguageRow, of path: String, limit: Int) throws -> (ids: [Int32], isCut: Bool) {
    let ids: [Int32]
    do {
      ids = try template.prompt(of: row, by: encoder)
    } catch {
      throw InputError(path, at: "line \(row.line)", "\(error)", advice: "Name another --template")
    }
    guard ids.count > kept else { throw InputError(path, at: "line \(row.line)", "the prompt is empty, expected text", advice: "Leave the row out") }
    guard ids.count > limit else { return (ids, false) }
    return (ids.prefix(kept) + ids.suffix(limit - kept), true)
  }
}
