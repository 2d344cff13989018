public import Torch

/// Root-mean-square normalisation over the last dimension (Zhang & Sennrich 2019), alone or taking a residual branch in.
public struct RMSNorm {
  /// (width)
  public let weight: Tensor
  public let epsilon: Double

  public init(_ width: Int, epsilon: Double, at scope: Scope) {
    weight = scope.parameter("weight", [width], .ones)
    self.epsilon = epsilon
  }

  public func callAsFunction(_ x: Tensor) -> Tensor { x.rmsNorm(residual: nil, weight: weight, epsilon: epsilon).normalised }

  /// residual + x, and its norm: the start of every block of a pre-norm decoder.
  public func callAsFunction(_ x: Tensor, addedTo residual: Tensor?) -> (sum: Tensor, normalised: Tensor) {
    x.rmsNorm(residual: residual, weight: weight, epsilon: epsilon)
  }
}
