internal import CTorch

/// A low-rank update of a linear layer (LoRA, Hu et al. 2021): scale · (dropout(x) Aᵀ) Bᵀ.
public struct LowRankFactors {
  /// (rank, inputs) and (outputs, rank), float32.
  public let a, b: Tensor
  public let scale: Double
  /// Probability that an element of x is dropped, and which are: the mask of `x.dropout(_:seed:)`.
  public let dropout: Double
  public let seed: UInt64

  public init(a: Tensor, b: Tensor, scale: Double, dropout: Double = 0, seed: UInt64 = 0) {
    (self.a, self.b, self.scale, self.dropout, self.seed) = (a, b, scale, dropout, seed)
  }
}

extension Tensor {
  /// Linear layers that read the same input, as one product: self (..., inputs) times each weight (outputs, inputs), plus
  /// each bias, side by side in (..., Σ outputs). On the CPU in autocast's dtype; trained weights and all gradients to them
  /// are float32, and frozen weights in that dtype are used as they are.
  public func linear(_ weights: [Tensor], _ biases: [Tensor]?) -> Tensor {
    guard hasKernels else {
      return linear(weights.count == 1 ? weights[0] : .concatenated(weights), biases.map { $0.count == 1 ? $0[0] : .concatenated($0) })
    }
    return withHandles(weights) { w, count in
      withBiases(biases, count) { b in make("linear") { ct_fused_linear(handle, w, b, count, $0) } }
    }
  }

  /// The same plus each layer's low-rank update, nil for none. Dropped-out inputs are never held: backward keeps self and the
  /// updates' (tokens, rank) rows, and computes no gradient to frozen weights.
  public func loraLinear(_ weights: [Tensor], _ biases: [Tensor]?, updates: [LowRankFactors?]) -> Tensor {
    precondition(updates.count == weights.count, "\(updates.count) updates for \(weights.count) weights")
    guard hasKernels else { return composedLoRALinear(weights, biases, updates: updates) }
    let present = updates.compactMap { $0 }
    return withExtendedLifetime(present) {
      withHandles(weights) { w, count in
        withBiases(biases, count) { b in
          make("loraLinear") {
            ct_fused_lora_linear(
              handle, w, b, count, updates.map { $0?.a.handle }, updates.map { $0?.b.handle }, updates.map { $0?.scale ?? 0 },
              updates.map { $0?.dropout ?? 0 }, updates.map { $0?.seed ?? 0 }, $0)
          }
        }
      }
    }
  }

  /// The same from ordinary operations: for other devices, and what the kernels are tested against.
  func composedLoRALinear(_ weights: [Tensor], _ biases: [Tensor]?, updates: [LowRankFactors?]) -> Tensor {
    let parts = weights.indices.map { index in
      let frozen = linear(weights[index], biases?[index])
      guard let update = updates[index] else { return frozen }
      let low = to(.float32).dropout(update.dropout, seed: update.seed).linear(update.a)
      return frozen + (low.linear(update.b) * update.scale).to(frozen.dtype)
    }
    return parts.count == 1 ? parts[0] : .concatenated(parts, dim: -1)
  }

  private func withBiases<R>(_ biases: [Tensor]?, _ count: Int, _ body: (UnsafePointer<OpaquePointer?>?) -> R) -> R {
    guard let biases else { return body(nil) }
    precondition(biases.count == count, "\(biases.count) biases for \(count) weights")
    return withHandles(biases) { b, _ in body(b) }
  }
}
