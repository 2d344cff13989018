internal import CTorch

/// The optimizer's step as two passes over memory, for contiguous float32 tensors on the CPU: the gradients' norm, then
/// everything else. The same numbers for every number of threads.
public enum FusedOptimizer {
  /// The 2-norm of all gradients together.
  public static func norm(_ gradients: [Tensor]) -> Double {
    var norm = 0.0
    withHandles(gradients) { g, count in trap(ct_fused_norm(g, count, &norm), "FusedOptimizer.norm") }
    return norm
  }

  /// One AdamW step in place, as `torch.optim.AdamW` to float32 rounding. Elements whose gradient and moments are 0 (words
  /// that no batch has held yet) only decay, which is the same and cheaper.
  /// - Parameters:
  ///   - decays: the weight decay of each parameter.
  ///   - gradientScale: factor on every gradient, for clipping; the gradients themselves stay as they are.
  ///   - step: counts from 1.
  public static func adamW(
    parameters: [Tensor], gradients: [Tensor], firstMoments: [Tensor], secondMoments: [Tensor], decays: [Double],
    gradientScale: Double = 1, step: Int, learningRate: Double, beta1: Double, beta2: Double, epsilon: Double
  ) {
    let counts = [gradients.count, firstMoments.count, secondMoments.count, decays.count]
    precondition(counts.allSatisfy { $0 == parameters.count }, "AdamW: \(parameters.count) parameters, but lists of \(counts)")
    withHandles(parameters) { p, count in
      withHandles(gradients) { g, _ in
        withHandles(firstMoments) { m, _ in
          withHandles(secondMoments) { v, _ in
            trap(
              ct_fused_adamw_step(
                p, g, m, v, decays, count, gradientScale, Int64(step), learningRate, beta1, beta2, epsilon), "FusedOptimizer.adamW")
          }
        }
      }
    }
  }
}
