import Configuration
import Datasets
import Reports
import Training

/// Training once more with the validation rows among the training rows.
///
/// Small sets without a validation file lose a tenth of their rows to the choice of the best step. Once that choice is made, the same
/// course is run again over all rows, and stopped where the first was best, counted in epochs. What validation rows decide (that
/// step, the temperature, the seed whose model is kept) was decided by a model that had not seen them; test rows decide nothing.
extension ClassifierRun {
  /// A finished second training.
  struct Refit {
    /// Holds the model in `best`.
    let folder: String
    let rows: Int
    let epochs: Double
  }

  var refits: Bool { settings.refits(data.dataset) }

  /// The run over all rows: its own folder, model and order of rows, the same seed and schedule.
  var whole: ClassifierRun {
    ClassifierRun(settings: settings, compute: compute, data: data.joined, seed: seed, folder: "\(folder)/refit", isQuiet: isQuiet, tokenizer: tokenizer)
  }

  /// Trains on all rows for as many epochs as `bestStep` is of the rows that were trained on before.
  /// - Returns: nil after a signal.
  func refit(bestStep: Int) throws -> Refit? {
    let whole = whole
    let epochs = Double(bestStep) / Double(stepsPerEpoch)
    var plan = whole.plan
    plan.validateEvery = 0
    plan.steps = min(whole.steps, max(1, Int((epochs * Double(whole.stepsPerEpoch)).rounded())))
    guard let trained = try whole.train(try whole.makeTask(try whole.makeModel()), plan, title: "\(data.dataset.name) seed \(seed), all rows") else { return nil }
    trained.log.progress.note("\(data.dataset.name) seed \(seed): trained again on all \(whole.data.train.count) rows for \(Self.text(epochs)) epochs")
    return Refit(folder: whole.folder, rows: whole.data.train.count, epochs: epochs)
  }

  /// Epochs without needless digits.
  static func text(_ epochs: Double) -> String {
    let hundredths = Int((epochs * 100).rounded())
    return hundredths % 100 == 0 ? "\(hundredths / 100)" : "\(Double(hundredths) / 100)"
  }
}

extension ClassifierSettings {
  /// Whether the model of `dataset` that is kept has learned from the validation rows too.
  func refits(_ dataset: Dataset) -> Bool {
    switch training.refit {
    case .auto: dataset.holdsOut
    case .always: !dataset.validation.isEmpty
    case .never: false
    }
  }

  /// What decides which step is best.
  func bestMetric(_ dataset: Dataset) -> BestMetric {
    training.bestMetric == .auto ? (refits(dataset) ? .loss : .weightedF1) : training.bestMetric
  }
}
