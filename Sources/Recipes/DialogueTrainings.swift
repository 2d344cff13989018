import Baselines
import Configuration
import Datasets
import Evaluation
import Files
import Reports
import Tokenizers
import Training

/// The trainings of one dialogue-safety run: one a seed, or one a seed and fold.
struct DialogueTrainings {
  /// One training and the positions in the test set of the rows that it judges.
  struct Part {
    let run: ClassifierRun
    let rows: [Int]
    /// 1-based; nil without folds.
    let fold: Int?
  }

  let settings: ClassifierSettings
  let dialogue: DialogueSettings
  let compute: ComputeChoice
  let rows: DialogueRows
  let tokenizer: any Tokenizer
  let isQuiet: Bool

  func parts(seed: UInt64, in folder: String) throws -> [Part] {
    guard rows.isCrossValidated else {
      return [Part(run: try run(rows.dataset, seed, "\(folder)/seed-\(seed)"), rows: Array(rows.test.indices), fold: nil)]
    }
    return try rows.folds(dialogue.folds, seed: seed).enumerated().map { index, fold in
      Part(run: try run(fold.dataset, seed, "\(folder)/seed-\(seed)/fold-\(index + 1)"), rows: fold.rows, fold: index + 1)
    }
  }

  private func run(_ dataset: Dataset, _ seed: UInt64, _ folder: String) throws -> ClassifierRun {
    // Upstream looks at the test rows after every epoch and keeps the checkpoint that is best on them.
    let parts = dialogue.compat ? Dataset(name: dataset.name, labels: dataset.labels, train: dataset.train, validation: dataset.test, test: dataset.test) : dataset
    let data = try ClassifierData(parts, view: .dialogue, tokenizer: tokenizer, maxLength: settings.model.maxLength)
    var run = ClassifierRun(settings: settings, compute: compute, data: data, seed: seed, folder: folder, isQuiet: isQuiet, tokenizer: tokenizer)
    if dialogue.compat, settings.schedule.warmupSteps == nil {
      var rounded = settings
      rounded.schedule.warmupSteps = Int(Double(run.steps) * settings.schedule.warmupRatio)
      run = ClassifierRun(settings: rounded, compute: compute, data: data, seed: seed, folder: folder, isQuiet: isQuiet, tokenizer: tokenizer)
    }
    return run
  }

  /// Trains what is not trained yet and puts the answers together in the order of the test set.
  /// - Returns: nil after a signal. `outcome` is that of the one training; nil of a cross-validation.
  func run(seed: UInt64, in folder: String, _ console: Progress) throws -> (model: SafetyRun, linear: SafetyRun, outcome: ClassifierRun.Outcome?)? {
    let golds = rows.test.map(\.label)
    var (model, linear) = ([Int?](repeating: nil, count: golds.count), [Int?](repeating: nil, count: golds.count))
    var outcome: ClassifierRun.Outcome?
    for part in try parts(seed: seed, in: folder) {
      let data = part.run.data
      let name = part.fold.map { "seed \(seed), fold \($0) of \(dialogue.folds)" } ?? "seed \(seed)"
      let answers: [Int]
      if part.fold != nil, let known = try PredictionLines.read(from: part.run.folder, examples: data.dataset.test) {
        answers = known
        console.note("\(name): was trained before")
      } else {
        if data.truncated > 0 { console.note("\(name): \(data.truncated) training rows cut to \(settings.model.maxLength) tokens") }
        guard let trained = try part.run.run() else { return nil }
        console.note(trained.comparison(name: name))
        answers = trained.forms[0].predicted
        if part.fold == nil { outcome = trained } else { forget(part.run.folder) }
      }
      for (row, answer) in zip(part.rows, answers) { model[row] = answer }
      for (row, answer) in zip(part.rows, try self.linear(data)) { linear[row] = answer }
    }
    return (SafetyRun(name: "\(seed)", golds: golds, predicted: model), SafetyRun(name: "\(seed)", golds: golds, predicted: linear), outcome)
  }

  /// A fold's model is of no use once it has judged, and there are many.
  private func forget(_ folder: String) {
    for name in ["checkpoints", "best", "refit"] { AtomicWrite.removeTree("\(folder)/\(name)") }
  }

  /// What an encoder must beat: logistic regression over pairs of neighbouring characters, since Chinese has no spaces between words.
  private func linear(_ data: ClassifierData) throws -> [Int] {
    let model = try LinearClassifier.train(texts: data.trainTexts.map(Self.bigrams), labels: data.trainLabels, labelNames: data.dataset.labels.names)
    return model.predict(data.test[0].texts.map(Self.bigrams))
  }

  static func bigrams(_ text: String) -> String {
    let characters = Array(text.unicodeScalars)
    return zip(characters, characters.dropFirst()).map { "\($0)\($1)" }.joined(separator: " ")
  }
}
