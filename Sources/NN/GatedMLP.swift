public import Torch

/// down(activation(gate(x)) · up(x)): the perceptron of LLaMA (Shazeer 2020).
public struct GatedMLP {
  public let gate, up, down: Linear
  public let activation: Activation

  public init(hidden: Int, intermediate: Int, activation: Activation, bias: Bool, deviation: Double, at scope: Scope) {
    let both = Linear.adjacent(hidden, ["gate_proj": intermediate, "up_proj": intermediate], bias: bias, deviation: deviation, at: scope)
    (gate, up) = (both[0], both[1])
    down = Linear(intermediate, hidden, bias: bias, deviation: deviation, at: scope["down_proj"])
    self.activation = activation
  }

  /// (tokens, hidden) -> (tokens, hidden)
  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let both = Linear.sideBySide([gate, up], x, mode)  // (tokens, 2 · intermediate)
    switch activation {
    case .silu, .swish: return down(both.swiglu(), mode)
    default:
      let width = both.size(1) / 2
      return down(activation(both.narrow(1, 0, width)) * both.narrow(1, width, width), mode)
    }
  }
}
