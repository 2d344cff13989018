internal import CTorch

/// Operations over lists of tensors in one call, and the fused optimizer step. An empty list is no work.
public enum Foreach {
  /// selves[i] += alpha · others[i]
  public static func add(_ selves: [Tensor], _ others: [Tensor], alpha: Double = 1) {
    both(selves, others, "Foreach.add") { ct_foreach_add_($0, $1, $2, alpha) }
  }
  public static func multiply(_ selves: [Tensor], by value: Double) {
    each(selves, "Foreach.multiply") { ct_foreach_mul_scalar_($0, $1, value) }
  }
  /// By a one-element tensor, so that the factor need not leave the device.
  public static func multiply(_ selves: [Tensor], by value: Tensor) {
    each(selves, "Foreach.multiply") { ct_foreach_mul_tensor_($0, $1, value.handle) }
  }
  public static func zero(_ selves: [Tensor]) { each(selves, "Foreach.zero") { ct_foreach_zero_($0, $1) } }
  public static func copy(_ selves: [Tensor], from others: [Tensor]) { both(selves, others, "Foreach.copy") { ct_foreach_copy_($0, $1, $2) } }
  /// The p-norm of each tensor.
  public static func norms(_ tensors: [Tensor], p: Double = 2) -> [Tensor] {
    var out = [OpaquePointer?](repeating: nil, count: tensors.count)
    each(tensors, "Foreach.norms") { ct_foreach_norm($0, $1, p, &out) }
    return out.map { Tensor(owning: $0!) }
  }

  private typealias Handles = UnsafePointer<OpaquePointer?>

  private static func each(_ tensors: [Tensor], _ operation: StaticString, _ body: (Handles, Int) -> ct_status) {
    if !tensors.isEmpty { withHandles(tensors) { trap(body($0, $1), operation) } }
  }
  private static func both(_ a: [Tensor], _ b: [Tensor], _ operation: StaticString, _ body: (Handles, Handles, Int) -> ct_status) {
    precondition(a.count == b.count, "\(operation): lists of \(a.count) and \(b.count) tensors")
    each(a, operation) { first, count in withHandles(b) { second, _ in body(first, second, count) } }
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
