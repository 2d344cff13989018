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

  struct Group {
    let names: [String]
    let parameters, firstMoments, secondMoments, steps: [Tensor]
    let weightDecay: Double
  }

  let settings: Settings
  let groups: [Group]
  /// Steps taken.
  public private(set) var step = 0

  /// - Parameter parameters: what to train, float32; each will want gradients.
  public init(_ parameters: [ParameterStore.Parameter], _ settings: Settings) {
    self.settings = settings
    func group(_ members: [ParameterStore.Parameter], decay: Double) -> Group {
      Group(
        names: members.map(\.name), parameters: members.map(\.tensor), firstMoments: members.map { $0.tensor.zerosLike() },
        secondMoments: members.map { $0.tensor.zerosLike() }, steps: members.map { Tensor.zeros([], device: $0.tensor.device) }, weightDecay: decay)
    }
    for parameter in parameters { parameter.tensor.requiresGradient = true }
    groups = [
      group(parameters.filter { Self.decays($0.name) }, decay: settings.weightDecay),
      group(parameters.filter { !Self.decays($0.name) }, decay: 0),
    ].filter { !$0.names.isEmpty }
  }

  /// Biases and normalisation weights never decay (transformers' rule, by name).
  public static func decays(_ name: String) -> Bool {
    !name.hasSuffix("bias") && !name.contains("LayerNorm") && !name.contains("layernorm") && !name.hasSuffix("norm.weight")
  }

  var parameters: [Tensor] { groups.flatMap(\.parameters) }

  /// √Σ‖gradient‖² over all parameters, before clipping.
  public func gradientNorm() -> Double {
    let norms = Foreach.norms(parameters.compactMap(\.gradient))
    return norms.isEmpty ? 0 : Tensor.stacked(norms.map { $0.to(.float32) }).norm().item
  }

  /// Scales gradients whose global norm exceeds `limit` down to it (`torch.nn.utils.clip_grad_norm_`); 0 never scales.
  public func clip(norm: Double, to limit: Double) {
    guard limit > 0 else { return }
    let factor = limit / (norm + 1e-6)
    if factor < 1 { Foreach.multiply(parameters.compactMap(\.gradient), by: factor) }
  }

  /// One step with what `backward` left in the gradients, which are then gone. Parameters without a gradient stay.
  public func step(learningRate: Double) {
    withoutGradients {
      for group in groups {
        let indices = group.parameters.indices.filter { group.parameters[$0].gradient != nil }
        for i in indices { group.steps[i].add(1) }
        Foreach.adamW(
          parameters: indices.map { group.parameters[$0] }, gradients: indices.map { group.parameters[$0].gradient! },
          firstMoments: indices.map { group.firstMoments[$0] }, secondMoments: indices.map { group.secondMoments[$0] },
          steps: indices.map { group.steps[$0] }, learningRate: learningRate, beta1: settings.beta1, beta2: settings.beta2,
          epsilon: settings.epsilon, weightDecay: group.weightDecay)
      }
    }
    dropGradients()
    step += 1
  }

  public func dropGradients() {
    for parameter in parameters { parameter.gradient = nil }
  }

  // MARK: State

  /// Moments and counts by parameter: `NAME.exp_avg`, `NAME.exp_avg_sq`, `NAME.step`.
  var state: [(name: String, tensor: Tensor)] {
    groups.flatMap { group in
      group.names.indices.flatMap { i in
        [
          ("\(group.names[i]).exp_avg", group.firstMoments[i]), ("\(group.names[i]).exp_avg_sq", group.secondMoments[i]),
          ("\(group.names[i]).step", group.steps[i]),
        ]
      }
    }
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
