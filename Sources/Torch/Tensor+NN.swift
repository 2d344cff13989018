internal import CTorch

/// How a loss over items becomes one number.
public enum Reduction: Int32, Sendable { case none, mean, sum }

/// Layers and losses as functions; the modules that hold their weights are in NN.
extension Tensor {
  /// input (..., in) · weightᵀ (out, in) + bias (out) -> (..., out).
  public func linear(_ weight: Tensor, _ bias: Tensor? = nil) -> Tensor { make("linear") { ct_linear(handle, weight.handle, bias?.handle, $0) } }

  /// Rows of the table `self` (V, width) for `indices` (any shape, int): (..., width). `paddingIndex` gets no gradient.
  public func embedding(_ indices: Tensor, paddingIndex: Int = -1) -> Tensor {
    make("embedding") { ct_embedding(handle, indices.handle, Int64(paddingIndex), $0) }
  }

  /// (x - mean) / √(variance + epsilon) · weight + bias over the last dimension.
  public func layerNorm(weight: Tensor?, bias: Tensor?, epsilon: Double) -> Tensor {
    make("layerNorm") { ct_layer_norm(handle, Int64(size(-1)), weight?.handle, bias?.handle, epsilon, $0) }
  }

  /// x / √(mean(x²) + epsilon) · weight over the last dimension (Zhang & Sennrich 2019).
  public func rmsNorm(weight: Tensor?, epsilon: Double) -> Tensor {
    make("rmsNorm") { ct_rms_norm(handle, Int64(size(-1)), weight?.handle, epsilon, $0) }
  }

  /// softmax(q·kᵀ·scale + mask)·v per head. query (B, H, T, D), key and value (B, H', S, D), mask broadcastable to
  /// (B, H, T, S): Bool keeps where true, float adds. `grouped` lets several query heads share a key head.
  public static func scaledDotProductAttention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, dropout: Double = 0, causal: Bool = false,
    scale: Double? = nil, grouped: Bool = false
  ) -> Tensor {
    withOptional(scale) { scale in
      make("scaledDotProductAttention") {
        ct_scaled_dot_product_attention(query.handle, key.handle, value.handle, mask?.handle, dropout, causal, scale, grouped, $0)
      }
    }
  }

  /// x · Φ(x), exactly or by the tanh approximation (Hendrycks & Gimpel 2016).
  public func gelu(tanhApproximation: Bool = false) -> Tensor { make("gelu") { ct_gelu(handle, tanhApproximation, $0) } }

  /// Zeroes elements with probability p and scales the rest by 1/(1-p); the identity when not training. Draws from the default generator.
  public func dropout(_ p: Double, training: Bool) -> Tensor { make("dropout") { ct_dropout(handle, p, training, $0) } }

  /// Softmax cross-entropy of logits (N, C) against class ids (N). Ids equal to `ignoring` count for nothing. With
  /// `.mean` and class weights, the sum is divided by the sum of the targets' weights (PyTorch's rule).
  public func crossEntropy(_ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean, ignoring: Int = -100, labelSmoothing: Double = 0) -> Tensor {
    make("crossEntropy") { ct_cross_entropy(handle, target.handle, weight?.handle, reduction.rawValue, Int64(ignoring), labelSmoothing, $0) }
  }

  /// -[y ln σ(x) + (1-y) ln(1-σ(x))] of logits against targets in [0, 1] of the same shape.
  public func binaryCrossEntropyWithLogits(_ target: Tensor, weight: Tensor? = nil, positiveWeight: Tensor? = nil, reduction: Reduction = .mean) -> Tensor {
    make("binaryCrossEntropyWithLogits") {
      ct_binary_cross_entropy_with_logits(handle, target.handle, weight?.handle, positiveWeight?.handle, reduction.rawValue, $0)
    }
  }

  /// (x - y)².
  public func meanSquaredError(_ target: Tensor, reduction: Reduction = .mean) -> Tensor {
    make("meanSquaredError") { ct_mse_loss(handle, target.handle, reduction.rawValue, $0) }
  }
}
