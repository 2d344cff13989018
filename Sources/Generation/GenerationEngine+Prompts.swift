import Torch

// How requests get their slots, and prompts into the cache.
extension GenerationEngine {
  /// Tokens of a prompt whose logits are computed together, so that they need little room.
  private static let scoredTogether = 64

  /// One pass: what the cache lacks of the prompts that have a slot, at most a piece where prompts are computed in pieces. Those that are there to
  /// the end get the first tokens of their answers.
  func computePrompts() {
    admit()
    guard let first = entering.first else { return }
    if first.request.scoresPrompt { return score(first) }
    tokens.removeAll()
    for sequence in entering {
      let prompt = sequence.request.prompt
      let end = min(prompt.count, sequence.computed + (promptPiece ?? .max / 2) - tokens.count)
      guard sequence.computed < end else { break }
      for position in sequence.computed..<end {
        tokens.append(prompt[position], slot: sequence.slot, position: position, isWanted: position == prompt.count - 1)
      }
      sequence.computed = end
    }
    let ready = entering.filter(\.isComputed)
    entering.removeAll(where: \.isComputed)
    running += ready
    run(ready, isPrompt: true)
  }

  /// Gives slots to the next requests, as many as the pass has room for. One whose prompt is scored has the pass for itself.
  private func admit() {
    var planned = entering.reduce(0) { $0 + $1.request.prompt.count - $1.computed }
    while let request = next {
      if !entering.isEmpty {
        if request.scoresPrompt || entering[0].request.scoresPrompt { return }
        let isFull = promptPiece.map { planned >= $0 } ?? (planned + request.prompt.count > backend.promptTokens)
        if isFull || table.shouldWait(request.prompt, for: Set(entering.map(\.slot))) { return }
      }
      let waiting = takeFirst()
      guard request.maximumNewTokens > 0 || request.scoresPrompt else {
        waiting.whenDone(GenerationResult(ids: [], text: "", finish: .length))
        continue
      }
      let sequence = place(waiting)
      planned += request.prompt.count - sequence.computed
      entering.append(sequence)
    }
  }

  /// Puts a request into a free slot, with what the cache has of its prompt.
  private func place(_ waiting: Waiting) -> Sequence {
    let request = waiting.request
    guard let place = table.place(request.prompt, arriving: Set(entering.map(\.slot))) else { preconditionFailure("a request was admitted to a full cache") }
    var computed = place.shared
    var known: [TokenLogProbability] = []
    if !request.source.isEmpty {
      computed = 0  // what a token's keys are depends on the source too
      backend.attend(to: request.source, slot: place.slot)
    } else if let source = place.source {
      backend.copy(0..<computed, from: source, to: place.slot)
    }
    if request.scoresPrompt {
      // What is known says how likely tokens 1, 2, … are; the last of these is run again, since another token follows it here.
      known = scored.prefix(of: place.source ?? place.slot, tokens: computed, top: request.topLogProbabilities ?? 0)
      computed = known.count
    }
    scored.forget(place.slot)
    sharedTokens += computed
    let sequence = Sequence(waiting, slot: place.slot, computed: computed, tokenizer: tokenizer)
    sequence.promptLogProbabilities = known
    return sequence
  }

  /// Computes a prompt with the logits of every token, piece by piece, and at its end the first token of its answer.
  private func score(_ sequence: Sequence) {
    repeat { scorePiece(sequence) } while promptPiece == nil && !sequence.isComputed
  }

  private func scorePiece(_ sequence: Sequence) {
    let (request, width) = (sequence.request, backend.vocabularySize)
    let (prompt, start, top) = (request.prompt, sequence.computed, request.topLogProbabilities ?? 0)
    let end = min(start + Self.scoredTogether, prompt.count)
    tokens.removeAll()
    for position in start..<end { tokens.append(prompt[position], slot: sequence.slot, position: position, isWanted: true) }
    let best = backend.run(tokens, isPrompt: true, logits: &logits)
    for position in start..<min(end, prompt.count - 1) {
      let row = logits[(position - start) * width..<(position - start + 1) * width]
      sequence.promptLogProbabilities.append(TokenLogProbability(row, id: prompt[position + 1], top: top))
    }
    sequence.computed = end
    guard sequence.isComputed else { return }
    scored.keep(sequence.promptLogProbabilities, top: top, slot: sequence.slot)
    entering.removeAll { $0 === sequence }
    running.append(sequence)
    let last = end - 1 - start
    if request.maximumNewTokens > 0 { advance(sequence, logits[last * width..<(last + 1) * width], best[last]) } else { finish(sequence, .length) }
  }
}
