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
  public func callAsFunction(_ x: Tensor, _ mode: Mode = .evaluation) -> Tensor { Linear.sideBySide([self], x, mode) }

  /// Layers that read the same input, as one product: (..., inputs) -> (..., Σ outputs). All have biases, or none has.
  public static func sideBySide(_ layers: [Linear], _ x: Tensor, _ mode: Mode = .evaluation) -> Tensor {
    let biases = layers.compactMap(\.bias)
    precondition(biases.isEmpty || biases.count == layers.count, "\(biases.count) biases for \(layers.count) layers side by side")
    return x.linear(layers.map(\.weight), biases.isEmpty ? nil : biases)
  }
}
