internal import CTorch

/// A language model's loss without its logits: those of a batch would be larger than all else.
extension Tensor {
  /// Rows whose logits exist at a time where there are no kernels.
  private static var composedRows: Int { 1024 }

  /// Σ -ln softmax(self · weightᵀ)[target] over the rows, a float32 scalar. Products in autocast's dtype, sums in float32.
  /// - Parameters:
  ///   - self: (n, hidden), rows that have a target and no others.
  ///   - weight: (vocabulary, hidden), the head; its gradient is computed only where it wants one.
  ///   - targets: (n) int64.
  public func linearCrossEntropy(weight: Tensor, targets: Tensor) -> Tensor {
    if hasKernels { return make("linearCrossEntropy") { ct_fused_linear_cross_entropy(handle, weight.handle, targets.handle, $0) } }
    return stride(from: 0, to: size(0), by: Self.composedRows).reduce(Tensor.zeros([], device: device)) { total, row in
      let count = min(Self.composedRows, size(0) - row)
      let part = checkpointed([narrow(0, row, count)]) {
        [$0[0].linear(weight).to(.float32).crossEntropy(targets.narrow(0, row, count), reduction: .sum)]
      }
      return total + part[0]
    }
  }

  /// ln softmax(self · weightᵀ)[target] of each row, (n) float32, without gradients.
  public func tokenLogProbabilities(weight: Tensor, targets: Tensor) -> Tensor {
    if hasKernels { return make("tokenLogProbabilities") { ct_fused_token_log_probabilities(handle, weight.handle, targets.handle, $0) } }
    return withoutGradients {
      let parts = stride(from: 0, to: size(0), by: Self.composedRows).map { row in
        let count = min(Self.composedRows, size(0) - row)
        return narrow(0, row, count).linear(weight).to(.float32).crossEntropy(targets.narrow(0, row, count), reduction: .none).negated()
      }
      return parts.isEmpty ? .zeros([0], device: device) : .concatenated(parts)
    }
  }
}
