public import Torch

/// y = x · Wᵀ + b.
public struct Linear {
  /// (outputs, inputs)
  public let weight: Tensor
  /// (outputs)
  public let bias: Tensor?

  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, deviation: Double = 0.02, at scope: Scope) {
    weight = scope.parameter("weight", [outputs, inputs], .normal(deviation: deviation))
    self.bias = bias ? scope.parameter("bias", [outputs], .zeros) : nil
  }

  /// (..., inputs) -> (..., outputs)
  public func callAsFunction(_ x: Tensor) -> Tensor { x.linear([weight], bias.map { [$0] }) }
}
