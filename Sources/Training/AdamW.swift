public import NN
public import Torch

/// AdamW (Loshchilov & Hutter 2019) over named parameters: matrices decay, biases and norms do not.
public final class AdamW {
  public struct Settings: Hashable, Sendable {
    public var beta1, beta2, epsilon, weightDecay: Double
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01) {
      (self.beta1, self.beta2, self.epsilon, self.weightDecay) = (beta1, beta2, epsilon, weightDecay)
    }
  }

  struct Slot {
    let name: String
    let parameter, firstMoment, secondMoment: Tensor
    let weightDecay: Double
  }

  let settings: Settings
  let slots: [Slot]
  /// Steps taken.
  public private(set) var step = 0
  private var gradientScale = 1.0

  /// - Parameter parameters: what to train, float32; each will want gradients.
  public init(_ parameters: [ParameterStore.Parameter], _ settings: Settings) {
    self.settings = settings
    for parameter in parameters { parameter.tensor.requiresGradient = true }
    slots = parameters.map {
      Slot(
        name: $0.name, parameter: $0.tensor, firstMoment: $0.tensor.detached().zerosLike(), secondMoment: $0.tensor.detached().zerosLike(),
        weightDecay: Self.decays($0.name) ? settings.weightDecay : 0)
    }
  }

  /// Biases, T5's of distances too, and normalisation weights never decay (transformers' rule, by name).
  public static func decays(_ name: String) -> Bool {
    !name.hasSuffix("bias") && !name.contains("bias.") && !name.contains("LayerNorm") && !name.contains("layernorm") && !name.hasSuffix("norm.weight")
  }

  /// √Σ‖gradient‖² over all parameters, before clipping.
  public func gradientNorm() -> Double {
    let gradients = slots.compactMap(\.parameter.gradient)
    guard let first = gradients.first else { return 0 }
    return first.device.isCPU ? FusedOptimizer.norm(gradients) : Tensor.stacked(Foreach.norms(gradients)).norm().item
  }

  /// Scales gradients of global norm `norm` down to `limit` if they exceed it (`torch.nn.utils.clip_grad_norm_`); 0 never
  /// scales. The scaling happens within the next `step`, without a pass of its own.
  public func clip(norm: Double, to limit: Double) {
    gradientScale = limit > 0 ? min(1, limit / (norm + 1e-6)) : 1
  }

  /// One step with what `backward` left in the gradients, which are then gone. Parameters without a gradient stay.
  public func step(learningRate: Double) {
    step += 1
    let moving = slots.filter { $0.parameter.gradient != nil }
    withoutGradients {
      moving.first?.parameter.device.isCPU ?? true ? fusedStep(moving, learningRate) : foreachStep(moving, learningRate)
    }
    gradientScale = 1
    dropGradients()
  }

  private func fusedStep(_ moving: [Slot], _ learningRate: Double) {
    FusedOptimizer.adamW(
      parameters: moving.map(\.parameter), gradients: moving.map { $0.parameter.gradient! }, firstMoments: moving.map(\.firstMoment),
      secondMoments: moving.map(\.secondMoment), decays: moving.map(\.weightDecay), gradientScale: gradientScale, step: step,
      learningRate: learningRate, beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon)
  }

  /// The same through libtorch's fused kernel, one call for each weight decay.
  private func foreachStep(_ moving: [Slot], _ learningRate: Double) {
    if gradientScale < 1 { Foreach.multiply(moving.map { $0.parameter.gradient! }, by: gradientScale) }
    for decay in Set(moving.map(\.weightDecay)).sorted() {
      let group = moving.filter { $0.weightDecay == decay }
      Foreach.adamW(
        parameters: group.map(\.parameter), gradients: group.map { $0.parameter.gradient! }, firstMoments: group.map(\.firstMoment),
        secondMoments: group.map(\.secondMoment), steps: group.map { .full([], Double(step), device: $0.parameter.device) },
        learningRate: learningRate, beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon, weightDecay: decay)
    }
  }

  public func dropGradients() {
    for slot in slots { slot.parameter.gradient = nil }
  }

  // MARK: State

  /// Moments by parameter: `NAME.exp_avg`, `NAME.exp_avg_sq`.
  var state: [(name: String, tensor: Tensor)] {
    slots.flatMap { [("\($0.name).exp_avg", $0.firstMoment), ("\($0.name).exp_avg_sq", $0.secondMoment)] }
  }

  /// Takes over a saved state; `steps` is the number of steps it had taken.
  /// - Returns: the names that `source` does not have in the right shape; the state is unusable when there are any.
  func restore(from source: any ParameterSource, steps: Int) -> [String] {
    var wrong: [String] = []
    withoutGradients {
      for (name, tensor) in state {
        guard source.description(of: name)?.shape == tensor.shape else {
          wrong.append(name)
          continue
        }
        tensor.copy(from: source.tensor(name))
      }
    }
    step = steps
    return wrong
  }
}
