public import Torch

/// y = x · Wᵀ + b, and the low-rank update of W where the store has one for this layer.
public struct Linear {
  /// (outputs, inputs)
  public let weight: Tensor
  /// (outputs)
  public let bias: Tensor?
  /// Nil where the layer is not adapted.
  public let adapter: LowRankAdapter?

  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, deviation: Double = 0.02, at scope: Scope) {
    weight = scope.parameter("weight", [outputs, inputs], .normal(deviation: deviation))
    self.bias = bias ? scope.parameter("bias", [outputs], .zeros) : nil
    adapter = scope.adapter(of: weight)
  }

  private init(weight: Tensor, bias: Tensor?, adapter: LowRankAdapter?) {
    (self.weight, self.bias, self.adapter) = (weight, bias, adapter)
  }

  /// Layers that read the same input, for `sideBySide`. Their weights lie one behind the other in memory, so that the product needs
  /// no copy of them.
  /// - Parameter outputs: of each layer, by its name below `scope`.
  public static func adjacent(
    _ inputs: Int, _ outputs: KeyValuePairs<String, Int>, bias: Bool = true, deviation: Double = 0.02, at scope: Scope
  ) -> [Linear] {
    let weights = scope.adjacent("weight", outputs.map { ($0.key, [$0.value, inputs]) }, .normal(deviation: deviation))
    let biases = bias ? scope.adjacent("bias", outputs.map { ($0.key, [$0.value]) }, .zeros) : nil
    return outputs.indices.map {
      Linear(weight: weights[$0], bias: biases?[$0], adapter: scope[outputs[$0].key].adapter(of: weights[$0]))
    }
  }

  /// (..., inputs) -> (..., outputs)
  public func callAsFunction(_ x: Tensor, _ mode: Mode = .evaluation) -> Tensor { Linear.sideBySide([self], x, mode) }

  /// Layers that read the same input, as one product: (..., inputs) -> (..., Σ outputs). All have biases, or none has.
  public static func sideBySide(_ layers: [Linear], _ x: Tensor, _ mode: Mode = .evaluation) -> Tensor {
    let biases = layers.compactMap(\.bias)
    precondition(biases.isEmpty || biases.count == layers.count, "\(biases.count) biases for \(layers.count) layers side by side")
    // Plain LoRA is part of the product; what DoRA and biases of B add is composed.
    if layers.allSatisfy({ $0.adapter?.isPlain ?? true }), layers.contains(where: { $0.adapter != nil }) {
      return x.loraLinear(layers.map(\.weight), biases.isEmpty ? nil : biases, updates: layers.map { $0.adapter?.factors(mode) })
    }
    let result = x.linear(layers.map(\.weight), biases.isEmpty ? nil : biases)
    guard layers.contains(where: { $0.adapter != nil }) else { return result }
    let parts = layers.count == 1 ? [result] : result.split(layers.map { $0.weight.size(0) }, dim: -1)
    let adapted = zip(layers, parts).map { layer, part in
      layer.adapter.map { $0(x, result: part, weight: layer.weight, bias: layer.bias, mode) } ?? part
    }
    return adapted.count == 1 ? adapted[0] : .concatenated(adapted, dim: -1)
  }
}
