public import Torch

/// What a classification head is trained for, as `problem_type` says.
public enum ProblemType: String, Sendable, CaseIterable {
  case singleLabel = "single_label_classification"
  case multiLabel = "multi_label_classification"
  case regression = "regression"
}

/// The summed loss of a batch and how many items it stands for.
///
/// One rule for every head: losses are *summed* over items and divided by the number of items of the whole step, over
/// micro-batches and ranks, so a step does not depend on how its items were split. With class weights an item counts with
/// its weight. Items are examples (single label) or values (multi-label, regression), as transformers' means count them.
public struct ClassificationLoss {
  public let problem: ProblemType
  /// Weight of each class, single-label only.
  public let classWeights: [Double]?
  /// Share of the target spread over all classes, single-label only.
  public let labelSmoothing: Double

  public init(_ problem: ProblemType, classWeights: [Double]? = nil, labelSmoothing: Double = 0) {
    self.problem = problem
    self.classWeights = classWeights
    self.labelSmoothing = labelSmoothing
  }

  /// Σ loss over the batch, not divided.
  /// - Parameters:
  ///   - logits: (rows, classes), any floating dtype; the loss is computed in float32.
  ///   - targets: single label: class ids (rows), int64; otherwise float (rows, classes).
  public func sum(_ logits: Tensor, _ targets: Tensor) -> Tensor {
    let logits = logits.to(.float32)
    switch problem {
    case .singleLabel:
      let weight = classWeights.map { Tensor($0.map(Float.init), device: logits.device) }
      return logits.crossEntropy(targets, weight: weight, reduction: .sum, labelSmoothing: labelSmoothing)
    case .multiLabel:
      return logits.binaryCrossEntropyWithLogits(targets, reduction: .sum)
    case .regression:
      return logits.meanSquaredError(targets, reduction: .sum)
    }
  }

  /// What `sum` is divided by for targets of these class ids: their number, or the sum of their weights.
  public func itemCount(classes: [Int]) -> Double {
    guard let classWeights else { return Double(classes.count) }
    return classes.reduce(0) { $0 + classWeights[$1] }
  }
}
