import Datasets
import Files

/// The explanations that experts wrote for some of the test posts, in the place of the golds that answers were stored with.
struct ExpertGolds {
  private let catalog: Catalog

  /// - Parameter root: the folder that holds `test_data/`.
  init(root: String) throws(InputError) { catalog = try Catalog(root: root) }

  /// The rows that experts annotated, with the experts' golds: all of them where the answers are to the experts' posts, else those whose post
  /// stands in the test set that was answered.
  /// - Returns: the rows and what to say of them; nil where the set has no annotated post.
  /// - Throws: `InputError` when the answers are to neither.
  func applied(to answers: GenerationRows) throws(InputError) -> (rows: GenerationRows, note: String)? {
    guard let expert = try prompts(answers.dataset, .expert) else { return nil }
    let count = answers.rows.count + answers.problems.count
    if expert.count == count, answers.rows.allSatisfy({ $0.references[0] == expert[$0.number - 1].gold }) {
      return (answers, "answers to the experts' \(count) posts")
    }
    guard let test = try prompts(answers.dataset, .instruction), test.count == count else {
      throw InputError(
        answers.path, "has \(count) rows; expected those of the experts' file (\(expert.count)) or of the test set",
        advice: "Store answers to every row of one of the two, in its order")
    }
    let golds = Dictionary(expert.map { ($0.prompt, $0.gold) }, uniquingKeysWith: { first, _ in first })
    let rows = answers.rows.compactMap { row in
      golds[test[row.number - 1].prompt].map { GenerationRows.Row(number: row.number, references: [$0], generated: row.generated, label: row.label) }
    }
    guard !rows.isEmpty else { return nil }
    let kept = GenerationRows(dataset: answers.dataset, path: answers.path, rows: rows, problems: [])
    return (kept, "\(rows.count) of \(count) rows have an expert's explanation; the others are left out")
  }

  private func prompts(_ dataset: String, _ form: IMHIForm) throws(InputError) -> [(prompt: String, gold: String)]? {
    guard let path = catalog.entries().first(where: { $0.name == dataset && $0.form == form })?.files[.test] else { return nil }
    return try PromptFile.read(path).rows.map { row in
      guard case .pair(let prompt, _) = row.prompt.content else { return ("", row.gold) }
      return (prompt, row.gold)
    }
  }
}
