public import Torch

/// Layer normalisation over the last dimension (Ba et al. 2016), alone or closing a residual branch.
public struct LayerNorm {
  public let weight: Tensor
  public let bias: Tensor
  public let epsilon: Double

  public init(_ width: Int, epsilon: Double, at scope: Scope) {
    weight = scope.parameter("weight", [width], .ones)
    bias = scope.parameter("bias", [width], .zeros)
    self.epsilon = epsilon
  }

  public func callAsFunction(_ x: Tensor) -> Tensor { x.addNorm(residual: nil, weight: weight, bias: bias, epsilon: epsilon) }

  /// norm(residual + dropout(x)), the end of every block of a post-norm encoder.
  public func callAsFunction(_ x: Tensor, addedTo residual: Tensor, dropout p: Double, _ mode: Mode) -> Tensor {
    let (p, seed) = mode.dropout(p)
    return x.addNorm(residual: residual, weight: weight, bias: bias, epsilon: epsilon, dropout: p, seed: seed)
  }
}
