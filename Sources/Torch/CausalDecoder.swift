internal import CTorch

/// A LLaMA-family decoder on the CPU with a static cache of keys and values: weights once, then one call a step.
///
/// Products of few tokens stream each weight once for all of them; prompts go through blocked products. Sums run in an order
/// that does not depend on the other tokens of a call, so a sequence gets the same numbers alone and in any batch.
/// Weights that are float32 or bfloat16 are used where they lie; others are converted.
public final class CausalDecoder {
  public struct Shape: Sendable, Hashable {
    public var layers, hidden, heads, keyValueHeads, headWidth, intermediate, vocabulary: Int
    /// Sequences that the cache holds, and the positions of each.
    public var slots, capacity: Int
    /// How many positions a token sees, itself included; nil sees all.
    public var window: Int?
    public var normEpsilon: Double

    public init(
      layers: Int, hidden: Int, heads: Int, keyValueHeads: Int, headWidth: Int, intermediate: Int, vocabulary: Int, slots: Int, capacity: Int,
      window: Int?, normEpsilon: Double
    ) {
      (self.layers, self.hidden, self.heads, self.keyValueHeads, self.headWidth) = (layers, hidden, heads, keyValueHeads, headWidth)
      (self.intermediate, self.vocabulary, self.slots, self.capacity) = (intermediate, vocabulary, slots, capacity)
      (self.window, self.normEpsilon) = (window, normEpsilon)
    }
  }

  /// The vectors and matrices of the plan; raw values are the shim's codes.
  public enum Part: Int32, Sendable, CaseIterable {
    case embedding, inputNorm, query, key, value, output, postNorm, gate, up, down, finalNorm, head

    var isNorm: Bool { self == .inputNorm || self == .postNorm || self == .finalNorm }
  }

  /// A weight (outputs, inputs), or (width) of a norm, with what is added to its product.
  public struct Weight {
    public var weight: Tensor
    public var bias: Tensor?
    /// An adapter's matrices, (rank, inputs) and (outputs, rank): adds scale · (x · downᵀ) · upᵀ.
    public var down, up: Tensor?
    public var scale: Double

    public init(_ weight: Tensor, bias: Tensor? = nil, down: Tensor? = nil, up: Tensor? = nil, scale: Double = 1) {
      (self.weight, self.bias, self.down, self.up, self.scale) = (weight, bias, down, up, scale)
    }
  }

  /// Tokens of one call, side by side: tokens of the same slot are neighbours with rising positions.
  public struct Tokens: Sendable {
    public var ids: [Int32] = []
    public var slots: [Int32] = []
    public var positions: [Int32] = []
    /// Indices, rising, of the tokens whose successors are asked for.
    public var wanted: [Int32] = []

    public init() {}
    public var count: Int { ids.count }

    public mutating func append(_ id: Int32, slot: Int, position: Int, isWanted: Bool) {
      if isWanted { wanted.append(Int32(ids.count)) }
      ids.append(id)
      slots.append(Int32(slot))
      positions.append(Int32(position))
    }

    public mutating func removeAll() {
      ids.removeAll(keepingCapacity: true)
      slots.removeAll(keepingCapacity: true)
      positions.removeAll(keepingCapacity: true)
      wanted.removeAll(keepingCapacity: true)
    }
  }

  public let shape: Shape
  private let handle: OpaquePointer
  /// Keeps borrowed weights alive.
  private let weights: [Tensor]

  /// - Parameters:
  ///   - angles: cosines and sines of each position, (positions, headWidth / 2) float32; they limit the capacity.
  ///   - weight: each part, asked for once; `layer` is 0 for those outside the layers.
  public init(_ shape: Shape, angles: (cosines: Tensor, sines: Tensor), weight: (_ part: Part, _ layer: Int) -> Weight) {
    var description = ct_decoder_shape(
      layers: Int64(shape.layers), hidden: Int64(shape.hidden), heads: Int64(shape.heads), key_value_heads: Int64(shape.keyValueHeads),
      width: Int64(shape.headWidth), intermediate: Int64(shape.intermediate), vocabulary: Int64(shape.vocabulary), slots: Int64(shape.slots),
      capacity: Int64(shape.capacity), window: Int64(shape.window ?? 0), epsilon: shape.normEpsilon,
      scale: 1 / Double(shape.headWidth).squareRoot())
    var out: OpaquePointer?
    trap(ct_decoder_new(&description, &out), "CausalDecoder")
    let handle = out!
    var kept: [Tensor] = []
    for part in Part.allCases {
      let outside = part == .embedding || part == .finalNorm || part == .head
      for layer in 0..<(outside ? 1 : shape.layers) {
        let w = weight(part, layer)
        kept.append(w.weight)
        if part.isNorm {
          trap(ct_decoder_set_vector(handle, Int64(layer), part.rawValue, w.weight.handle), "CausalDecoder")
        } else {
          trap(
            ct_decoder_set_matrix(
              handle, Int64(layer), part.rawValue, w.weight.handle, w.bias?.handle, w.down?.handle, w.up?.handle, w.scale), "CausalDecoder")
        }
      }
    }
    trap(ct_decoder_finish(handle, angles.cosines.handle, angles.sines.handle), "CausalDecoder")
    self.handle = handle
    weights = kept
    var actual = shape
    actual.capacity = Int(ct_decoder_capacity(handle))
    self.shape = actual
  }

  deinit { ct_decoder_free(handle) }

  /// Bytes of the cache's address range; pages are taken as positions are first written.
  public var cacheBytes: Int { Int(ct_decoder_cache_bytes(handle)) }

  /// Runs tokens and writes their keys and values.
  /// - Parameters:
  ///   - isPrompt: chooses the kernels for many tokens; a token's numbers depend on it.
  ///   - logits: receives (wanted, vocabulary); its size is kept for the next call.
  /// - Returns: the likeliest next id of each wanted token, the lowest of equals.
  public func run(_ tokens: Tokens, isPrompt: Bool, logits: inout [Float]) -> [Int32] {
    let count = tokens.wanted.count * shape.vocabulary
    if logits.count < count { logits = [Float](repeating: 0, count: count) }
    return logits.withUnsafeMutableBufferPointer { forward(tokens, isPrompt: isPrompt, targets: nil, out: $0.baseAddress) }
  }

  /// The same without logits.
  public func likeliest(_ tokens: Tokens, isPrompt: Bool) -> [Int32] { forward(tokens, isPrompt: isPrompt, targets: nil, out: nil) }

  /// Runs prompt tokens; for each wanted one the log probability of its target, and the likeliest id.
  public func logProbabilities(_ tokens: Tokens, targets: [Int32]) -> (values: [Float], best: [Int32]) {
    precondition(targets.count == tokens.wanted.count, "\(targets.count) targets for \(tokens.wanted.count) tokens")
    var values = [Float](repeating: 0, count: targets.count)
    let best = values.withUnsafeMutableBufferPointer { forward(tokens, isPrompt: true, targets: targets, out: $0.baseAddress) }
    return (values, best)
  }

  private func forward(_ tokens: Tokens, isPrompt: Bool, targets: [Int32]?, out: UnsafeMutablePointer<Float>?) -> [Int32] {
    var best = [Int32](repeating: 0, count: tokens.wanted.count)
    func call(_ targets: UnsafePointer<Int32>?) {
      trap(
        ct_decoder_forward(
          handle, tokens.ids, tokens.slots, tokens.positions, tokens.count, isPrompt, tokens.wanted, targets, tokens.wanted.count, out, &best),
        "CausalDecoder.run")
    }
    if let targets { targets.withUnsafeBufferPointer { call($0.baseAddress) } } else { call(nil) }
    return best
  }

  /// Copies positions of one slot's cache into another's.
  public func copy(_ positions: Range<Int>, from source: Int, to target: Int) {
    trap(ct_decoder_copy(handle, Int64(source), Int64(target), Int64(positions.lowerBound), Int64(positions.upperBound)), "CausalDecoder.copy")
  }
}

@available(*, unavailable, message: "a decoder belongs to one thread at a time")
extension CausalDecoder: @unchecked Sendable {}
