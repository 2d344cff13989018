internal import CTorch

/// Operations that run as one pass on the CPU (float32 or bfloat16) and as a composition of ordinary ones elsewhere; with
/// gradients either way. Dropout masks are functions of `seed`: equal seeds drop the same elements, on the CPU without storing anything.
extension Tensor {
  var hasKernels: Bool { device.hasKernels && (dtype == .float32 || dtype == .bfloat16) }

  /// x · Φ(x), the exact form, to 1.5e-7 absolute.
  public func fusedGELU() -> Tensor {
    hasKernels ? make("fusedGELU") { ct_fused_gelu(handle, $0) } : gelu()
  }

  /// Zeroes elements with probability p, scaling the rest by 1/(1-p).
  public func dropout(_ p: Double, seed: UInt64) -> Tensor {
    if p == 0 { return self }
    if hasKernels { return make("dropout") { ct_fused_dropout(handle, p, seed, $0) } }
    Generator.defaultGenerator(of: device).seed(seed)
    return dropout(p, training: true)
  }

  /// layerNorm(residual + dropout(self)) over the last dimension; weight and bias are float32.
  public func addNorm(residual: Tensor?, weight: Tensor, bias: Tensor, epsilon: Double, dropout p: Double = 0, seed: UInt64 = 0) -> Tensor {
    if hasKernels {
      return make("addNorm") { ct_fused_add_norm(handle, residual?.handle, weight.handle, bias.handle, epsilon, p, seed, $0) }
    }
    let dropped = dropout(p, seed: seed)
    return (residual.map { $0 + dropped } ?? dropped).layerNorm(weight: weight, bias: bias, epsilon: epsilon)
  }

  /// Self-attention within each row of a packed batch.
  /// - Parameters:
  ///   - self: queries, keys and values side by side, (tokens, 3 · heads · width).
  ///   - rowStarts: (rows + 1) int32 on the CPU, from 0 to tokens.
  ///   - seed: which attention probabilities are dropped.
  /// - Returns: (tokens, heads · width).
  public func packedAttention(rowStarts: Tensor, heads: Int, scale: Double, dropout p: Double = 0, seed: UInt64 = 0) -> Tensor {
    if hasKernels {
      return make("packedAttention") { ct_fused_packed_attention(handle, rowStarts.handle, Int64(heads), scale, p, seed, $0) }
    }
    return composedAttention(rowStarts: rowStarts.array(Int32.self).map(Int.init), heads: heads, scale: scale, dropout: p)
  }

  /// The same by padding rows to the longest: what accelerators do well, and what the kernels are tested against.
  func composedAttention(rowStarts: [Int], heads: Int, scale: Double, dropout p: Double) -> Tensor {
    let lengths = zip(rowStarts, rowStarts.dropFirst()).map { $1 - $0 }
    let (rows, longest, width) = (lengths.count, lengths.max() ?? 0, size(1) / (3 * heads))
    // Where each token stands in the padded (rows · longest) layout.
    let slots = Tensor(lengths.enumerated().flatMap { row, length in (0..<length).map { row * longest + $0 } }, device: device)
    let padded = Tensor.zeros([rows * longest, size(1)], dtype: dtype, device: device).indexAdded(0, slots, self)
    let parts = padded.reshaped(rows, longest, 3, heads, width).permuted(2, 0, 3, 1, 4)  // (3, rows, heads, longest, width)
    let real = Tensor.arange(0, Double(longest), device: device).unsqueezed(0).less(than: Tensor(lengths, device: device).unsqueezed(1))
    let attended = Tensor.scaledDotProductAttention(
      parts[0], parts[1], parts[2], mask: real.reshaped(rows, 1, 1, longest), dropout: p, scale: scale)
    return attended.transposed(1, 2).reshaped(rows * longest, heads * width).indexSelect(0, slots)
  }
}

/// The instruction sets that the kernels are compiled for, each containing those before it.
public enum KernelLevel: Int32, Sendable, CaseIterable {
  case baseline, avx2, avx512
  /// AVX-512 with products of bfloat16 pairs.
  case bf16
  /// Intel's matrix tiles.
  case amx

  /// The one in use: the processor's best unless the environment's ATTUNE_CPU names a lower one.
  public static var current: KernelLevel { KernelLevel(rawValue: ct_kernel_level())! }

  /// Changes it for the whole process, for tests; false, and no change, when the processor does not have it.
  static func use(_ level: KernelLevel) -> Bool { ct_set_kernel_level(level.rawValue) }
}
