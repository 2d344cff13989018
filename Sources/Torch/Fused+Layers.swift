internal import CTorch

/// The parts of a LLaMA layer between its matrix products.
extension Tensor {
  /// The sum that goes on as the residual, and its RMS norm (Zhang & Sennrich 2019): sum / √(mean(sum²) + epsilon) · weight over
  /// the last dimension. Variance in float32; the normalised value is rounded to this tensor's dtype before the weight.
  /// - Parameters:
  ///   - residual: added to self, in self's dtype; nil adds nothing, and `sum` is self.
  ///   - weight: (width), float32 or bfloat16; costs nothing in the backward pass when it is frozen.
  public func rmsNorm(residual: Tensor?, weight: Tensor, epsilon: Double) -> (sum: Tensor, normalised: Tensor) {
    guard hasKernels else {
      let sum = residual.map { self + $0.to(dtype) } ?? self
      let wide = sum.to(.float32)
      let normalised = wide * (wide.squared().mean(-1, keepDim: true) + epsilon).rsqrt()
      return (sum, (normalised.to(dtype) * weight).to(dtype))
    }
    var sum: OpaquePointer?
    let normalised = make("rmsNorm") { ct_fused_rms_norm(handle, residual?.handle, weight.handle, epsilon, &sum, $0) }
    return (sum.map(Tensor.init(owning:)) ?? self, normalised)
  }

  /// Rotary positions (Su et al. 2021) on the first heads · width columns of (tokens, columns), the others unchanged. Element i
  /// of a head's first half turns with element i of its second half, as Hugging Face checkpoints have them.
  /// - Parameters:
  ///   - cosines, sines: (tokens, width / 2) float32, of each token's position.
  ///   - heads: query heads and key heads together, when they lie side by side.
  public func rotated(cosines: Tensor, sines: Tensor, heads: Int, width: Int) -> Tensor {
    if hasKernels { return make("rotated") { ct_fused_rotate(handle, cosines.handle, sines.handle, Int64(heads), Int64(width), $0) } }
    let turning = narrow(1, 0, heads * width).reshaped(size(0), heads, 2, width / 2).to(.float32)
    let (a, b, c, s) = (turning.select(2, 0), turning.select(2, 1), cosines.unsqueezed(1), sines.unsqueezed(1))
    let turned = Tensor.stacked([a * c - b * s, b * c + a * s], dim: 2).reshaped(size(0), heads * width).to(dtype)
    let rest = size(1) - heads * width
    return rest == 0 ? turned : .concatenated([turned, narrow(1, heads * width, rest)], dim: 1)
  }

  /// silu(gate) · up of gate | up side by side (Shazeer 2020): (..., 2 · width) -> (..., width). Keeps only its input for backward.
  public func swiglu() -> Tensor {
    if hasKernels { return make("swiglu") { ct_fused_swiglu(handle, $0) } }
    let width = size(-1) / 2
    return narrow(-1, 0, width).silu() * narrow(-1, width, width)
  }
}
