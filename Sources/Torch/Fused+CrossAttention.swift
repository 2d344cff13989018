internal import CTorch

extension Tensor {
  /// Attention of each row's queries to the keys and values of the same row of another packed batch, or of their own with a bias.
  /// - Parameters:
  ///   - self: queries, (queries, heads · width).
  ///   - memory: keys and values side by side, (keys, 2 · heads · width).
  ///   - queryStarts, keyStarts: (rows + 1) int32 on the CPU.
  ///   - bias: added to the scores by distance: entry (head, limit - 1 + key - query) of (heads, 2 · limit - 1); positions count
  ///     from 0 in each row and are below `limit`.
  ///   - causal: query i sees keys up to i.
  ///   - scale: factor on q · k.
  ///   - seed: which attention probabilities are dropped.
  /// - Returns: (queries, heads · width).
  public func attention(
    to memory: Tensor, queryStarts: Tensor, keyStarts: Tensor, heads: Int, bias: Tensor? = nil, causal: Bool = false, scale: Double,
    dropout p: Double = 0, seed: UInt64 = 0
  ) -> Tensor {
    if hasKernels {
      return make("attention") {
        ct_fused_cross_attention(
          handle, memory.handle, queryStarts.handle, keyStarts.handle, bias?.handle, Int64(heads), causal, scale, p, seed, $0)
      }
    }
    return composedAttention(
      to: memory, queryStarts: queryStarts.array(Int32.self).map(Int.init), keyStarts: keyStarts.array(Int32.self).map(Int.init), heads: heads, bias: bias,
      causal: causal, scale: scale, dropout: p, seed: seed)
  }

  /// The same by padding rows to the longest: what accelerators do well, and what the kernels are tested against.
  func composedAttention(
    to memory: Tensor, queryStarts: [Int], keyStarts: [Int], heads: Int, bias: Tensor?, causal: Bool, scale: Double, dropout p: Double, seed: UInt64
  ) -> Tensor {
    let (rows, width) = (queryStarts.count - 1, size(1) / heads)
    precondition(keyStarts.count == queryStarts.count, "\(keyStarts.count - 1) rows of keys for \(rows) of queries")
    let (queries, queryLengths, querySlots) = padded(queryStarts)
    let (keys, keyLengths, _) = memory.padded(keyStarts)
    let (longestQuery, longestKey) = (queryLengths.max() ?? 0, keyLengths.max() ?? 0)
    let q = queries.reshaped(rows, longestQuery, heads, width).transposed(1, 2)  // (rows, heads, queries, width)
    let kv = keys.reshaped(rows, longestKey, 2, heads, width).permuted(2, 0, 3, 1, 4)  // (2, rows, heads, keys, width)
    var scores = q.matmul(kv[0].transposed(2, 3)).to(.float32) * scale  // (rows, heads, queries, keys)
    if let bias {
      let limit = (bias.size(1) + 1) / 2
      let distances = (0..<longestQuery).flatMap { query in (0..<longestKey).map { limit - 1 + $0 - query } }
      scores = scores + bias.indexSelect(1, Tensor(distances, device: device)).reshaped(1, heads, longestQuery, longestKey)
    }
    let real = Tensor.arange(0, Double(longestKey), device: device).unsqueezed(0).less(than: Tensor(keyLengths, device: device).unsqueezed(1))
    var hidden = real.reshaped(rows, 1, 1, longestKey).logicalNot()
    if causal {
      let later = Tensor.ones([longestQuery, longestKey], device: device).upperTriangle(diagonal: 1).greater(than: 0)
      hidden = hidden.logicalOr(later.reshaped(1, 1, longestQuery, longestKey))
    }
    let probabilities = scores.maskedFill(hidden, -3e38).softmax(dim: -1).dropout(p, seed: seed).to(kv.dtype)
    let attended = probabilities.matmul(kv[1]).transposed(1, 2).reshaped(rows * longestQuery, heads * width)
    return attended.indexSelect(0, querySlots).to(dtype)
  }

  /// The rows in a (rows · longest) layout, their lengths, and where each token stands in it.
  private func padded(_ starts: [Int]) -> (padded: Tensor, lengths: [Int], slots: Tensor) {
    let lengths = zip(starts, starts.dropFirst()).map { $1 - $0 }
    let longest = lengths.max() ?? 0
    let slots = Tensor(lengths.enumerated().flatMap { row, length in (0..<length).map { row * longest + $0 } }, device: device)
    return (Tensor.zeros([lengths.count * longest, size(1)], dtype: dtype, device: device).indexAdded(0, slots, self), lengths, slots)
  }
}
