/// The language-model loss, composed of ordinary operations.
extension Tensor {
  /// Σ -ln softmax(self · weightᵀ)[target] over the rows, a float32 scalar.
  /// - Parameters:
  ///   - self: (n, hidden).
  ///   - weight: (vocabulary, hidden), the head.
  ///   - targets: (n) int64.
  public func linearCrossEntropy(weight: Tensor, targets: Tensor) -> Tensor {
    linear([weight], nil).to(.float32).crossEntropy(targets, reduction: .sum)
  }

  /// ln softmax(self · weightᵀ)[target] of each row, (n) float32.
  public func tokenLogProbabilities(weight: Tensor, targets: Tensor) -> Tensor {
    linear([weight], nil).to(.float32).crossEntropy(targets, reduction: .none).negated()
  }
}
