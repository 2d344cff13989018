public import Checkpoints
internal import Files
package import NN
import Tokenizers
public import Torch

/// An encoder-decoder, BART or T5, with its language-model head and everything its folder holds: configuration, tokenizer, weights.
public final class EncoderDecoderModel: FolderModel {
  public let network: any EncoderDecoder & SteppedDecoder

  /// Reads a folder as Hugging Face publishes it, or an adapter as PEFT saves it together with the base model it names.
  /// - Parameters:
  ///   - adapter: the folder of an adapter for the model.
  ///   - newAdapter: an adapter to start: the model is frozen under it.
  ///   - frozen: nothing will be trained.
  ///   - frozenType: of matrices that are not trained; nil keeps bfloat16 and float32 as they are stored.
  ///   - dropout: overrides the configuration's probabilities.
  ///   - seed: of a new adapter.
  /// - Throws: `InputError` for files that cannot be read, for a folder of another kind of model, and with every key when the
  ///   tensors do not fit the configuration.
  public static func load(
    _ folder: String, adapter: String? = nil, newAdapter: AdapterConfig? = nil, frozen: Bool = false, frozenType: DType? = nil,
    dropout: Double? = nil, device: Device = .cpu, seed: UInt64 = 0
  ) throws -> EncoderDecoderModel {
    let adapted = try AdaptedFolder(folder, adapter: adapter, new: newAdapter)
    let tokenizer = try Tokenizers.load(adapted.base)
    let (config, network, store) = try network(adapted, frozen: frozen, frozenType: frozenType, dropout: dropout, device: device, seed: seed)
    return try EncoderDecoderModel(network, adapted, config: config, tokenizer: tokenizer, parameters: store, device: device)
  }

  /// Configuration and weights alone.
  package static func network(
    _ folder: String, adapter: String? = nil, newAdapter: AdapterConfig? = nil, frozen: Bool = false, frozenType: DType? = nil,
    dropout: Double? = nil, device: Device = .cpu, seed: UInt64 = 0
  ) throws -> (config: ModelConfig, network: any EncoderDecoder & SteppedDecoder, parameters: ParameterStore) {
    try network(
      AdaptedFolder(folder, adapter: adapter, new: newAdapter), frozen: frozen, frozenType: frozenType, dropout: dropout, device: device, seed: seed)
  }

  private static func network(
    _ adapted: AdaptedFolder, frozen: Bool, frozenType: DType?, dropout: Double?, device: Device, seed: UInt64
  ) throws -> (config: ModelConfig, network: any EncoderDecoder & SteppedDecoder, parameters: ParameterStore) {
    let config = try adapted.modelConfig(dropout: dropout, expected: "an encoder-decoder: bart or t5", \.isEncoderDecoder)
    try adapted.requireUntied(config)
    let store = try adapted.store(for: config, frozen: frozen, frozenType: frozenType, device: device, seed: seed)
    let network: any EncoderDecoder & SteppedDecoder =
      config.family == .bart ? BartForConditionalGeneration(config.bart, at: store.root) : T5ForConditionalGeneration(config.t5, at: store.root)
    // Some folders hold the tied head as a second copy of the embeddings, or a classifier's head; older ones lack BART's constant.
    try adapted.finish(store, expectingNew: ["final_logits_bias"]) { name in
      config.tiesEmbeddings && name == "lm_head.weight" || config.family.headPrefixes.contains { name.hasPrefix($0) }
    }
    return (config, network, store)
  }

  private init(
    _ network: any EncoderDecoder & SteppedDecoder, _ adapted: AdaptedFolder, config: ModelConfig, tokenizer: any Tokenizer, parameters: ParameterStore, device: Device
  ) throws(InputError) {
    self.network = network
    try super.init(adapted, config: config, tokenizer: tokenizer, parameters: parameters, device: device)
  }

  /// What matrix products are computed in: bfloat16 where the matrices are held in it.
  public var computeType: DType { parameters.parameters.first { $0.tensor.shape.count > 1 }?.tensor.dtype ?? .float32 }

  /// Rows of ids as the network takes them.
  public func pairs(_ sources: [[Int32]], _ targets: [[Int32]]) -> PackedPairs {
    PackedPairs(sources: sources, targets: targets, start: config.sequenceIDs.decoderStart, device: device)
  }

  /// ln p of each target token, given its source and the target before it.
  ///
  /// Rows of like length run together, so that a call does not hold more at a time than `tokenBudget` says; what a row gets does not
  /// depend on the rows beside it but for the order of float32 sums.
  /// - Parameters:
  ///   - sources, targets: ids with all special tokens; the targets with their end token and without the decoder's start token.
  ///   - tokenBudget: tokens of one forward pass, sources and targets together; a longer row is a pass of its own.
  /// - Returns: as many numbers a row as its target has tokens.
  public func score(_ sources: [[Int32]], _ targets: [[Int32]], tokenBudget: Int = 4096) -> [[Float]] {
    precondition(sources.count == targets.count, "\(sources.count) sources for \(targets.count) targets")
    var results = [[Float]](repeating: [], count: sources.count)
    let lengths = zip(sources, targets).map { $0.count + $1.count }
    // The longest first: what a pass needs is known at the start.
    let order = sources.indices.filter { !targets[$0].isEmpty }.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var next = order[...]
    while let first = next.first {
      var held = 0
      let rows = Array(
        next.prefix { row in
          held += lengths[row]
          return row == first || held <= tokenBudget
        })
      next = next.dropFirst(rows.count)
      let pairs = pairs(rows.map { sources[$0] }, rows.map { targets[$0] })
      let run = { self.network.logProbabilities(self.network(pairs), targets: pairs.targets).array(Float.self) }
      let values = withoutGradients { computeType == .float32 ? run() : autocast(computeType, on: device, run) }
      var start = 0
      for row in rows {
        results[row] = Array(values[start..<start + targets[row].count])
        start += targets[row].count
      }
    }
    return results
  }

  /// Whether a model read anew from what `save` wrote gives bit for bit the logits of this one.
  /// - Returns: the largest difference; nil when there is none.
  public func difference(fromSaved folder: String, on pairs: PackedPairs, limit: Int = 128 << 20) throws -> Double? {
    try difference(fromSaved: folder, limit: limit, kept: { network.logits(network(pairs)) }) { base, adapter, type in
      let again = try EncoderDecoderModel.network(base, adapter: adapter, frozenType: type, device: device).network
      return again.logits(again(pairs))
    }
  }
}
