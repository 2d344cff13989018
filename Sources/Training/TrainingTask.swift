public import NN
public import Torch

/// What a kind of training supplies to the loop: a loss that sums over items, and a validation score.
public protocol TrainingTask {
  /// What the summed loss of `batch` is divided by, added up over the micro-batches (and ranks) of a step.
  func itemCount(_ batch: Batch) -> Double
  /// Σ loss of the batch's items, a tensor of one element.
  func summedLoss(_ batch: Batch, _ mode: Mode) -> Tensor
  /// Scores on the validation rows, for early stopping and the choice of the best checkpoint.
  /// - Returns: nil when `shouldStop` became true before the end.
  func validate(shouldStop: () -> Bool) -> ValidationScores?
  /// False where there are no rows to validate on: the last state is then the best.
  var hasValidation: Bool { get }
  /// How errors name row `row` of the training set, without its text.
  func name(ofRow row: Int) -> String
  /// Writes the model into an existing empty folder.
  func saveModel(to folder: String) throws
  /// Takes over the parameters of a model folder that `saveModel` wrote.
  /// - Returns: the names that do not fit.
  func restoreModel(from folder: String) throws -> [String]
  /// Checks that the model in `folder` gives bit for bit the logits of the one in memory.
  func verifySaved(in folder: String) throws
}

extension TrainingTask {
  public var hasValidation: Bool { true }
}

/// Scores by name, in the order in which they are shown; `eval_` is put before them in logs.
public struct ValidationScores: Hashable, Sendable {
  public var loss: Double
  public var metrics: [(name: String, value: Double)]

  public init(loss: Double, metrics: [(name: String, value: Double)]) {
    self.loss = loss
    self.metrics = metrics
  }

  public subscript(name: String) -> Double? { name == "loss" ? loss : metrics.first { $0.name == name }?.value }

  public static func == (a: Self, b: Self) -> Bool { a.loss == b.loss && a.metrics.elementsEqual(b.metrics) { $0 == $1 } }
  public func hash(into hasher: inout Hasher) { hasher.combine(loss) }
}
