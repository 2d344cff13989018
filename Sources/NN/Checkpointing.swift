public import Torch

/// Runs a layer keeping only its inputs for backward, which runs it again with the same dropout masks: gradients are bit-equal
/// to those of calling `layer` directly, and `mode`'s generator moves on as it would.
/// - Parameter layer: draws random numbers from the mode it is given and from nowhere else.
public func checkpointed(_ inputs: [Tensor], _ mode: Mode, _ layer: @escaping ([Tensor], Mode) -> [Tensor]) -> [Tensor] {
  guard case .training(let generator) = mode else { return layer(inputs, mode) }
  let state = generator.state
  var isFirst = true
  return checkpointed(inputs) { inputs in
    if isFirst {
      isFirst = false
      return layer(inputs, mode)
    }
    let again = Generator(seed: 0)
    again.state = state
    return layer(inputs, .training(again))
  }
}
