internal import CTorch

extension Tensor {
  /// Causal self-attention within each row of a packed batch: a token sees itself and the earlier tokens of its row. No
  /// (tokens, tokens) matrix exists at any time; rows may be as long as they like, in any order.
  /// - Parameters:
  ///   - self: queries, keys and values side by side, (tokens, (heads + 2 · keyValueHeads) · width).
  ///   - rowStarts: (rows + 1) int32 on the CPU, from 0 to tokens.
  ///   - keyValueHeads: divides `heads`; that many neighbouring query heads share one key head (Ainslie et al. 2023).
  ///   - window: how many tokens each sees, itself included (Mistral's sliding window); nil for all.
  ///   - scale: factor on q · k.
  /// - Returns: (tokens, heads · width).
  public func causalAttention(rowStarts: Tensor, heads: Int, keyValueHeads: Int, window: Int?, scale: Double) -> Tensor {
    if hasKernels {
      return make("causalAttention") {
        ct_fused_causal_attention(handle, rowStarts.handle, Int64(heads), Int64(keyValueHeads), Int64(window ?? Int(Int32.max)), scale, $0)
      }
    }
    return composedCausalAttention(
      rowStarts: rowStarts.array(Int32.self).map(Int.init), heads: heads, keyValueHeads: keyValueHeads, window: window, scale: scale)
  }

  /// The same by padding rows behind their last token, which no earlier token sees: what accelerators do well, and what the
  /// kernels are tested against.
  func composedCausalAttention(rowStarts: [Int], heads: Int, keyValueHeads: Int, window: Int?, scale: Double) -> Tensor {
    let lengths = zip(rowStarts, rowStarts.dropFirst()).map { $1 - $0 }
    let (rows, longest, all) = (lengths.count, lengths.max() ?? 0, heads + 2 * keyValueHeads)
    let width = size(1) / all
    // Where each token stands in the padded (rows · longest) layout.
    let slots = Tensor(lengths.enumerated().flatMap { row, length in (0..<length).map { row * longest + $0 } }, device: device)
    let padded = Tensor.zeros([rows * longest, size(1)], dtype: dtype, device: device).indexAdded(0, slots, self)
    let parts = padded.reshaped(rows, longest, all, width).transposed(1, 2)  // (rows, heads, longest, width)
    var mask: Tensor?
    if let window, window < longest {
      let ones = Tensor.ones([longest, longest], device: device)
      mask = ones.lowerTriangle(diagonal: 0).upperTriangle(diagonal: 1 - window).greater(than: 0)
    }
    let attended = Tensor.scaledDotProductAttention(
      parts.narrow(1, 0, heads), parts.narrow(1, heads, keyValueHeads), parts.narrow(1, heads + keyValueHeads, keyValueHeads), mask: mask,
      causal: mask == nil, scale: scale, grouped: true)
    return attended.transposed(1, 2).reshaped(rows * longest, heads * width).indexSelect(0, slots)
  }
}
