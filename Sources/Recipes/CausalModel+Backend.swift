import Checkpoints
import Files
import Generation
import Models
import NN
import Torch

extension CausalModel {
  /// A decoder over this model with an empty cache: the CPU's kernels, or ordinary operations on an accelerator and for activations
  /// that the kernels do not know.
  /// - Parameters:
  ///   - slots: sequences that are decoded together.
  ///   - capacity: positions of each, prompt and answer.
  /// - Throws: `InputError` when an accelerator has no room for the cache.
  func backend(slots: Int, capacity: Int) throws -> any CausalBackend {
    let decoder = config.decoder
    if device.hasKernels, LlamaForCausalLM.hasKernels(decoder) { return network.decoder(decoder, slots: slots, capacity: capacity) }
    if !device.isCPU {
      let type = parameters.parameters.first { $0.tensor.rank > 1 }?.tensor.dtype ?? .float32
      let needed = ComposedDecoder.cacheBytes(LlamaForCausalLM.decoderShape(decoder, slots: slots, capacity: capacity), type)
      let free = try Runtime.memory(of: device).free
      guard needed <= free else {
        throw InputError(
          "\(device)", "\(slots) sequences of \(capacity) tokens need \(needed >> 20) MB for keys and values, found \(free >> 20) MB free",
          advice: "Lower --batch-size or --max-new-tokens")
      }
    }
    return network.composedDecoder(decoder, slots: slots, capacity: capacity)
  }
}
