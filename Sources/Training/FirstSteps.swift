import Torch

/// Watches the first steps of a run for what would train nothing and say nothing: a parameter that no gradient reaches (a target
/// outside the graph, a checkpointed block that lost its inputs), or an update that does not arrive.
///
/// By the third step every parameter must have had a gradient other than zero. A LoRA factor A has none while its B is zero: with a
/// warm-up, whose first rate is 0, that is so for two steps. B itself must have moved by then.
struct FirstSteps {
  static let count = 3

  private var silent: Set<String>
  /// Every lora_B as it was.
  private let starts: [String: Tensor]

  init(_ optimizer: AdamW) {
    silent = Set(optimizer.slots.map(\.name))
    starts = Dictionary(uniqueKeysWithValues: optimizer.slots.filter { $0.name.contains("lora_B") }.map { ($0.name, $0.parameter.detached().clone()) })
  }

  /// Looks at the gradients of a step before the optimizer takes them.
  mutating func see(_ optimizer: AdamW) {
    guard !silent.isEmpty else { return }
    for slot in optimizer.slots where silent.contains(slot.name) {
      if let gradient = slot.parameter.gradient, withoutGradients({ gradient.abs().amax().item }) > 0 { silent.remove(slot.name) }
    }
  }

  /// - Throws: `TrainingError.nothingLearned` naming every parameter that was left out.
  func judge(_ optimizer: AdamW) throws {
    let still = optimizer.slots.filter { slot in starts[slot.name]?.isEqual(to: slot.parameter.detached()) ?? false }.map(\.name)
    guard silent.isEmpty, still.isEmpty else {
      throw TrainingError.nothingLearned(step: Self.count, silent: optimizer.slots.map(\.name).filter(silent.contains), still: still)
    }
  }
}
