import Checkpoints
public import Models
public import Torch

/// An encoder-decoder as the engine and beam search see it. A slot's prompt is what its decoder starts with, the start token as a
/// rule; what it attends to is said by `attend(to:slot:)`.
public final class EncoderDecoderBackend: CausalBackend {
  private let cache: SequenceCache
  public let vocabularySize: Int
  public let slots: Int
  public let capacity: Int

  /// - Parameters:
  ///   - vocabulary: ids that the network knows.
  ///   - slots: targets that are decoded together.
  ///   - beams: slots that share a source, neighbours; divides `slots`.
  ///   - capacity: positions of a target, start token included.
  ///   - dtype: of matrix products.
  public init(
    _ network: any EncoderDecoder & SteppedDecoder, vocabulary: Int, slots: Int, beams: Int = 1, capacity: Int, dtype: DType = .float32, device: Device = .cpu
  ) {
    cache = SequenceCache(network, rows: slots, groupSize: beams, dtype: dtype, device: device)
    (vocabularySize, self.slots, self.capacity) = (vocabulary, slots, capacity)
  }

  public convenience init(_ model: EncoderDecoderModel, slots: Int, beams: Int = 1, capacity: Int) {
    self.init(
      model.network, vocabulary: model.config.vocabularySize, slots: slots, beams: beams, capacity: capacity, dtype: model.computeType, device: model.device)
  }

  public func attend(to source: [Int32], slot: Int) { cache.attend(to: source, row: slot) }

  public func run(_ tokens: CausalDecoder.Tokens, isPrompt: Bool, logits: inout [Float]) -> [Int32] {
    if logits.count < tokens.wanted.count * vocabularySize { logits = [Float](repeating: 0, count: tokens.wanted.count * vocabularySize) }
    var best = [Int32](repeating: 0, count: tokens.wanted.count)
    var next = 0
    while next < tokens.count {
      // One token of each slot at a time: tokens of a slot are neighbours, so a prompt goes through step by step.
      var (inputs, indices) = ([(id: Int32, position: Int)?](repeating: nil, count: slots), [Int: Int]())
      while next < tokens.count, inputs[Int(tokens.slots[next])] == nil {
        let slot = Int(tokens.slots[next])
        inputs[slot] = (tokens.ids[next], Int(tokens.positions[next]))
        indices[next] = slot
        next += 1
      }
      let output = cache.step(inputs)  // (slots, vocabulary)
      for (place, token) in tokens.wanted.enumerated() {
        guard let slot = indices[Int(token)] else { continue }
        let row = output[slot].array(Float.self)
        logits.replaceSubrange(place * vocabularySize..<(place + 1) * vocabularySize, with: row)
        best[place] = Int32(TokenSampler.firstLargest(row))
      }
    }
    return best
  }

  public var promptTokens: Int { .max }

  public func likeliest(_ tokens: CausalDecoder.Tokens, isPrompt: Bool) -> [Int32] {
    var logits: [Float] = []
    return run(tokens, isPrompt: isPrompt, logits: &logits)
  }

  public func logProbabilities(_ tokens: CausalDecoder.Tokens, targets: [Int32]) -> (values: [Float], best: [Int32]) {
    var logits: [Float] = []
    let best = run(tokens, isPrompt: true, logits: &logits)
    let values = targets.enumerated().map { place, target in
      BeamSearch.logProbabilities(logits[place * vocabularySize..<(place + 1) * vocabularySize])[Int(target)]
    }
    return (values, best)
  }

  public func copy(_ positions: Range<Int>, from source: Int, to target: Int) { cache.copy(positions, from: source, to: target) }
}

extension SamplingOptions {
  /// What a folder asks of every answer.
  public init(_ rules: SequenceRules) {
    (forcedFirst, forcedLast) = (rules.forcedFirst, rules.forcedLast)
    (minimumLength, noRepeatNgramSize) = (rules.minimumLength, rules.noRepeatNgramSize)
  }
}

extension BeamSearchOptions {
  /// How a folder's answers are searched for.
  public mutating func adopt(_ rules: SequenceRules) {
    lengthPenalty = rules.lengthPenalty
    earlyStopping =
      switch rules.earlyStopping {
      case .heuristic: .heuristic
      case .always: .always
      case .never: .never
      }
  }
}
