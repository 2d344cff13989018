import Files
@testable import Generation
import TestSupport
import Testing
import Torch

/// Prompts that are computed in pieces between the steps of running answers, as a server does.
@Suite(.serialized) struct PromptPieceTests {
  /// A decoder that takes prompts in pieces of some size, and remembers its calls.
  private final class Pieces: CausalBackend {
    enum Call: Equatable { case prompt(Int), step(Int) }
    private let inner: any CausalBackend
    let promptPiece: Int?
    private(set) var calls: [Call] = []
    init(_ inner: any CausalBackend, _ piece: Int?) { (self.inner, promptPiece) = (inner, piece) }
    var vocabularySize: Int { inner.vocabularySize }
    var slots: Int { inner.slots }
    var capacity: Int { inner.capacity }
    var promptTokens: Int { inner.promptTokens }
    func run(_ tokens: CausalDecoder.Tokens, isPrompt: Bool, logits: inout [Float]) -> [Int32] {
      calls.append(isPrompt ? .prompt(tokens.count) : .step(tokens.count))
      return inner.run(tokens, isPrompt: isPrompt, logits: &logits)
    }
    func likeliest(_ tokens: CausalDecoder.Tokens, isPrompt: Bool) -> [Int32] {
      calls.append(isPrompt ? .prompt(tokens.count) : .step(tokens.count))
      return inner.likeliest(tokens, isPrompt: isPrompt)
    }
    func logProbabilities(_ tokens: CausalDecoder.Tokens, targets: [Int32]) -> (values: [Float], best: [Int32]) { inner.logProbabilities(tokens, targets: targets) }
    func copy(_ positions: Range<Int>, from source: Int, to target: Int) { inner.copy(positions, from: source, to: target) }
  }

  private func engine(_ model: TinyModel, piece: Int?, slots: Int = 3) -> (engine: GenerationEngine, backend: Pieces) {
    let backend = Pieces(model.decoder(slots: slots), piece)
    return (GenerationEngine(backend, interleavesPrompts: true), backend)
  }

  /// Greedy, drawn, told, with scored prompts, beginning alike or not, one longer than the others.
  private var requests: [GenerationRequest] {
    (0..<14).map { i in
      var request = GenerationRequest(prompt: [1] + ids(i % 3 == 0 ? 90 : 4 + i * 7 % 31, from: i % 4 + 1), maximumNewTokens: 2 + i * 5 % 13, seed: UInt64(i), endIDs: [2])
      request.sampling.isSampled = i % 2 == 1
      if i % 4 == 1 { request.topLogProbabilities = 3 }
      if i % 5 == 3 { (request.scoresPrompt, request.topLogProbabilities) = (true, i % 2) }
      return request
    }
  }

  /// Every id and every log probability to the last bit, whatever the piece, the slots and the moment of arrival.
  @Test(arguments: [DType.float32, .bfloat16], [nil, 33]) func answersAreThoseOfWholePrompts(_ type: DType, _ window: Int?) throws {
    let model = try TinyModel(type: type, window.map { ["model_type": "mistral", "sliding_window": .integer($0)] } ?? [:])
    let alone = try requests.map { try GenerationEngine(model.decoder(slots: 1)).generate([$0])[0] }
    #expect(alone.contains { !$0.promptLogProbabilities.isEmpty } && alone.contains { !$0.logProbabilities.isEmpty })
    for (piece, slots) in [(1, 2), (7, 3), (32, 3), (50, 4), (256, 3)] {
      #expect(try engine(model, piece: piece, slots: slots).engine.generate(requests) == alone, "pieces of \(piece)")
      // Coming while others are answered.
      let late = engine(model, piece: piece, slots: slots).engine
      var results = [GenerationResult?](repeating: nil, count: requests.count)
      for (index, request) in requests.enumerated() {
        try late.submit(request) { results[index] = $0 }
        for _ in 0..<index % 4 { late.step() }
      }
      while !late.isIdle { late.step() }
      #expect(results == alone, "pieces of \(piece), coming late")
    }
  }

  @Test func runningAnswersGoOnBetweenThePieces() throws {
    let (engine, backend) = engine(try TinyModel(), piece: 16, slots: 2)
    var told = 0
    var first = GenerationRequest(prompt: ids(5, from: 1), maximumNewTokens: 30)
    first.topLogProbabilities = 0
    try engine.submit(first, onToken: { _ in told += 1 }) { _ in }
    engine.step()
    #expect(backend.calls == [.prompt(5), .step(1)] && told == 2)
    try engine.submit(GenerationRequest(prompt: ids(40, from: 7), maximumNewTokens: 4)) { _ in }
    for _ in 0..<3 { engine.step() }
    // Two pieces and what is left; the new answer's first step is with the running one.
    #expect(backend.calls.dropFirst(2) == [.prompt(16), .step(1), .prompt(16), .step(1), .prompt(8), .step(2)] && told == 5)
    #expect(engine.runningCount == 2 && engine.waitingCount == 0)
  }

  @Test func scoredPromptsLetRunningAnswersGoOnToo() throws {
    let (engine, backend) = engine(try TinyModel(), piece: 256, slots: 3)
    try engine.submit(GenerationRequest(prompt: ids(5, from: 1), maximumNewTokens: 30)) { _ in }
    engine.step()
    var scored = GenerationRequest(prompt: ids(100, from: 3), maximumNewTokens: 0)
    scored.scoresPrompt = true
    var result: GenerationResult?
    try engine.submit(scored) { result = $0 }
    try engine.submit(GenerationRequest(prompt: ids(9, from: 5), maximumNewTokens: 2)) { _ in }
    for _ in 0..<3 { engine.step() }
    #expect(backend.calls.dropFirst(2) == [.prompt(64), .step(1), .prompt(36), .step(1), .prompt(9), .step(2)] && result?.promptLogProbabilities.count == 99)
  }

  /// Short prompts share a pass; one that begins like a prompt under way waits for it and takes it from the cache.
  @Test func aPassIsFilledInTheOrderOfTheQueue() throws {
    let (engine, backend) = engine(try TinyModel(), piece: 20, slots: 4)
    let stem = ids(50, from: 2)
    for prompt in [ids(6, from: 1), ids(8, from: 9), stem, stem + ids(3, from: 4)] { try engine.submit(GenerationRequest(prompt: prompt, maximumNewTokens: 3)) { _ in } }
    while !engine.isIdle { engine.step() }
    let prompts = backend.calls.compactMap { if case .prompt(let count) = $0 { count } else { nil } }
    #expect(prompts == [20, 20, 20, 4 + 3] || prompts == [20, 20, 20, 4, 3])
    #expect(engine.sharedTokens == 50)
  }

  /// What was computed of a prompt that was given up may be used, and nothing else of it.
  @Test(arguments: [false, true]) func aPromptThatIsGivenUpHalfwayLeavesItsBeginning(_ isScored: Bool) throws {
    let model = try TinyModel()
    let piece = isScored ? 64 : 16
    for other in [false, true] {
      let (engine, _) = engine(model, piece: piece, slots: 1)
      // What lies in the slot before: another prompt, scored, longer than what will be there.
      var before = GenerationRequest(prompt: ids(110, from: 8), maximumNewTokens: 1)
      before.scoresPrompt = true
      _ = try engine.generate([before])
      var request = GenerationRequest(prompt: ids(100, from: 3), maximumNewTokens: 3)
      request.scoresPrompt = isScored
      let number = try engine.submit(request) { _ in Issue.record("a request that was given up has an answer") }
      engine.step()
      engine.cancel(number)
      #expect(engine.isIdle)
      let shared = engine.sharedTokens
      let next = other ? before : request
      #expect(try engine.generate([next])[0] == GenerationEngine(model.decoder(slots: 1)).generate([next])[0])
      if !other, !isScored { #expect(engine.sharedTokens - shared == piece) }
    }
  }

  /// Where pieces would change numbers, and where nobody asks for them, prompts are computed whole.
  @Test func promptsAreWholeWithoutPieces() throws {
    let model = try TinyModel()
    #expect(model.backend(.kernels).promptPiece == 256 && model.backend(.composed).promptPiece == nil && Parrot("x").promptPiece == nil)
    for interleaves in [true, false] {
      let backend = Pieces(model.decoder(), interleaves ? nil : 16)
      _ = try GenerationEngine(backend, interleavesPrompts: interleaves).generate([GenerationRequest(prompt: ids(60, from: 2), maximumNewTokens: 2)])
      #expect(backend.calls == [.prompt(60), .step(1)])
    }
  }
}
