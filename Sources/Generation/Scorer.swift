import Torch

/// Log likelihoods of continuations: how probable a model finds each of several texts after a prompt.
public final class Scorer {
  /// What a continuation got.
  public struct Score: Sendable, Equatable {
    /// log p of each token, given the prompt and the tokens before it.
    public var tokens: [Float]
    /// Whether each token was the likeliest in its place.
    public var isGreedy: Bool

    /// log p of the whole continuation.
    public var sum: Double { tokens.reduce(0) { $0 + Double($1) } }
    /// log p a token; 0 for an empty continuation.
    public var mean: Double { tokens.isEmpty ? 0 : sum / Double(tokens.count) }
  }

  private let backend: any CausalBackend
  private var table: SlotTable

  public init(_ backend: any CausalBackend) {
    self.backend = backend
    table = SlotTable(count: backend.slots)
  }

  /// Scores each continuation after `prompt`, which is computed once, and not at all as far as an earlier prompt began alike.
  /// - Throws: `GenerationError` when the prompt is empty or does not fit the cache with its longest continuation.
  public func score(_ continuations: [[Int32]], after prompt: [Int32]) throws(GenerationError) -> [Score] {
    guard !prompt.isEmpty else { throw .emptyPrompt }
    let longest = prompt.count + (continuations.map(\.count).max() ?? 0)
    guard longest <= backend.capacity else { throw .promptTooLong(tokens: longest, capacity: backend.capacity) }
    for id in prompt + continuations.joined() where id < 0 || Int(id) >= backend.vocabularySize {
      throw .idOutside(vocabulary: backend.vocabularySize, id: id)
    }
    guard let place = table.place(prompt) else { preconditionFailure("a scorer keeps no slot") }
    defer { table.release(place.slot) }
    if let source = place.source { backend.copy(0..<place.shared, from: source, to: place.slot) }

    var scores = [Score](repeating: Score(tokens: [], isGreedy: true), count: continuations.count)
    func take(_ results: (values: [Float], best: [Int32]), _ owners: [Int], _ targets: [Int32]) {
      for (i, owner) in owners.enumerated() {
        scores[owner].tokens.append(results.values[i])
        if results.best[i] != targets[i] { scores[owner].isGreedy = false }
      }
    }
    // The last token of the prompt predicts the first of every continuation.
    let present = continuations.indices.filter { !continuations[$0].isEmpty }
    var tokens = CausalDecoder.Tokens()
    for position in place.shared..<prompt.count { tokens.append(prompt[position], slot: place.slot, position: position, isWanted: false) }
    tokens.wanted = present.map { _ in Int32(tokens.count - 1) }
    let firsts = present.map { continuations[$0][0] }
    take(backend.logProbabilities(tokens, targets: firsts), present, firsts)

    // The rest of each, as many side by side as there are slots.
    let longer = present.filter { continuations[$0].count > 1 }
    let slots = [place.slot] + (0..<backend.slots).filter { $0 != place.slot }
    for start in stride(from: 0, to: longer.count, by: slots.count) {
      tokens.removeAll()
      var (owners, targets): ([Int], [Int32]) = ([], [])
      for (slot, owner) in zip(slots, longer[start..<min(start + slots.count, longer.count)]) {
        if slot != place.slot, !table.lend(slot, to: prompt) { backend.copy(0..<prompt.count, from: place.slot, to: slot) }
        for (offset, id) in continuations[owner].dropLast().enumerated() {
          tokens.append(id, slot: slot, position: prompt.count + offset, isWanted: true)
          owners.append(owner)
          targets.append(continuations[owner][offset + 1])
        }
      }
      take(backend.logProbabilities(tokens, targets: targets), owners, targets)
    }
    return scores
  }
}
