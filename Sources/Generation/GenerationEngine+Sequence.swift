import Tokenizers

extension GenerationEngine {
  /// A request in the queue.
  struct Waiting {
    let id: Int
    let request: GenerationRequest
    let onToken: ((TokenLogProbability) -> Void)?
    let onText: ((String) -> Void)?
    let whenDone: (GenerationResult) -> Void
  }

  /// A request that has a slot.
  final class Sequence {
    let id: Int
    let request: GenerationRequest
    let slot: Int
    /// Tokens of the prompt whose keys and values are in the slot.
    var computed: Int
    var sampler: TokenSampler
    var history: [Int32]
    var text: StreamingDecoder?
    var stop: StopMatcher
    var answer = ""
    var logProbabilities: [TokenLogProbability] = []
    var promptLogProbabilities: [TokenLogProbability] = []
    let onToken: ((TokenLogProbability) -> Void)?
    let onText: ((String) -> Void)?
    let whenDone: (GenerationResult) -> Void

    init(_ waiting: Waiting, slot: Int, computed: Int, tokenizer: (any Tokenizer)?) {
      let request = waiting.request
      (id, self.request, self.slot, self.computed, history) = (waiting.id, request, slot, computed, request.prompt)
      sampler = TokenSampler(
        request.sampling, endIDs: request.endIDs, promptCount: request.prompt.count, maximumNewTokens: request.maximumNewTokens, seed: request.seed)
      text = tokenizer?.streamingDecoder(skipSpecialTokens: true)
      stop = StopMatcher(request.stopStrings)
      (onToken, onText, whenDone) = (waiting.onToken, waiting.onText, waiting.whenDone)
    }

    var needsLogits: Bool { !sampler.options.isPlainGreedy || request.topLogProbabilities != nil }
    var newIDs: ArraySlice<Int32> { history[request.prompt.count...] }
    var isComputed: Bool { computed == request.prompt.count }
  }
}
