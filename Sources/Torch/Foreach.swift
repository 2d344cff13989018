internal import CTorch

/// Operations over lists of tensors in one call, and the fused optimizer step.
public enum Foreach {
  /// selves[i] += alpha · others[i]
  public static func add(_ selves: [Tensor], _ others: [Tensor], alpha: Double = 1) {
    withHandles(selves) { a, count in withHandles(others) { b, _ in trap(ct_foreach_add_(a, b, count, alpha), "Foreach.add") } }
  }
  public static func multiply(_ selves: [Tensor], by value: Double) {
    withHandles(selves) { a, count in trap(ct_foreach_mul_scalar_(a, count, value), "Foreach.multiply") }
  }
  /// By a one-element tensor, so that the factor need not leave the device.
  public static func multiply(_ selves: [Tensor], by value: Tensor) {
    withHandles(selves) { a, count in trap(ct_foreach_mul_tensor_(a, count, value.handle), "Foreach.multiply") }
  }
  public static func zero(_ selves: [Tensor]) { withHandles(selves) { a, count in trap(ct_foreach_zero_(a, count), "Foreach.zero") } }
  public static func copy(_ selves: [Tensor], from others: [Tensor]) {
    withHandles(selves) { a, count in withHandles(others) { b, _ in trap(ct_foreach_copy_(a, b, count), "Foreach.copy") } }
  }
  /// The p-norm of each tensor.
  public static func norms(_ tensors: [Tensor], p: Double = 2) -> [Tensor] {
    var out = [OpaquePointer?](repeating: nil, count: tensors.count)
    withHandles(tensors) { a, count in trap(ct_foreach_norm(a, count, p, &out), "Foreach.norms") }
    return out.map { Tensor(owning: $0!) }
  }

  /// One AdamW step in place (Loshchilov & Hutter 2019, as `torch.optim.AdamW`): decay the weights by `learningRate · weightDecay`,
  /// update both moments, move by the bias-corrected ratio. `steps` are one-element float32 tensors that already count this step.
  public static func adamW(
    parameters: [Tensor], gradients: [Tensor], firstMoments: [Tensor], secondMoments: [Tensor], steps: [Tensor],
    learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double
  ) {
    let counts = [gradients.count, firstMoments.count, secondMoments.count, steps.count]
    precondition(counts.allSatisfy { $0 == parameters.count }, "AdamW: \(parameters.count) parameters, but lists of \(counts)")
    guard !parameters.isEmpty else { return }
    withHandles(parameters) { p, count in
      withHandles(gradients) { g, _ in
        withHandles(firstMoments) { m, _ in
          withHandles(secondMoments) { v, _ in
            withHandles(steps) { s, _ in
              trap(ct_fused_adamw_(p, g, m, v, s, count, learningRate, beta1, beta2, weightDecay, epsilon), "Foreach.adamW")
            }
          }
        }
      }
    }
  }
}
