import Checkpoints
import Datasets
import Files
import Metrics
import Models
import Tokenizers
import Training

/// Asks a model in training some validation questions and reads labels from what it says: the figure that users care for, where loss
/// and perplexity only stand for it.
///
/// Gold and answer are read by the same rules. An answer without a readable label counts as wrong, and in `answered`.
struct AnswerJudge {
  private struct Question {
    let dataset: String
    let prompt: [Int32]
    let gold: Int
    let labels: LabelTable
  }

  private let questions: [Question]
  private let tokenBudget: Int
  /// Enough for a verdict, which stands before the reasoning.
  private static let answerLimit = 48

  /// - Parameters:
  ///   - count: validation rows to ask, chosen by a hash of each row among those whose gold has a readable label.
  ///   - tokenBudget: tokens of one forward pass.
  /// - Throws: `InputError` when no row has one.
  init(_ data: FinetuneData, count: Int, tokenBudget: Int) throws {
    let (labels, path) = (try data.labels(), data.corpus.files.first ?? "")
    var found: [Question] = []
    for row in data.corpus.validation.sorted(by: { ($0.id.digest, $0.id.row) < ($1.id.digest, $1.id.row) }) where found.count < count {
      guard let table = labels[row.id.dataset], let gold = table.reading(of: row.completion).label else { continue }
      let prompt = try data.encoding.prompt(of: row, path: path)
      guard prompt.count + Self.answerLimit <= data.encoding.maxLength else { continue }
      found.append(Question(dataset: row.id.dataset, prompt: prompt, gold: gold, labels: table))
    }
    guard !found.isEmpty else {
      throw InputError(
        path, "no validation row has a label that can be read, so answers cannot be scored",
        advice: "Set training.eval_generate=0, or put a labels.json beside the rows")
    }
    questions = found
    self.tokenBudget = tokenBudget
  }

  /// `weighted_f1`, the mean over datasets weighted by rows, and `answered`, the share of answers with a readable label.
  func scores(_ model: any TrainableLanguageModel, shouldStop: () -> Bool) -> [(name: String, value: Double)]? {
    let answers = GreedyAnswers.ids(model, questions.map(\.prompt), limit: Self.answerLimit, tokenBudget: tokenBudget, shouldStop: shouldStop)
    guard let answers else { return nil }
    var matrices: [String: ConfusionMatrix<Int>] = [:]
    var answered = 0
    for (question, answer) in zip(questions, answers) {
      let predicted = question.labels.reading(of: model.tokenizer.decode(answer)).label
      if predicted != nil { answered += 1 }
      matrices[question.dataset, default: .init()].add(true: question.gold, predicted: predicted ?? Self.unreadable)
    }
    let total = Double(questions.count)
    let f1 = matrices.keys.sorted().reduce(0.0) { sum, dataset in
      let rows = Double(questions.count { $0.dataset == dataset })
      return sum + matrices[dataset]!.scores(.weighted).f1 * rows / total  // `dataset` is one of its keys
    }
    return [("weighted_f1", f1), ("answered", Double(answered) / total)]
  }

  private static let unreadable = -1
}
