public import Torch

/// Multi-head self-attention of a decoder over packed rows: rotary positions, query heads in groups that share a key and a
/// value head (Ainslie et al. 2023), an optional sliding window (Mistral).
public struct CausalSelfAttention {
  public let query, key, value, output: Linear
  public let heads, keyValueHeads, width: Int
  public let window: Int?

  /// - Parameter bias: whether all four projections have biases.
  public init(
    hidden: Int, heads: Int, keyValueHeads: Int, width: Int, window: Int?, bias: Bool, deviation: Double, at scope: Scope
  ) {
    let projections = Linear.adjacent(
      hidden, ["q_proj": heads * width, "k_proj": keyValueHeads * width, "v_proj": keyValueHeads * width], bias: bias, deviation: deviation, at: scope)
    (query, key, value) = (projections[0], projections[1], projections[2])
    output = Linear(heads * width, hidden, bias: bias, deviation: deviation, at: scope["o_proj"])
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.width = width
    self.window = window
  }

  /// (tokens, hidden) -> (tokens, hidden)
  /// - Parameter angles: of each token's position, (tokens, width / 2).
  public func callAsFunction(_ x: Tensor, rowStarts: Tensor, angles: (cosines: Tensor, sines: Tensor), _ mode: Mode) -> Tensor {
    let projected = Linear.sideBySide([query, key, value], x, mode)  // (tokens, (heads + 2 · keyValueHeads) · width)
      .rotated(cosines: angles.cosines, sines: angles.sines, heads: heads + keyValueHeads, width: width)
    let attended = projected.causalAttention(
      rowStarts: rowStarts, heads: heads, keyValueHeads: keyValueHeads, window: window, scale: 1 / Double(width).squareRoot())
    return output(attended, mode)
  }
}
