import Checkpoints
import Configuration
import Files
import Generation
import Models
import NN
import Tokenizers
import Torch

/// The model of `attune generate`: a decoder that continues a prompt, or an encoder-decoder that answers it by the rules of its folder.
enum AnsweringModel {
  case decoder(CausalModel)
  case encoderDecoder(EncoderDecoderModel, SequenceRules)

  static func load(_ folder: String, adapter: String?, _ compute: ComputeChoice) throws -> AnsweringModel {
    if try LanguageModels.config(of: folder).family.isEncoderDecoder {
      let model = try EncoderDecoderModel.load(folder, adapter: adapter, frozen: true, frozenType: compute.dtype, device: compute.device)
      return .encoderDecoder(model, try SequenceRules(folder: model.base, config: model.config))
    }
    return .decoder(try CausalModel.load(folder, adapter: adapter, frozen: true, frozenType: compute.dtype, device: compute.device))
  }

  var isEncoderDecoder: Bool { if case .encoderDecoder = self { true } else { false } }

  var model: FolderModel {
    switch self {
    case .decoder(let model): model
    case .encoderDecoder(let model, _): model
    }
  }

  /// Positions that a prompt, or a source, and its answer may take together, or each; nil where there is no bound.
  private var positions: Int? {
    if case .t5 = model.config.network { return nil }  // relative
    return model.config.maximumLength
  }

  /// Tokens of a prompt that leave room for an answer; nil where there is no bound.
  func promptLimit(answer: Int) -> Int? {
    switch self {
    case .decoder: positions.map { max(1, $0 - answer) }
    case .encoderDecoder: positions
    }
  }

  /// Positions that a slot of the cache needs.
  func capacity(prompt: Int, answer: Int) -> Int {
    switch self {
    case .decoder: prompt + answer
    case .encoderDecoder: min(1 + answer, positions ?? .max)
    }
  }

  /// - Parameters:
  ///   - slots: answers at a time, beams counted.
  ///   - beams: of a prompt.
  func backend(slots: Int, beams: Int, capacity: Int) throws -> any CausalBackend {
    switch self {
    case .decoder(let model): try model.backend(slots: slots, capacity: capacity)
    case .encoderDecoder(let model, _): EncoderDecoderBackend(model, slots: slots, beams: beams, capacity: capacity)
    }
  }

  /// Slots of the cache. A decoder's numbers are the same in any number of them, and its searches run one by one; an encoder-decoder
  /// has as many to the last row, because a product of fewer may add in another order.
  func slots(batchSize: Int, rows: Int, beams: Int) -> Int {
    switch self {
    case .decoder: beams > 1 ? beams : min(batchSize, rows)
    case .encoderDecoder: beams * max(1, batchSize / beams)
    }
  }

  /// Ids that end an answer.
  func ends() throws -> [Int32] {
    switch self {
    case .decoder(let model): try GenerationConfig.endIDs(folder: model.base, model: model)
    case .encoderDecoder(_, let rules): rules.ends
    }
  }

  /// A row's ids as the engine takes them.
  func input(_ ids: [Int32]) -> (source: [Int32], prompt: [Int32]) {
    switch self {
    case .decoder: ([], ids)
    case .encoderDecoder(_, let rules): (ids, [rules.start])
    }
  }

  /// What may follow by the rules of the folder.
  var constraints: SamplingOptions { if case .encoderDecoder(_, let rules) = self { SamplingOptions(rules) } else { SamplingOptions() } }

  /// What may follow: what the folder asks for, and what was set for this run.
  func constraints(_ settings: GenerateSettings.Generation) -> SamplingOptions {
    var options = constraints
    (options.repetitionPenalty, options.minimumNewTokens) = (settings.repetitionPenalty, settings.minNewTokens)
    if settings.noRepeatNgramSize > 0 { options.noRepeatNgramSize = settings.noRepeatNgramSize }
    return options
  }
}
