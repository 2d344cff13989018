import Datasets
import Files
import Tokenizers

/// Rows as the model is shown them: a template's text, as the ids that training would give it, after one begin-of-sequence token.
struct GeneratePrompts {
  let tokenizer: any Tokenizer
  let marks: SequenceMarks
  let template: any PromptTemplate

  /// Ids of a row's prompt.
  /// - Parameter limit: tokens that fit; of a longer prompt the end stays, where the question is, after its first token.
  /// - Returns: the ids, and whether something was cut.
  func ids(_ row: LanguageRow, of path: String, limit: Int) throws -> (ids: [Int32], isCut: Bool) {
    let text: String
    do {
      text = try template.prompt(of: row)
    } catch {
      throw InputError(path, at: "line \(row.line)", "\(error)", advice: "Name another --template")
    }
    var ids = tokenizer.ids(of: text)
    if let beginning = marks.beginning, ids.first != beginning { ids.insert(beginning, at: 0) }
    guard ids.count > (marks.beginning == nil ? 0 : 1) else { throw InputError(path, at: "line \(row.line)", "the prompt is empty, expected text", advice: "Leave the row out") }
    guard ids.count > limit else { return (ids, false) }
    return ([ids[0]] + ids.suffix(limit - 1), true)
  }
}
