public import Torch

/// Beam search over a decoder-only model: each hypothesis has a slot of the cache, and moves only when two continue the same one.
public final class CachedBeams: BeamModel {
  private let backend: any CausalBackend
  private let prompt: [Int32]
  /// Of each hypothesis.
  private var slots: [Int] = [0]
  private var length: Int
  private var logits: [Float] = []
  /// Slots whose cache holds the prompt.
  private var prepared: Set<Int> = [0]

  /// - Precondition: the backend has a slot for each beam, and nothing else runs on it.
  public init(_ backend: any CausalBackend, prompt: [Int32]) {
    self.backend = backend
    self.prompt = prompt
    length = prompt.count
  }

  public var vocabularySize: Int { backend.vocabularySize }

  public func start() -> [Float] {
    var tokens = CausalDecoder.Tokens()
    for (position, id) in prompt.enumerated() { tokens.append(id, slot: 0, position: position, isWanted: position == prompt.count - 1) }
    _ = backend.run(tokens, isPrompt: true, logits: &logits)
    return Array(logits.prefix(vocabularySize))
  }

  public func advance(_ parents: [Int], _ next: [Int32]) -> [Float] {
    precondition(parents.count <= backend.slots, "\(parents.count) beams in a cache of \(backend.slots) slots")
    // The first to continue a hypothesis stays in its slot; others take slots that nobody continues.
    var taken: Set<Int> = []
    let places = parents.map { parent -> Int? in taken.insert(slots[parent]).inserted ? slots[parent] : nil }
    var free = (0..<backend.slots).filter { !taken.contains($0) }
    let assigned = zip(places, parents).map { place, parent -> Int in
      if let place { return place }
      let slot = free.removeFirst()
      backend.copy((prepared.insert(slot).inserted ? 0 : prompt.count)..<length, from: slots[parent], to: slot)
      return slot
    }
    slots = assigned
    var tokens = CausalDecoder.Tokens()
    for (slot, id) in zip(slots, next) { tokens.append(id, slot: slot, position: length, isWanted: true) }
    _ = backend.run(tokens, isPrompt: false, logits: &logits)
    length += 1
    return Array(logits.prefix(parents.count * vocabularySize))
  }
}
