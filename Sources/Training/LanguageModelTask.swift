public import Datasets
import Glibc
public import Models
public import NN
public import Torch

/// Training a language model to say what rows mark as their target: cross-entropy over those tokens, judged by loss, perplexity and,
/// where a judge is given, by what the model says when asked.
public final class LanguageModelTask: TrainingTask {
  /// Scores generated answers on validation rows; nil when a signal came before the end.
  public typealias Judge = (any TrainableLanguageModel, _ shouldStop: () -> Bool) -> [(name: String, value: Double)]?

  public let model: any TrainableLanguageModel
  let validation: [EncodedExample]
  let names: [String]
  /// Tokens of one forward pass of validation.
  let tokenBudget: Int
  /// Keeps only each layer's input for the backward pass, which computes the rest again.
  let checkpoints: Bool
  let judge: Judge?

  /// - Parameters:
  ///   - validation: rows that choose the best model; none keeps the last.
  ///   - names: of the training rows, for errors; no text.
  public init(
    _ model: any TrainableLanguageModel, validation: [EncodedExample], names: [String], tokenBudget: Int = 4096, checkpoints: Bool = false, judge: Judge? = nil
  ) {
    self.model = model
    self.validation = validation
    self.names = names
    self.tokenBudget = tokenBudget
    self.checkpoints = checkpoints
    self.judge = judge
  }

  /// Tokens that are learned.
  public func itemCount(_ batch: Batch) -> Double { Double(batch.targets.reduce(0) { $0 + $1.learnedFlags.count { $0 } }) }

  public func summedLoss(_ batch: Batch, _ mode: Mode) -> Tensor { model.summedLoss(batch, mode, checkpoints: checkpoints) }

  public var hasValidation: Bool { !validation.isEmpty }

  public func validate(shouldStop: () -> Bool) -> ValidationScores? {
    var (total, items) = (0.0, 0.0)
    for rows in LengthBatches.cut(validation.map { $0.ids.count }, tokenBudget: tokenBudget) {
      if shouldStop() { return nil }
      let batch = Batch(rows, of: validation)
      total += summedLoss(batch, .evaluation).item
      items += itemCount(batch)
    }
    let loss = total / items
    var metrics = [(name: "perplexity", value: exp(loss))]
    if let judge {
      guard let scores = judge(model, shouldStop) else { return nil }
      metrics += scores
    }
    return ValidationScores(loss: loss, metrics: metrics)
  }

  public func name(ofRow row: Int) -> String { names[row] }
  public func saveModel(to folder: String) throws { try model.save(into: folder) }
  public func restoreModel(from folder: String) throws -> [String] { try model.restoreParameters(from: folder) }

  /// The shortest validation rows, or a made-up one, through the saved model and the one in memory.
  public func verifySaved(in folder: String) throws {
    let shortest = validation.sorted { $0.ids.count < $1.ids.count }.prefix(4)
    if let difference = try model.difference(fromSaved: folder, on: Array(shortest)) {
      throw TrainingError.saveNotFaithful(folder: folder, difference: difference)
    }
  }
}
