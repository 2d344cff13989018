/// What decoders are made of, composed of ordinary operations, on packed rows (tokens, width).
extension Tensor {
  /// The sum of a residual branch and its root-mean-square norm (Zhang & Sennrich 2019): statistics in float32, the
  /// normalised value in the sum's dtype times `weight`.
  /// - Parameter residual: added to self first; nil for none.
  public func rmsNorm(residual: Tensor?, weight: Tensor, epsilon: Double) -> (sum: Tensor, normalised: Tensor) {
    let sum = residual.map { $0 + self } ?? self
    let x = sum.to(.float32)
    let normalised = x * (x.squared().mean(-1, keepDim: true) + epsilon).rsqrt()
    return (sum, normalised.to(sum.dtype) * weight.to(sum.dtype))
  }

  /// Rotary position embedding (Su et al. 2021) of the first `heads · width` columns, pairing column i of a head with column i + width/2.
  /// - Parameters:
  ///   - self: (tokens, heads · width or more); columns beyond stay.
  ///   - cosines, sines: (tokens, width / 2) float32.
  public func rotated(cosines: Tensor, sines: Tensor, heads: Int, width: Int) -> Tensor {
    let (tokens, turned) = (size(0), heads * width)
    let x = narrow(1, 0, turned).reshaped(tokens, heads, 2, width / 2).to(.float32)
    let (a, b) = (x.select(2, 0), x.select(2, 1))  // (tokens, heads, width / 2)
    let (cosines, sines) = (cosines.unsqueezed(1), sines.unsqueezed(1))
    let result = Tensor.stacked([a * cosines - b * sines, b * cosines + a * sines], dim: 2).reshaped(tokens, turned).to(dtype)
    return turned == size(1) ? result : .concatenated([result, narrow(1, turned, size(1) - turned)], dim: 1)
  }

  /// silu(gate) · up of (tokens, 2 · width), gate in the first half (Shazeer 2020).
  public func swiglu() -> Tensor {
    let width = size(1) / 2
    return narrow(1, 0, width).silu() * narrow(1, width, width)
  }

  /// Causal self-attention within each row of a packed batch.
  /// - Parameters:
  ///   - self: (tokens, (heads + 2 · keyValueHeads) · width): queries, keys, values side by side.
  ///   - rowStarts: (rows + 1) int32 on the CPU, from 0 to tokens.
  ///   - keyValueHeads: a divisor of `heads`; consecutive query heads share one.
  ///   - window: how many tokens a token sees, itself included; nil: all before it.
  /// - Returns: (tokens, heads · width).
  public func causalAttention(rowStarts: Tensor, heads: Int, keyValueHeads: Int, window: Int?, scale: Double) -> Tensor {
    let starts = rowStarts.array(Int32.self).map(Int.init)
    let lengths = zip(starts, starts.dropFirst()).map { $1 - $0 }
    let (rows, longest, width) = (lengths.count, lengths.max() ?? 0, size(1) / (heads + 2 * keyValueHeads))
    // Where each token stands in the padded (rows · longest) layout.
    let slots = Tensor(lengths.enumerated().flatMap { row, length in (0..<length).map { row * longest + $0 } }, device: device)
    let padded = Tensor.zeros([rows * longest, size(1)], dtype: dtype, device: device).indexAdded(0, slots, self)
    let parts = padded.reshaped(rows, longest, heads + 2 * keyValueHeads, width).transposed(1, 2)  // (rows, heads + 2 · keyValueHeads, longest, width)
    let positions = Tensor.arange(0, Double(longest), device: device)
    let age = positions.unsqueezed(1) - positions.unsqueezed(0)  // (longest, longest): how long ago, negative in the future
    let seen = age.greaterOrEqual(than: 0)
    // Padding follows a row's tokens, so it is in their future, and what it sees itself nobody reads.
    let mask = window.map { seen.logicalAnd(age.less(than: Double($0))) } ?? seen
    let attended = Tensor.scaledDotProductAttention(
      parts.narrow(1, 0, heads), parts.narrow(1, heads, keyValueHeads), parts.narrow(1, heads + keyValueHeads, keyValueHeads),
      mask: mask, scale: scale, grouped: true)
    return attended.transposed(1, 2).reshaped(rows * longest, heads * width).indexSelect(0, slots)
  }

  /// Σ -ln softmax(self · weightᵀ)[target] over the rows, a float32 scalar.
  /// - Parameters:
  ///   - self: (n, hidden).
  ///   - weight: (vocabulary, hidden), the head.
  ///   - targets: (n) int64.
  public func linearCrossEntropy(weight: Tensor, targets: Tensor) -> Tensor {
    linear([weight], nil).to(.float32).crossEntropy(targets, reduction: .sum)
  }

  /// ln softmax(self · weightᵀ)[target] of each row, (n) float32.
  public func tokenLogProbabilities(weight: Tensor, targets: Tensor) -> Tensor {
    linear([weight], nil).to(.float32).crossEntropy(targets, reduction: .none).negated()
  }
}
