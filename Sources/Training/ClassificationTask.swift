import Checkpoints
public import Datasets
import Files
import Metrics
public import Models
public import NN
public import Torch

/// Training a sequence classifier: cross-entropy (or its relatives) over encoded rows, judged by accuracy and F1.
public final class ClassificationTask: TrainingTask {
  public let model: ClassifierModel
  let loss: ClassificationLoss
  let validation: [EncodedExample]
  let names: [String]
  /// Precision of predictions.
  let computeType: DType

  /// - Parameters:
  ///   - validation: rows that choose the best model; never test rows.
  ///   - names: of the training rows, for errors; no text.
  public init(_ model: ClassifierModel, loss: ClassificationLoss, validation: [EncodedExample], names: [String], computeType: DType = .float32) {
    self.model = model
    self.loss = loss
    self.validation = validation
    self.names = names
    self.computeType = computeType
  }

  public func itemCount(_ batch: Batch) -> Double {
    switch loss.problem {
    case .singleLabel: loss.itemCount(classes: batch.targets.map { Int($0.label) })
    case .multiLabel, .regression: Double(batch.rows.count * model.labels.count)
    }
  }

  public func summedLoss(_ batch: Batch, _ mode: Mode) -> Tensor {
    loss.sum(model.network.logits(batch.tokens(on: model.device), mode), targets(batch))
  }

  public var hasValidation: Bool { !validation.isEmpty }

  public func validate(shouldStop: () -> Bool) -> ValidationScores? {
    var confusion = ConfusionMatrix<Int>()
    var total = 0.0
    var items = 0.0
    let finished = Predictor(model, computeType: computeType).forEach(validation, shouldStop: shouldStop) { batch, logits in
      total += loss.sum(logits, targets(batch)).item
      items += itemCount(batch)
      guard loss.problem == .singleLabel else { return }
      for (target, predicted) in zip(batch.targets, logits.argmax(dim: -1).array(Int.self)) {
        confusion.add(true: Int(target.label), predicted: predicted)
      }
    }
    guard finished else { return nil }
    guard loss.problem == .singleLabel else { return ValidationScores(loss: total / items, metrics: []) }
    return ValidationScores(
      loss: total / items,
      metrics: [
        ("accuracy", confusion.accuracy), ("weighted_f1", confusion.scores(.weighted).f1), ("macro_f1", confusion.scores(.macro).f1),
      ])
  }

  public func name(ofRow row: Int) -> String { names[row] }
  public func saveModel(to folder: String) throws { try model.save(into: folder) }
  public func restoreModel(from folder: String) throws -> [String] { try model.restoreParameters(from: folder) }

  /// The first rows of the validation set, or a made-up one where there is none, through the saved model and the one in memory.
  public func verifySaved(in folder: String) throws {
    let rows = validation.isEmpty ? [probe] : Array(validation.prefix(8))
    let reloaded = try ClassifierModel.load(folder, frozenType: model.frozenType, device: model.device)
    let tokens = Batch(Array(rows.indices), of: rows).tokens(on: model.device)
    let (kept, read) = withoutGradients { (model.network.logits(tokens, .evaluation), reloaded.network.logits(tokens, .evaluation)) }
    guard kept.isEqual(to: read) else {
      throw TrainingError.saveNotFaithful(folder: folder, difference: (kept - read).abs().amax().item)
    }
  }

  /// The first ids of the vocabulary as a row.
  private var probe: EncodedExample {
    let config = model.config
    return EncodedExample(index: 0, ids: (0..<Int32(min(8, config.vocabularySize, config.maximumLength))).map { $0 }, target: .label(0))
  }

  private func targets(_ batch: Batch) -> Tensor {
    switch loss.problem {
    case .singleLabel: return Tensor(batch.targets.map { Int($0.label) }, device: model.device)
    case .multiLabel: return Tensor(batch.targets.flatMap(\.flags), shape: [batch.rows.count, model.labels.count], device: model.device)
    case .regression: return Tensor(batch.targets.map(\.value), shape: [batch.rows.count, 1], device: model.device)
    }
  }
}

extension Target {
  fileprivate var label: Int32 { if case .label(let id) = self { id } else { preconditionFailure("a class id is expected, found \(self)") } }
  fileprivate var flags: [Float] { if case .flags(let flags) = self { flags } else { preconditionFailure("flags are expected, found \(self)") } }
  fileprivate var value: Float { if case .value(let value) = self { value } else { preconditionFailure("a number is expected, found \(self)") } }
}
