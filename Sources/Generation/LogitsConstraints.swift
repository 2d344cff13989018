/// What may follow, before any randomness: the processors that greedy decoding, sampling and beam search share, in the order
/// in which transformers applies them.
struct LogitsConstraints {
  let options: SamplingOptions
  let endIDs: [Int32]
  /// Tokens of the prompt at the start of every history.
  let promptCount: Int
  /// New tokens that are allowed.
  var maximumNewTokens = Int.max

  /// - Parameters:
  ///   - scores: logits, or log probabilities in beam search; what may not follow becomes -inf.
  ///   - history: prompt and answer so far.
  func apply(_ scores: inout [Float], history: [Int32]) {
    if options.repetitionPenalty != 1 { penalise(&scores, history) }
    if options.noRepeatNgramSize > 0 { forbidRepeats(&scores, history) }
    for word in options.badWords where !(word.count == 1 && endIDs.contains(word[0])) { forbid(word, &scores, history) }
    if history.count < options.minimumLength || history.count - promptCount < options.minimumNewTokens { forbid(endIDs, &scores) }
    let count = history.count - promptCount
    if let first = options.forcedFirst, count == 0 { force([first], &scores) }
    if !options.forcedLast.isEmpty, count == maximumNewTokens - 1 { force(options.forcedLast, &scores) }
    forbid(options.suppressed, &scores)
  }

  private func force(_ ids: [Int32], _ scores: inout [Float]) {
    for index in scores.indices { scores[index] = -.infinity }
    for id in ids where scores.indices.contains(Int(id)) { scores[Int(id)] = 0 }
  }

  private func penalise(_ scores: inout [Float], _ history: [Int32]) {
    let penalty = Float(options.repetitionPenalty)
    for id in Set(history) where scores.indices.contains(Int(id)) {
      let score = scores[Int(id)]
      scores[Int(id)] = score < 0 ? score * penalty : score / penalty
    }
  }

  private func forbidRepeats(_ scores: inout [Float], _ history: [Int32]) {
    let size = options.noRepeatNgramSize
    guard history.count >= size else { return }
    let prefix = history.suffix(size - 1)
    for start in 0...history.count - size where history[start..<start + size - 1].elementsEqual(prefix) {
      forbid([history[start + size - 1]], &scores)
    }
  }

  private func forbid(_ word: [Int32], _ scores: inout [Float], _ history: [Int32]) {
    guard let last = word.last, word.count - 1 <= history.count, history.suffix(word.count - 1).elementsEqual(word.dropLast()) else { return }
    forbid([last], &scores)
  }

  private func forbid(_ ids: [Int32], _ scores: inout [Float]) {
    for id in ids where scores.indices.contains(Int(id)) { scores[Int(id)] = -.infinity }
  }
}
