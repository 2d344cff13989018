import Checkpoints
public import Datasets
public import Models
public import NN
public import Torch

/// A language model as training sees it: a decoder, or an encoder-decoder.
public protocol TrainableLanguageModel: FolderModel {
  /// Σ -ln p over the tokens that the batch marks as learned, a float32 scalar.
  /// - Parameter checkpoints: keeps only each layer's input for the backward pass, which computes the rest again.
  func summedLoss(_ batch: Batch, _ mode: Mode, checkpoints: Bool) -> Tensor
  /// Whether a saved folder gives bit for bit the logits of this model, on the first tokens of some examples or on made-up ones.
  /// - Returns: the largest difference; nil when there is none.
  func difference(fromSaved folder: String, on examples: [EncodedExample]) throws -> Double?
}

extension CausalModel: TrainableLanguageModel {
  /// Rows travel packed: end to end, positions from 0 in each, attention within each. Logits exist only for tokens that are learned,
  /// and of those only a chunk at a time.
  public func summedLoss(_ batch: Batch, _ mode: Mode, checkpoints: Bool) -> Tensor {
    let (positions, targets) = Self.predictions(batch)
    let hidden = network.model(batch.tokens(on: device), mode, checkpoints: checkpoints)  // (tokens, hidden)
    return hidden.indexSelect(0, Tensor(positions, device: device)).linearCrossEntropy(weight: network.head, targets: Tensor(targets, device: device))
  }

  /// For every token that is learned: the index of the one before it, whose hidden state predicts it, and its id.
  static func predictions(_ batch: Batch) -> (positions: [Int], targets: [Int]) {
    var (positions, targets): ([Int], [Int]) = ([], [])
    var start = 0
    for (target, length) in zip(batch.targets, batch.lengths) {
      for (offset, isTarget) in target.learnedFlags.enumerated() where isTarget {
        positions.append(start + offset - 1)
        targets.append(Int(batch.ids[start + offset]))
      }
      start += length
    }
    return (positions, targets)
  }

  public func difference(fromSaved folder: String, on examples: [EncodedExample]) throws -> Double? {
    let rows = examples.isEmpty ? [madeUp] : examples.map { Array($0.ids.prefix(64)) }
    return try difference(fromSaved: folder, on: PackedTokens(ids: rows.flatMap { $0 }, lengths: rows.map(\.count), device: device))
  }
}

extension EncoderDecoderModel: TrainableLanguageModel {
  /// A row is its source and, from the first learned token on, its target.
  public func summedLoss(_ batch: Batch, _ mode: Mode, checkpoints: Bool) -> Tensor {
    var (sources, targets): ([[Int32]], [[Int32]]) = ([], [])
    var start = 0
    for (target, length) in zip(batch.targets, batch.lengths) {
      let (source, learned) = Self.parts(batch.ids[start..<start + length], target)
      sources.append(source)
      targets.append(learned)
      start += length
    }
    let pairs = pairs(sources, targets)
    return network.loss(network(pairs, mode, checkpoints: checkpoints), targets: pairs.targets)
  }

  private static func parts(_ ids: ArraySlice<Int32>, _ target: Target) -> (source: [Int32], target: [Int32]) {
    let boundary = ids.startIndex + (target.learnedFlags.firstIndex(of: true) ?? ids.count)
    precondition(target.learnedFlags.dropFirst(boundary - ids.startIndex).allSatisfy { $0 }, "a target with tokens that are not learned")
    return (Array(ids[..<boundary]), Array(ids[boundary...]))
  }

  public func difference(fromSaved folder: String, on examples: [EncodedExample]) throws -> Double? {
    let rows = examples.isEmpty ? [(source: madeUp, target: madeUp)] : examples.map { Self.parts($0.ids[...], $0.target) }
    return try difference(fromSaved: folder, on: pairs(rows.map { Array($0.source.prefix(64)) }, rows.map { Array($0.target.prefix(64)) }))
  }
}

extension FolderModel {
  /// Ids for want of rows.
  fileprivate var madeUp: [Int32] { (0..<Int32(min(8, config.vocabularySize))).map { $0 } }
}

extension Target {
  /// Which tokens of a row are learned.
  var learnedFlags: [Bool] { if case .tokens(let flags) = self { flags } else { preconditionFailure("flags of tokens are expected, found \(self)") } }
}
