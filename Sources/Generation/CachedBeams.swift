public import Torch

/// Beam search over a decoder-only model.
public final class CachedBeams: BeamModel {
  private let backend: any CausalBackend
  private let prompt: [Int32]
  private var places: BeamSlots
  private var length: Int
  private var logits: [Float] = []

  /// - Precondition: the backend has a slot for each beam, and nothing else runs on it.
  public init(_ backend: any CausalBackend, prompt: [Int32]) {
    self.backend = backend
    self.prompt = prompt
    places = BeamSlots(0..<backend.slots, promptCount: prompt.count)
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
    places.follow(parents, length: length, in: backend)
    var tokens = CausalDecoder.Tokens()
    for (slot, id) in zip(places.slots, next) { tokens.append(id, slot: slot, position: length, isWanted: true) }
    _ = backend.run(tokens, isPrompt: false, logits: &logits)
    length += 1
    return Array(logits.prefix(parents.count * vocabularySize))
  }
}
