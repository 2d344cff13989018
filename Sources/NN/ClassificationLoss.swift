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
  /// γ of the focal loss (Lin et al. 2017), -(1 - p)^γ log p: what is right with confidence counts little. 0 is cross-entropy. Single-label only,
  /// without smoothing.
  public let focalGamma: Double

  public init(_ problem: ProblemType, classWeights: [Double]? = nil, labelSmoothing: Double = 0, focalGamma: Double = 0) {
    precondition(focalGamma == 0 || labelSmoothing == 0 && problem == .singleLabel, "a focal loss is of single labels, without smoothing")
    self.problem = problem
    self.classWeights = classWeights
    self.labelSmoothing = labelSmoothing
    self.focalGamma = focalGamma
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
      if focalGamma > 0 { return focal(logits, targets, weight) }
      return logits.crossEntropy(targets, weight: weight, reduction: .sum, labelSmoothing: labelSmoothing)
    case .multiLabel:
      return logits.binaryCrossEntropyWithLogits(targets, reduction: .sum)
    case .regression:
      return logits.meanSquaredError(targets, reduction: .sum)
    }
  }

  /// Σ w (1 - p)^γ · -log p, p the probability of the target.
  private func focal(_ logits: Tensor, _ targets: Tensor, _ weight: Tensor?) -> Tensor {
    let logP = logits.logSoftmax(dim: -1).gather(1, targets.unsqueezed(1)).squeezed(1)  // (rows)
    // 1 - p without cancellation; kept off 0, where its power has no slope for γ < 1.
    let error = logP.expm1().negated().clamped(min: 1e-8)
    let losses = error.pow(focalGamma) * logP.negated()
    return (weight.map { losses * $0.indexSelect(0, targets) } ?? losses).sum()
  }

  /// What `sum` is divided by for targets of these class ids: their number, or the sum of their weights.
  public func itemCount(classes: [Int]) -> Double {
    guard let classWeights else { return Double(classes.count) }
    return classes.reduce(0) { $0 + classWeights[$1] }
  }
}
