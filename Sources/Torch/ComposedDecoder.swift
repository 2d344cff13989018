/// A LLaMA-family decoder with a static cache, composed of ordinary operations: for accelerators, and for activations that the CPU's
/// kernels (`CausalDecoder`) do not know.
///
/// Matrices and cache are in the model's dtype; the residual stream, norms and rotations in float32. A call takes its tokens to the
/// device in one transfer, and nothing else waits for the device before the results are read. Sums run in the order that the
/// libraries choose, which may depend on how many tokens are computed together: a sequence's numbers are the same in any company up
/// to rounding.
public final class ComposedDecoder {
  public let shape: CausalDecoder.Shape
  private let layers: [Layer]
  private let embedding, finalNorm, head: Tensor
  /// (capacity, headWidth) float32: c | c, and -s | s.
  private let cosines, sines: Tensor
  /// (layers, 2, slots, room, keyValueHeads, headWidth): keys, then values.
  private let cache: Tensor
  /// Positions of a slot, the last of which takes what nobody reads.
  private let room: Int
  private let activation: (Tensor) -> Tensor

  private var device: Device { cache.device }
  private var group: Int { shape.heads / shape.keyValueHeads }

  /// Call it without gradients.
  /// - Parameters:
  ///   - angles: cosines and sines of each position, (capacity, headWidth / 2) float32 or more rows.
  ///   - activation: of the gate.
  ///   - weight: each part, asked for once; `layer` is 0 for those outside the layers. Matrices lie on the decoder's device.
  public init(
    _ shape: CausalDecoder.Shape, angles: (cosines: Tensor, sines: Tensor), activation: @escaping (Tensor) -> Tensor = { $0.silu() },
    weight: (_ part: CausalDecoder.Part, _ layer: Int) -> CausalDecoder.Weight
  ) {
    precondition(angles.cosines.size(0) >= shape.capacity, "\(angles.cosines.size(0)) angles for \(shape.capacity) positions")
    self.shape = shape
    self.activation = activation
    let queries = (0..<shape.layers).map { weight(.query, $0) }
    let (type, device) = (queries[0].weight.dtype, queries[0].weight.device)
    let room = DecodingCall.rounded(shape.capacity + 1)
    let cache = Tensor.zeros([shape.layers, 2, shape.slots, room, shape.keyValueHeads, shape.headWidth], dtype: type, device: device)
    (self.room, self.cache) = (room, cache)
    cosines = .concatenated([angles.cosines, angles.cosines], dim: 1)
    sines = .concatenated([angles.sines.negated(), angles.sines], dim: 1)
    embedding = weight(.embedding, 0).weight.to(type)
    finalNorm = weight(.finalNorm, 0).weight.to(.float32)
    head = weight(.head, 0).weight.to(type)
    layers = queries.enumerated().map { layer, query in
      func norm(_ part: CausalDecoder.Part) -> Tensor { weight(part, layer).weight.to(.float32) }
      return Layer(
        inputNorm: norm(.inputNorm), postNorm: norm(.postNorm),
        projections: Product([query, weight(.key, layer), weight(.value, layer)], type), output: Product([weight(.output, layer)], type),
        gateUp: Product([weight(.gate, layer), weight(.up, layer)], type), down: Product([weight(.down, layer)], type),
        keys: cache[layer][0], values: cache[layer][1])
    }
  }

  /// Bytes of the cache.
  public var cacheBytes: Int { cache.count * cache.dtype.size }

  /// Bytes that a decoder of this shape takes for its cache, in `type`.
  public static func cacheBytes(_ shape: CausalDecoder.Shape, _ type: DType) -> Int {
    shape.layers * 2 * shape.slots * DecodingCall.rounded(shape.capacity + 1) * shape.keyValueHeads * shape.headWidth * type.size
  }

  /// Runs tokens and writes their keys and values.
  /// - Parameters:
  ///   - isPrompt: false when no slot has more than one token, so that slots between them may be computed along.
  ///   - logits: receives (wanted, vocabulary); its size is kept for the next call.
  /// - Returns: the likeliest next id of each wanted token, the lowest of equals.
  public func run(_ tokens: CausalDecoder.Tokens, isPrompt: Bool, logits: inout [Float]) -> [Int32] {
    withoutGradients {
      let scores = scores(tokens, isPrompt: isPrompt)
      let values = scores.array(Float.self)
      if logits.count < values.count { logits = values } else { logits.replaceSubrange(0..<values.count, with: values) }
      return scores.argmax(dim: -1).array(Int32.self)
    }
  }

  /// The same without logits, which then never leave the device.
  public func likeliest(_ tokens: CausalDecoder.Tokens, isPrompt: Bool) -> [Int32] {
    withoutGradients { scores(tokens, isPrompt: isPrompt).argmax(dim: -1).array(Int32.self) }
  }

  /// Runs prompt tokens; for each wanted one the log probability of its target, and the likeliest id.
  public func logProbabilities(_ tokens: CausalDecoder.Tokens, targets: [Int32]) -> (values: [Float], best: [Int32]) {
    precondition(targets.count == tokens.wanted.count, "\(targets.count) targets for \(tokens.wanted.count) tokens")
    guard !targets.isEmpty else {
      _ = withoutGradients { hidden(tokens, isPrompt: true) }
      return ([], [])
    }
    return withoutGradients {
      let hidden = hidden(tokens, isPrompt: true)
      let targets = Tensor(targets, device: device).to(.int64).unsqueezed(1)
      // The logits of some rows at a time: those of a long prompt would be larger than all else.
      let parts = stride(from: 0, to: targets.size(0), by: 1024).map { start in
        let count = min(1024, targets.size(0) - start)
        let logs = hidden.narrow(0, start, count).linear(head).to(.float32).logSoftmax(dim: -1)
        return (values: logs.gather(1, targets.narrow(0, start, count)), best: logs.argmax(dim: -1))
      }
      return (Tensor.concatenated(parts.map(\.values)).array(Float.self), Tensor.concatenated(parts.map(\.best)).array(Int32.self))
    }
  }

  /// Copies positions of one slot's cache into another's.
  public func copy(_ positions: Range<Int>, from source: Int, to target: Int) {
    func part(_ slot: Int) -> Tensor { cache.select(2, slot).narrow(2, positions.lowerBound, positions.count) }
    if source != target { part(target).copy(from: part(source)) }
  }

  // MARK: The forward pass

  private func scores(_ tokens: CausalDecoder.Tokens, isPrompt: Bool) -> Tensor { hidden(tokens, isPrompt: isPrompt).linear(head).to(.float32) }

  /// The last layer's output of the wanted tokens after the norm, (wanted, hidden).
  private func hidden(_ tokens: CausalDecoder.Tokens, isPrompt: Bool) -> Tensor {
    let call = DecodingCall(tokens, isPrompt: isPrompt, shape: shape, room: room)
    let indices = call.uploaded(to: device)
    let angles = (cosines.indexSelect(0, indices.positions).unsqueezed(1), sines.indexSelect(0, indices.positions).unsqueezed(1))
    let mask = call.mask(indices.positions, window: shape.window, group: group, dtype: cache.dtype)
    var stream = embedding.embedding(indices.ids).to(.float32)  // (tokens, hidden)
    for layer in layers {
      stream = stream + attended(normalised(stream, layer.inputNorm), layer, call, indices, angles, mask)
      let both = layer.gateUp(normalised(stream, layer.postNorm))  // (tokens, 2 · intermediate)
      stream = stream + layer.down(activation(both.narrow(1, 0, shape.intermediate)) * both.narrow(1, shape.intermediate, shape.intermediate))
    }
    return normalised(stream.indexSelect(0, indices.wanted), finalNorm)
  }

  private func normalised(_ x: Tensor, _ weight: Tensor) -> Tensor { x.rmsNorm(weight: weight, epsilon: shape.normEpsilon).to(cache.dtype) }

  /// What attention adds to the stream: (tokens, hidden) -> (tokens, hidden).
  private func attended(
    _ x: Tensor, _ layer: Layer, _ call: DecodingCall, _ indices: DecodingCall.Indices, _ angles: (Tensor, Tensor), _ mask: Tensor?
  ) -> Tensor {
    let (heads, kvHeads, width) = (shape.heads, shape.keyValueHeads, shape.headWidth)
    let projected = layer.projections(x).reshaped(-1, heads + 2 * kvHeads, width)  // (tokens, heads + 2 · kvHeads, width)
    // Element i of a head's first half turns with element i of its second half.
    let turning = projected.narrow(1, 0, heads + kvHeads)
    let turned = (turning * angles.0 + turning.rolled(width / 2, dim: 2) * angles.1).to(cache.dtype)
    layer.keys.view(shape.slots * room, kvHeads, width).indexCopy(0, indices.places, turned.narrow(1, heads, kvHeads))
    layer.values.view(shape.slots * room, kvHeads, width).indexCopy(0, indices.places, projected.narrow(1, heads + kvHeads, kvHeads))

    let (rows, longest) = (call.rows.count, call.longest)
    var queries = turned.narrow(1, 0, heads)
    if let padded = indices.padded {
      let all = Tensor.zeros([rows * longest, heads, width], dtype: cache.dtype, device: device)
      all.indexCopy(0, padded, queries)
      queries = all
    }
    func seen(_ cache: Tensor) -> Tensor {  // (rows, kvHeads, span, width)
      let part = cache.narrow(1, 0, call.span)
      return (indices.slots.map { part.indexSelect(0, $0) } ?? part.narrow(0, call.rows[0], rows)).transposed(1, 2)
    }
    let scale = 1 / Double(width).squareRoot()
    var out: Tensor  // (rows · longest, heads · width)
    if let mask {
      // Query heads that share a key head stand below each other like positions: no key is repeated.
      let grouped = queries.reshaped(rows, longest, kvHeads, group, width).permuted(0, 2, 3, 1, 4).reshaped(rows, kvHeads, group * longest, width)
      out = Tensor.scaledDotProductAttention(grouped, seen(layer.keys), seen(layer.values), mask: mask, scale: scale)
      out = out.reshaped(rows, kvHeads, group, longest, width).permuted(0, 3, 1, 2, 4).reshaped(rows * longest, heads * width)
    } else {
      let whole = queries.reshaped(rows, longest, heads, width).transposed(1, 2)
      out = Tensor.scaledDotProductAttention(whole, seen(layer.keys), seen(layer.values), causal: true, scale: scale, grouped: group > 1)
      out = out.transposed(1, 2).reshaped(rows * longest, heads * width)
    }
    return layer.output(indices.padded.map { out.indexSelect(0, $0) } ?? out)
  }
}

@available(*, unavailable, message: "a decoder belongs to one thread at a time")
extension ComposedDecoder: @unchecked Sendable {}

extension ComposedDecoder {
  private struct Layer {
    /// (hidden) float32
    let inputNorm, postNorm: Tensor
    let projections, output, gateUp, down: Product
    /// (slots, room, keyValueHeads, headWidth), parts of the cache.
    let keys, values: Tensor
  }

  /// Layers that read the same input, as one product, and their low-rank updates as one more pair.
  private struct Product {
    /// (Σ outputs, inputs)
    let weight: Tensor
    let bias: Tensor?
    /// (Σ ranks, inputs) and (Σ outputs, Σ ranks): each layer's update in its own columns, with its scale.
    let down, up: Tensor?

    init(_ parts: [CausalDecoder.Weight], _ type: DType) {
      weight = .joined(parts.map { $0.weight.to(type) })
      bias = parts.contains { $0.bias != nil }
        ? .concatenated(parts.map { ($0.bias ?? .zeros([$0.weight.size(0)], device: $0.weight.device)).to(type) }) : nil
      let downs = parts.compactMap(\.down)
      let ranks = downs.reduce(0) { $0 + $1.size(0) }
      down = downs.isEmpty ? nil : Tensor.concatenated(downs).to(type)
      var before = 0
      up = downs.isEmpty ? nil : Tensor.concatenated(parts.map { part -> Tensor in
        guard let up = part.up else { return .zeros([part.weight.size(0), ranks], device: part.weight.device) }
        defer { before += up.size(1) }
        return (up * part.scale).padded(before, ranks - before - up.size(1))
      }).to(type)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
      let result = x.linear(weight, bias)
      guard let down, let up else { return result }
      return result + x.linear(down).linear(up)
    }
  }
}
