public import NN
public import Torch

/// What cached decoding asks of an encoder-decoder: its decoder's layers for one token of each row, with attention left to the caller.
public protocol SteppedDecoder {
  /// Of each layer of the decoder.
  var attentions: [(toItself: MultiHeadAttention, toMemory: MultiHeadAttention)] { get }
  /// What the head is applied to, (rows, hidden).
  /// - Parameter toItself, toMemory: a layer's attentions, (rows, hidden) -> (rows, hidden).
  func step(_ ids: Tensor, positions: Tensor, toItself: (_ layer: Int, Tensor) -> Tensor, toMemory: (_ layer: Int, Tensor) -> Tensor) -> Tensor
  /// What scores have by distance, (heads, 2 · limit - 1); nil where positions are in the embeddings.
  func decoderBias(below limit: Int) -> Tensor?
}

extension BartForConditionalGeneration: SteppedDecoder {
  public var attentions: [(toItself: MultiHeadAttention, toMemory: MultiHeadAttention)] {
    model.decoder.layers.compactMap { layer in layer.crossAttention.map { (layer.attention, $0) } }
  }
  public func decoderBias(below limit: Int) -> Tensor? { nil }

  public func step(_ ids: Tensor, positions: Tensor, toItself: (Int, Tensor) -> Tensor, toMemory: (Int, Tensor) -> Tensor) -> Tensor {
    var x = model.decoder.embed(model.embeddings(ids), positions, .evaluation)
    for (index, layer) in model.decoder.layers.enumerated() {
      x = layer.attend(x, .evaluation, toItself: { toItself(index, $0) }, toMemory: { toMemory(index, $1) })
    }
    return x
  }
}

extension T5ForConditionalGeneration: SteppedDecoder {
  public var attentions: [(toItself: MultiHeadAttention, toMemory: MultiHeadAttention)] {
    model.decoder.layers.compactMap { layer in layer.crossAttention.map { (layer.attention, $0) } }
  }
  public func decoderBias(below limit: Int) -> Tensor? { model.decoder.bias(below: limit) }

  public func step(_ ids: Tensor, positions: Tensor, toItself: (Int, Tensor) -> Tensor, toMemory: (Int, Tensor) -> Tensor) -> Tensor {
    var state = [model.embeddings(ids)]
    for (index, layer) in model.decoder.layers.enumerated() {
      let (branch, stream) = layer.attend(
        state[0], state.dropFirst().first, .evaluation, toItself: { toItself(index, $0) }, toMemory: { toMemory(index, $1) })
      state = [branch, stream]
    }
    return scaled(model.decoder.finish(state, .evaluation))
  }
}

/// The keys and values of several targets in the making, and of the sources they attend to, each source once for all its targets.
///
/// Every step computes all rows, so that shapes recur and a row gets the same numbers whatever the others are.
public final class SequenceCache {
  /// Targets, in groups of neighbours that share a source.
  public let rows: Int
  private let groupSize: Int
  private let network: any EncoderDecoder & SteppedDecoder
  private let attentions: [(toItself: MultiHeadAttention, toMemory: MultiHeadAttention)]
  private var shape: (layers: Int, heads: Int, width: Int) { (attentions.count, attentions[0].toItself.heads, attentions[0].toItself.width) }
  private let dtype: DType
  private let device: Device
  /// Of each layer (rows, heads, positions, width) and, of sources, (groups, heads, positions, width). The last position of a row
  /// takes what rows that are not running write.
  private var keys: [Tensor] = [], values: [Tensor] = []
  private var sourceKeys: [Tensor] = [], sourceValues: [Tensor] = []
  private var sourceLengths: [Int]
  private var bias: Tensor?

  /// - Parameters:
  ///   - groupSize: rows of a source; divides `rows`.
  ///   - dtype: of matrix products and of what is kept.
  public init(_ network: any EncoderDecoder & SteppedDecoder, rows: Int, groupSize: Int = 1, dtype: DType = .float32, device: Device = .cpu) {
    precondition(rows % groupSize == 0, "\(rows) rows in groups of \(groupSize)")
    (self.network, self.rows, self.groupSize, self.dtype, self.device) = (network, rows, groupSize, dtype, device)
    attentions = network.attentions
    sourceLengths = Array(repeating: 1, count: rows / groupSize)
  }

  private var positions: Int { keys.first.map { $0.size(2) - 1 } ?? 0 }

  private func computed<R>(_ body: () -> R) -> R {
    withoutGradients { dtype == .float32 ? body() : autocast(dtype, on: device, body) }
  }

  /// Encodes a source for the group of `row`.
  public func attend(to source: [Int32], row: Int) {
    let group = row / groupSize
    computed {
      let memory = network.encode(PackedTokens(ids: source, lengths: [source.count], device: device), .evaluation, checkpoints: false)
      grow(&sourceKeys, rows / groupSize, (source.count + 31) / 32 * 32)
      grow(&sourceValues, rows / groupSize, (source.count + 31) / 32 * 32)
      for (layer, attention) in attentions.enumerated() {
        let both = attention.toMemory.keysAndValues(memory).reshaped(source.count, 2, shape.heads, shape.width).permuted(1, 2, 0, 3)  // (2, heads, tokens, width)
        sourceKeys[layer][group].narrow(1, 0, source.count).copy(from: both[0])
        sourceValues[layer][group].narrow(1, 0, source.count).copy(from: both[1])
      }
    }
    sourceLengths[group] = source.count
  }

  /// Makes room for `count` positions, keeping what is there.
  private func grow(_ tensors: inout [Tensor], _ rows: Int, _ count: Int) {
    let held = tensors.first?.size(2) ?? 0
    guard held < count else { return }
    tensors = (0..<shape.layers).map { layer in
      let next = Tensor.zeros([rows, shape.heads, count, shape.width], dtype: dtype, device: device)
      if held > 0 { next.narrow(2, 0, held).copy(from: tensors[layer]) }
      return next
    }
  }

  /// Feeds a token to some rows.
  /// - Parameter tokens: the position of each running row's token and its id; nil for rows that stand still.
  /// - Returns: logits of the next token, (rows, vocabulary) float32, of rows that stand still without meaning.
  public func step(_ tokens: [(id: Int32, position: Int)?]) -> Tensor {
    precondition(tokens.count == rows, "\(tokens.count) tokens for \(rows) rows")
    let length = (tokens.compactMap { $0?.position }.max() ?? 0) + 1
    return computed {
      if positions < length {
        var room = 64
        while room < length { room *= 2 }
        grow(&keys, rows, room + 1)
        grow(&values, rows, room + 1)
        bias = network.decoderBias(below: room)
      }
      let places = tokens.map { $0?.position ?? positions }
      let (row, place) = (Tensor(Array(0..<rows), device: device), Tensor(places, device: device))
      let ids = Tensor(tokens.map { Int($0?.id ?? 0) }, device: device)
      let mask = mask(tokens.map { $0?.position ?? 0 }, length)
      let source = Tensor.arange(0, Double(sourceKeys[0].size(2)), device: device).unsqueezed(0)
        .less(than: Tensor(sourceLengths, device: device).unsqueezed(1)).reshaped(rows / groupSize, 1, 1, -1)
      let scale = attentions[0].toItself.scale
      let hidden = network.step(
        ids, positions: Tensor(tokens.map { $0?.position ?? 0 }, device: device),
        toItself: { layer, x in
          attentions[layer].toItself.stepped(x) { projected in
            let parts = projected.to(dtype).reshaped(rows, 3, shape.heads, shape.width)
            keys[layer].indexPut([row, nil, place], parts.select(1, 1))
            values[layer].indexPut([row, nil, place], parts.select(1, 2))
            return Tensor.scaledDotProductAttention(
              parts.select(1, 0).unsqueezed(2), keys[layer].narrow(2, 0, length), values[layer].narrow(2, 0, length), mask: mask, scale: scale)
              .reshaped(rows, shape.heads * shape.width)
          }
        },
        toMemory: { layer, x in
          attentions[layer].toMemory.steppedAcross(x) { queries in
            let grouped = queries.to(dtype).reshaped(rows / groupSize, groupSize, shape.heads, shape.width).transposed(1, 2)
            return Tensor.scaledDotProductAttention(grouped, sourceKeys[layer], sourceValues[layer], mask: source, scale: scale)
              .transposed(1, 2).reshaped(rows, shape.heads * shape.width)
          }
        })
      return network.logits(hidden)
    }
  }

  /// What is added to the scores of each row's token: (rows, 1 or heads, 1, length).
  private func mask(_ places: [Int], _ length: Int) -> Tensor {
    let at = Tensor(places, device: device).unsqueezed(1)
    let seen = Tensor.arange(0, Double(length), device: device).unsqueezed(0).lessOrEqual(than: at)  // (rows, length)
    guard let bias else { return seen.reshaped(rows, 1, 1, length) }
    let limit = (bias.size(1) + 1) / 2
    let distances = places.flatMap { place in (0..<length).map { limit - 1 + min($0 - place, 0) } }
    let added = bias.indexSelect(1, Tensor(distances, device: device)).reshaped(shape.heads, rows, length).transposed(0, 1)
    return added.maskedFill(seen.logicalNot().unsqueezed(1), -3e38).unsqueezed(2).to(dtype)
  }

  /// Copies positions of one row into another of the same group.
  public func copy(_ range: Range<Int>, from source: Int, to target: Int) {
    precondition(source / groupSize == target / groupSize, "rows \(source) and \(target) attend to different sources")
    withoutGradients {
      for layer in 0..<shape.layers {
        for part in [keys[layer], values[layer]] {
          part[target].narrow(1, range.lowerBound, range.count).copy(from: part[source].narrow(1, range.lowerBound, range.count))
        }
      }
    }
  }
}
