import Torch

/// Beam search over many prompts at once: each search has as many slots as beams, and the next in the queue takes them over when it ends.
///
/// An answer depends on its prompt and source alone, not on the searches beside it.
public final class BeamEngine {
  private final class Running {
    var course: BeamSearch.Course
    var places: BeamSlots
    var length: Int
    /// What is fed next; nil before the prompt.
    var next: [Int32]?
    let whenDone: ([BeamResult]) -> Void

    init(_ course: BeamSearch.Course, _ places: BeamSlots, length: Int, whenDone: @escaping ([BeamResult]) -> Void) {
      (self.course, self.places, self.length, self.whenDone) = (course, places, length, whenDone)
    }
  }

  private struct Waiting {
    let source, prompt: [Int32]
    let whenDone: ([BeamResult]) -> Void
  }

  private let backend: any CausalBackend
  private let search: BeamSearch
  private var queue: [Waiting] = []
  /// By place.
  private var running: [Running?]
  private var logits: [Float] = []

  /// - Parameter backend: with slots for at least one search; of an encoder-decoder, whose beams share sources.
  public init(_ backend: any CausalBackend, options: BeamSearchOptions) {
    precondition(backend.slots >= options.beams, "\(options.beams) beams in a cache of \(backend.slots) slots")
    (self.backend, search) = (backend, BeamSearch(options))
    running = Array(repeating: nil, count: backend.slots / options.beams)
  }

  /// Nothing runs and nothing waits.
  public var isIdle: Bool { queue.isEmpty && running.allSatisfy { $0 == nil } }
  /// Prompts that no place has taken yet.
  public var waitingCount: Int { queue.count }

  /// Puts a prompt at the end of the queue.
  /// - Parameter source: of an encoder-decoder; empty of a decoder.
  /// - Throws: `GenerationError` for one that the cache cannot hold.
  public func submit(source: [Int32] = [], prompt: [Int32], whenDone: @escaping ([BeamResult]) -> Void) throws(GenerationError) {
    guard !prompt.isEmpty else { throw .emptyPrompt }
    guard prompt.count < backend.capacity else { throw .promptTooLong(tokens: prompt.count, capacity: backend.capacity) }
    if let id = (source + prompt).first(where: { $0 < 0 || Int($0) >= backend.vocabularySize }) {
      throw .idOutside(vocabulary: backend.vocabularySize, id: id)
    }
    queue.append(Waiting(source: source, prompt: prompt, whenDone: whenDone))
  }

  /// Fills free places from the queue, then gives every search one more token.
  public func step() {
    for place in running.indices where running[place] == nil && !queue.isEmpty { admit(queue.removeFirst(), at: place) }
    var tokens = CausalDecoder.Tokens()
    for search in running.compactMap({ $0 }) {
      for (slot, id) in zip(search.places.slots, search.next ?? []) { tokens.append(id, slot: slot, position: search.length, isWanted: true) }
    }
    guard tokens.count > 0 else { return }
    _ = backend.run(tokens, isPrompt: false, logits: &logits)
    var start = 0
    for place in running.indices {
      guard let search = running[place], let count = search.next?.count else { continue }
      let size = count * backend.vocabularySize
      search.length += 1
      advance(search, at: place, logits[start..<start + size])
      start += size
    }
  }

  /// Computes the prompt, and the first token of each hypothesis.
  private func admit(_ waiting: Waiting, at place: Int) {
    let beams = search.options.beams
    let places = BeamSlots(place * beams..<(place + 1) * beams, promptCount: waiting.prompt.count)
    if !waiting.source.isEmpty { backend.attend(to: waiting.source, slot: places.range.lowerBound) }
    var tokens = CausalDecoder.Tokens()
    for (position, id) in waiting.prompt.enumerated() {
      tokens.append(id, slot: places.range.lowerBound, position: position, isWanted: position == waiting.prompt.count - 1)
    }
    _ = backend.run(tokens, isPrompt: true, logits: &logits)
    let search = Running(self.search.course(prompt: waiting.prompt), places, length: waiting.prompt.count, whenDone: waiting.whenDone)
    running[place] = search
    advance(search, at: place, logits[0..<backend.vocabularySize])
  }

  private func advance(_ search: Running, at place: Int, _ logits: ArraySlice<Float>) {
    guard search.length < backend.capacity, let next = search.course.step(logits, width: backend.vocabularySize) else {
      running[place] = nil
      return search.whenDone(search.course.results)
    }
    search.places.follow(next.parents, length: search.length, in: backend)
    search.next = next.tokens
  }
}
