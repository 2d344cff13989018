import Datasets

/// Labelling as a whole: a verdict that the explanation states is read by rule, the classifier reads the rest.
///
/// A classifier sees what it was trained for; a stated verdict needs no classifier and must not mislead one that never saw any.
struct Labeler {
  let labels: LabelTable

  /// The rule's label where there is one, else the classifier's.
  /// - Parameters:
  ///   - texts: explanations as generated.
  ///   - classified: the classifier's ids for `labels.strippedReasoning` of the texts at `open`, in order.
  func combine(_ texts: [String], classified: ([Int]) throws -> [Int]) rethrows -> (labels: [Int], byRule: Int) {
    let stated = texts.map { labels.verdict(of: $0) }
    let open = stated.indices.filter { stated[$0] == nil }
    var result = stated.map { $0 ?? 0 }
    for (row, label) in try zip(open, open.isEmpty ? [] : classified(open)) { result[row] = label }
    return (result, texts.count - open.count)
  }
  /// The scores of labelling on each form of the same rows, from the classifier's answers on the form without verdicts. None where
  /// there is no such form: what is read is no explanation.
  /// - Parameter forms: each with the texts shown and the classifier's answers to them.
  func scores(_ forms: [(view: TextView, texts: [String], scores: FormScores)]) throws -> [FormScores] {
    guard let stripped = forms.first(where: { $0.view == .reasoning })?.scores else { return [] }
    return try forms.map { form in
      let (answers, _) = combine(form.texts) { rows in rows.map { stripped.predicted[$0] } }
      return try FormScores("labelling, \(form.scores.name)", golds: stripped.golds, predicted: answers)
    }
  }
}
