public import Checkpoints
internal import NN
public import Torch

extension LlamaForCausalLM {
  /// Whether the CPU's decoding kernels know this model's layers.
  public static func hasKernels(_ c: LlamaConfig) -> Bool { c.activation == .silu || c.activation == .swish }

  /// What a decoder of this model holds.
  /// - Parameters:
  ///   - slots: sequences that are decoded together.
  ///   - capacity: positions of each, prompt and answer.
  public static func decoderShape(_ c: LlamaConfig, slots: Int, capacity: Int) -> CausalDecoder.Shape {
    CausalDecoder.Shape(
      layers: c.layers, hidden: c.hiddenSize, heads: c.heads, keyValueHeads: c.keyValueHeads, headWidth: c.headWidth,
      intermediate: c.intermediateSize, vocabulary: c.vocabularySize, slots: slots, capacity: capacity, window: c.slidingWindow,
      normEpsilon: c.normEpsilon)
  }

  /// A decoder over these weights with an empty cache, for generation on the CPU. Low-rank adapters stay apart from the weights, so
  /// that nothing of them is rounded away; DoRA's magnitudes are merged.
  /// - Parameters:
  ///   - slots: sequences that are decoded together.
  ///   - capacity: positions of each, prompt and answer; rounded up to the cache's blocks.
  public func decoder(_ c: LlamaConfig, slots: Int, capacity: Int) -> CausalDecoder {
    precondition(Self.hasKernels(c), "no decoding kernel for \(c.activation)")
    let shape = Self.decoderShape(c, slots: slots, capacity: capacity)
    return withoutGradients { CausalDecoder(shape, angles: model.rotary.angles(upTo: (capacity + 31) / 32 * 32), weight: weight) }
  }

  /// The same, composed of ordinary operations, on the device of the weights.
  public func composedDecoder(_ c: LlamaConfig, slots: Int, capacity: Int) -> ComposedDecoder {
    let shape = Self.decoderShape(c, slots: slots, capacity: capacity)
    return withoutGradients {
      ComposedDecoder(shape, angles: model.rotary.angles(upTo: capacity), activation: { c.activation($0) }, weight: weight)
    }
  }

  private func weight(_ part: CausalDecoder.Part, _ index: Int) -> CausalDecoder.Weight {
    switch part {
    case .embedding: return .init(model.embeddings.decoding)
    case .finalNorm: return .init(model.norm.weight.detached())
    case .head: return .init(head.detached())
    default: break
    }
    let layer = model.layers[index]
    switch part {
    case .inputNorm: return .init(layer.inputNorm.weight.detached())
    case .postNorm: return .init(layer.postAttentionNorm.weight.detached())
    case .query: return layer.attention.query.decoding
    case .key: return layer.attention.key.decoding
    case .value: return layer.attention.value.decoding
    case .output: return layer.attention.output.decoding
    case .gate: return layer.mlp.gate.decoding
    case .up: return layer.mlp.up.decoding
    default: return layer.mlp.down.decoding
    }
  }
}

extension Linear {
  fileprivate var decoding: CausalDecoder.Weight {
    guard let adapter else { return .init(weight.detached(), bias: bias?.detached()) }
    guard adapter.magnitude == nil, adapter.bias == nil else { return merged(adapter) }
    return .init(weight.detached(), bias: bias?.detached(), down: adapter.a.detached(), up: adapter.b.detached(), scale: adapter.scale)
  }

  /// ratio · (W + scale·B·A) and the biases, with DoRA's ratio of each row.
  private func merged(_ adapter: LowRankAdapter) -> CausalDecoder.Weight {
    var sum = weight.detached().to(.float32) + adapter.delta
    var addition = adapter.bias.map { $0.detached() * adapter.scale }
    if let magnitude = adapter.magnitude {
      let ratio = magnitude.detached() / sum.norm(1)
      sum = sum * ratio.unsqueezed(1)
      addition = addition.map { $0 * ratio }
    }
    let biases = [bias?.detached(), addition].compactMap { $0 }
    return .init(sum.to(weight.dtype), bias: biases.isEmpty ? nil : biases.dropFirst().reduce(biases[0]) { $0 + $1 })
  }
}

extension Embedding {
  /// The table with its update.
  fileprivate var decoding: Tensor {
    guard let adapter else { return weight.detached() }
    let sum = weight.detached().to(.float32) + adapter.delta
    guard let magnitude = adapter.magnitude else { return sum.to(weight.dtype) }
    return (sum * (magnitude.detached() / sum.norm(0))).to(weight.dtype)
  }
}
