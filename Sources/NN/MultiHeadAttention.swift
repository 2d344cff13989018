public import Torch

/// Multi-head attention of an encoder-decoder over packed rows (Vaswani et al. 2017): of tokens to their own row, all of it or what
/// came before, or of a target's tokens to their source.
public struct MultiHeadAttention {
  /// What checkpoints call the four layers, and whether they have biases.
  public struct Naming: Sendable {
    let query, key, value, output: String
    let bias: Bool

    public static let bart = Naming(query: "q_proj", key: "k_proj", value: "v_proj", output: "out_proj", bias: true)
    public static let t5 = Naming(query: "q", key: "k", value: "v", output: "o", bias: false)
  }

  public let query, key, value, output: Linear
  public let heads, width: Int
  /// Factor on q · k.
  public let scale: Double
  let dropout: Double

  /// - Parameters:
  ///   - width: of one head.
  ///   - attendsToItself: queries, keys and values are one product, and lie side by side in memory.
  public init(
    hidden: Int, heads: Int, width: Int, scale: Double, dropout: Double, attendsToItself: Bool, naming: Naming, deviation: Double, at scope: Scope
  ) {
    let inner = heads * width
    func adjacent(_ names: KeyValuePairs<String, Int>) -> [Linear] { Linear.adjacent(hidden, names, bias: naming.bias, deviation: deviation, at: scope) }
    if attendsToItself {
      let all = adjacent([naming.query: inner, naming.key: inner, naming.value: inner])
      (query, key, value) = (all[0], all[1], all[2])
    } else {
      query = Linear(hidden, inner, bias: naming.bias, deviation: deviation, at: scope[naming.query])
      let pair = adjacent([naming.key: inner, naming.value: inner])
      (key, value) = (pair[0], pair[1])
    }
    output = Linear(inner, hidden, bias: naming.bias, deviation: deviation, at: scope[naming.output])
    (self.heads, self.width, self.scale, self.dropout) = (heads, width, scale, dropout)
  }

  /// Within each row: (tokens, hidden) -> (tokens, hidden).
  /// - Parameters:
  ///   - causal: a token sees itself and what came before.
  ///   - bias: by distance, (heads, 2 · limit - 1), as `RelativePositionBias` gives it.
  public func callAsFunction(_ x: Tensor, rowStarts: Tensor, causal: Bool, bias: Tensor? = nil, _ mode: Mode) -> Tensor {
    let (p, seed) = mode.dropout(dropout)
    let projected = Linear.sideBySide([query, key, value], x, mode)  // (tokens, 3 · heads · width)
    let inner = heads * width
    let attended: Tensor
    if bias == nil && !causal {
      attended = projected.packedAttention(rowStarts: rowStarts, heads: heads, scale: scale, dropout: p, seed: seed)
    } else if bias == nil && p == 0 {
      attended = projected.causalAttention(rowStarts: rowStarts, heads: heads, keyValueHeads: heads, window: nil, scale: scale)
    } else {
      attended = projected.narrow(1, 0, inner).attention(
        to: projected.narrow(1, inner, 2 * inner), queryStarts: rowStarts, keyStarts: rowStarts, heads: heads, bias: bias, causal: causal, scale: scale,
        dropout: p, seed: seed)
    }
    return output(attended, mode)
  }

  /// Of each row's tokens to the same row of `memory`: (tokens, hidden), (source tokens, hidden) -> (tokens, hidden).
  public func callAsFunction(_ x: Tensor, rowStarts: Tensor, memory: Tensor, memoryStarts: Tensor, _ mode: Mode) -> Tensor {
    let (p, seed) = mode.dropout(dropout)
    let attended = query(x, mode).attention(
      to: keysAndValues(memory, mode), queryStarts: rowStarts, keyStarts: memoryStarts, heads: heads, scale: scale, dropout: p, seed: seed)
    return output(attended, mode)
  }

  /// The layer around an attention that a cache computes, from (rows, 3 · heads · width) to (rows, heads · width).
  public func stepped(_ x: Tensor, _ attend: (Tensor) -> Tensor) -> Tensor { output(attend(Linear.sideBySide([query, key, value], x))) }
  /// The same to a source, from (rows, heads · width).
  public func steppedAcross(_ x: Tensor, _ attend: (Tensor) -> Tensor) -> Tensor { output(attend(query(x))) }

  /// (tokens, hidden) -> (tokens, 2 · heads · width)
  public func keysAndValues(_ memory: Tensor, _ mode: Mode = .evaluation) -> Tensor { Linear.sideBySide([key, value], memory, mode) }
}
