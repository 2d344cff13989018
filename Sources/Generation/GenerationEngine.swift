public import Tokenizers
import Torch

/// Continues many prompts at once: each takes a slot of the cache while it runs, and a slot that becomes free is filled from
/// the queue at the next step.
///
/// ```swift
/// let engine = GenerationEngine(backend, tokenizer: tokenizer)
/// for request in requests { try engine.submit(request) { print($0.text) } }
/// while !engine.isIdle { engine.step() }
/// ```
/// An answer depends on its request alone: not on the batch, the slot, the order, or how much of the prompt was shared.
public final class GenerationEngine {
  let backend: any CausalBackend
  let tokenizer: (any Tokenizer)?
  /// Tokens of prompts that one step computes; nil computes every prompt that has a slot to its end.
  let promptPiece: Int?
  var table: SlotTable
  private var queue: [Waiting] = []
  private var nextInQueue = 0
  /// Requests with a slot, in the order of the queue: those whose prompts are being computed, and those that are answered.
  var entering: [Sequence] = []
  var running: [Sequence] = []
  private var submitted = 0
  var tokens = CausalDecoder.Tokens()
  var logits: [Float] = []
  var scored: ScoredPrompts

  /// Tokens of prompts that were found in the cache instead of computed.
  public internal(set) var sharedTokens = 0

  /// - Parameters:
  ///   - tokenizer: turns answers into text; stop strings need it.
  ///   - interleavesPrompts: computes long prompts in pieces between the steps of running answers, so that these do not wait for a whole
  ///     prompt, where the backend can do so without a change to any number.
  public init(_ backend: any CausalBackend, tokenizer: (any Tokenizer)? = nil, interleavesPrompts: Bool = false) {
    self.backend = backend
    self.tokenizer = tokenizer
    promptPiece = interleavesPrompts ? backend.promptPiece : nil
    table = SlotTable(count: backend.slots)
    scored = ScoredPrompts(slots: backend.slots)
  }

  /// Nothing runs and nothing waits.
  public var isIdle: Bool { running.isEmpty && entering.isEmpty && nextInQueue == queue.count }

  /// Requests that no slot has taken yet.
  public var waitingCount: Int { queue.count - nextInQueue }

  /// Requests that have a slot.
  public var runningCount: Int { entering.count + running.count }

  /// Puts a request at the end of the queue.
  /// - Parameters:
  ///   - onToken: receives each new token with its log probability before its text, where the request asks for them.
  ///   - onText: receives the answer's text as it becomes certain, in whole characters and never part of a stop string.
  ///   - whenDone: receives the answer. May submit further requests.
  /// - Returns: a number by which `cancel` knows it.
  /// - Throws: `GenerationError` for a request that no slot can hold.
  @discardableResult
  public func submit(
    _ request: GenerationRequest, onToken: ((TokenLogProbability) -> Void)? = nil, onText: ((String) -> Void)? = nil, whenDone: @escaping (GenerationResult) -> Void
  ) throws(GenerationError) -> Int {
    guard !request.prompt.isEmpty else { throw .emptyPrompt }
    guard request.prompt.count < backend.capacity else { throw .promptTooLong(tokens: request.prompt.count, capacity: backend.capacity) }
    if let id = (request.source + request.prompt).first(where: { $0 < 0 || Int($0) >= backend.vocabularySize }) {
      throw .idOutside(vocabulary: backend.vocabularySize, id: id)
    }
    guard request.stopStrings.isEmpty || tokenizer != nil else { throw .noTokenizer }
    submitted += 1
    queue.append(Waiting(id: submitted, request: request, onToken: onToken, onText: onText, whenDone: whenDone))
    return submitted
  }

  /// Takes a request out, waiting or running; its `whenDone` is not called.
  public func cancel(_ id: Int) {
    if let index = running.firstIndex(where: { $0.id == id }) { table.release(running.remove(at: index).slot) }
    if let index = entering.firstIndex(where: { $0.id == id }) {
      let sequence = entering.remove(at: index)
      table.release(sequence.slot, holding: sequence.computed)
    }
    queue = queue[nextInQueue...].filter { $0.id != id }
    nextInQueue = 0
  }

  /// All answers, in the order of the requests.
  public func generate(_ requests: [GenerationRequest]) throws(GenerationError) -> [GenerationResult] {
    var results = [GenerationResult?](repeating: nil, count: requests.count)
    for (index, request) in requests.enumerated() { try submit(request) { results[index] = $0 } }
    while !isIdle { step() }
    return results.compactMap { $0 }
  }

  /// Computes prompts, of requests that find a free slot, then gives every running request one more token.
  public func step() {
    if promptPiece == nil {
      while hasNext { computePrompts() }
    } else if hasNext || !entering.isEmpty {
      computePrompts()
    }
    guard !running.isEmpty else { return }
    tokens.removeAll()
    for sequence in running {
      tokens.append(sequence.history.last!, slot: sequence.slot, position: sequence.history.count - 1, isWanted: true)
    }
    run(running, isPrompt: false)
  }

  /// The request that gets the next slot; nil without one, or without a free slot.
  var next: GenerationRequest? { hasNext ? queue[nextInQueue].request : nil }
  private var hasNext: Bool { nextInQueue < queue.count && table.hasRoom }

  func takeFirst() -> Waiting {
    let first = queue[nextInQueue]
    nextInQueue += 1
    // What was taken is let go, though a busy server's queue is never empty.
    if 2 * nextInQueue > queue.count {
      queue.removeFirst(nextInQueue)
      nextInQueue = 0
    }
    return first
  }

  /// Runs `tokens`, of which the last of each sequence is wanted, and takes each sequence a token further.
  func run(_ sequences: [Sequence], isPrompt: Bool) {
    let width = backend.vocabularySize
    let needsLogits = sequences.contains(where: \.needsLogits)
    let best = needsLogits ? backend.run(tokens, isPrompt: isPrompt, logits: &logits) : backend.likeliest(tokens, isPrompt: isPrompt)
    for (row, sequence) in sequences.enumerated() { advance(sequence, needsLogits ? logits[row * width..<(row + 1) * width] : [], best[row]) }
  }

  func advance(_ sequence: Sequence, _ scores: ArraySlice<Float>, _ best: Int32) {
    let id = sequence.sampler.next(scores, best: best, history: sequence.history)
    sequence.history.append(id)
    if let top = sequence.request.topLogProbabilities {
      let told = TokenLogProbability(scores, id: id, top: top)
      sequence.logProbabilities.append(told)
      sequence.onToken?(told)
    }
    if sequence.request.endIDs.contains(id) { return finish(sequence, .end(id)) }
    if let piece = sequence.text?.append(id), !piece.isEmpty, let stop = emit(sequence, piece) { return finish(sequence, .stopString(stop)) }
    if sequence.newIDs.count >= sequence.request.maximumNewTokens { return finish(sequence, .length) }
    if sequence.history.count > backend.capacity { finish(sequence, .capacity) }
  }

  /// Hands text on; the stop string, if it was reached.
  private func emit(_ sequence: Sequence, _ piece: String) -> String? {
    let outcome = sequence.stop.append(piece)
    if !outcome.text.isEmpty {
      sequence.answer += outcome.text
      sequence.onText?(outcome.text)
    }
    return outcome.stop
  }

  func finish(_ sequence: Sequence, _ reason: GenerationResult.Finish) {
    var reason = reason
    let wasStopped = if case .stopString = reason { true } else { false }
    if !wasStopped, var stream = sequence.text {
      let last = stream.finish()
      // Half a character at the end may still complete a stop string before it.
      if let stop = emit(sequence, last) {
        reason = .stopString(stop)
      } else {
        let held = sequence.stop.finish()
        sequence.answer += held
        if !held.isEmpty { sequence.onText?(held) }
      }
    }
    running.removeAll { $0 === sequence }
    table.release(sequence.slot)
    sequence.whenDone(
      GenerationResult(
        ids: Array(sequence.newIDs), text: sequence.answer, finish: reason, logProbabilities: sequence.logProbabilities,
        promptLogProbabilities: sequence.promptLogProbabilities))
  }
}
