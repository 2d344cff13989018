import Baselines
import Datasets
import Reports

/// What an encoder must beat on the same rows: the most frequent class, and TF-IDF with logistic regression.
struct ClassifierBaselines {
  let majority: FormScores
  /// On each form of the test rows, trained on the rows that the encoder is trained on.
  let linear: [FormScores]

  init(_ data: ClassifierData) throws {
    let names = data.dataset.labels.names
    let common = try MajorityBaseline(labels: data.trainLabels, labelCount: names.count)
    majority = try FormScores("majority", golds: data.testLabels, predicted: common.predict(count: data.testLabels.count))
    let model = try LinearClassifier.train(texts: data.trainTexts, labels: data.trainLabels, labelNames: names)
    linear = try data.test.map { try FormScores($0.name, golds: data.testLabels, predicted: model.predict($0.texts)) }
  }

  /// Beside the headline form, the first.
  var report: [Baseline] {
    [.init(.majority, majority), .init(.linear, linear[0])]
  }
}

extension Baseline {
  init(_ kind: Kind, _ scores: FormScores) {
    self.init(kind, accuracy: scores.accuracy, weightedF1: scores.weightedF1, macroF1: scores.macroF1)
  }
}
