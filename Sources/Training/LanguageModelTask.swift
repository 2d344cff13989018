import Checkpoints
public import Datasets
import Glibc
public import Models
public import NN
public import Torch

/// Training a decoder to say what rows mark as their target: cross-entropy over those tokens, judged by loss, perplexity and, where a
/// judge is given, by what the model says when asked.
///
/// Rows travel packed: end to end, positions from 0 in each, attention within each. Logits exist only for tokens that are learned, and
/// of those only a chunk at a time.
public final class LanguageModelTask: TrainingTask {
  /// Scores generated answers on validation rows; nil when a signal came before the end.
  public typealias Judge = (CausalModel, _ shouldStop: () -> Bool) -> [(name: String, value: Double)]?

  public let model: CausalModel
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
    _ model: CausalModel, validation: [EncodedExample], names: [String], tokenBudget: Int = 4096, checkpoints: Bool = false, judge: Judge? = nil
  ) {
    self.model = model
    self.validation = validation
    self.names = names
    self.tokenBudget = tokenBudget
    self.checkpoints = checkpoints
    self.judge = judge
  }

  /// Tokens that are learned.
  public func itemCount(_ batch: Batch) -> Double { Double(batch.targets.reduce(0) { $0 + $1.flags.count { $0 } }) }

  public func summedLoss(_ batch: Batch, _ mode: Mode) -> Tensor {
    let (positions, targets) = Self.predictions(batch)
    let hidden = model.network.model(batch.tokens(on: model.device), mode, checkpoints: checkpoints)  // (tokens, hidden)
    return hidden.indexSelect(0, Tensor(positions, device: model.device))
      .linearCrossEntropy(weight: model.network.head, targets: Tensor(targets, device: model.device))
  }

  /// For every token that is learned: the index of the one before it, whose hidden state predicts it, and its id.
  static func predictions(_ batch: Batch) -> (positions: [Int], targets: [Int]) {
    var (positions, targets): ([Int], [Int]) = ([], [])
    var start = 0
    for (target, length) in zip(batch.targets, batch.lengths) {
      for (offset, isTarget) in target.flags.enumerated() where isTarget {
        positions.append(start + offset - 1)
        targets.append(Int(batch.ids[start + offset]))
      }
      start += length
    }
    return (positions, targets)
  }

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
    let shortest = validation.sorted { $0.ids.count < $1.ids.count }.prefix(4).map { Array($0.ids.prefix(64)) }
    let rows = shortest.isEmpty ? [(0..<Int32(min(8, model.config.decoder.vocabularySize))).map { $0 }] : shortest
    let tokens = PackedTokens(ids: rows.flatMap { $0 }, lengths: rows.map(\.count), device: model.device)
    if let difference = try model.difference(fromSaved: folder, on: tokens) {
      throw TrainingError.saveNotFaithful(folder: folder, difference: difference)
    }
  }
}

extension Target {
  fileprivate var flags: [Bool] { if case .tokens(let flags) = self { flags } else { preconditionFailure("flags of tokens are expected, found \(self)") } }
}
