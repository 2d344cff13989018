import Checkpoints
public import Configuration
import Datasets
public import Endpoints
import Files
import Generation
import Models
import Tokenizers
import Torch

/// A checkpoint of this machine, asked like any other model.
///
/// Requests that begin alike go to the cache side by side, so that what they share is computed once; replies come in that order. An answer
/// depends on its request alone: not on the batch, on earlier calls, or on how much was shared.
public final class LocalLanguageModel: LanguageModel {
  public struct Options: Sendable {
    /// Answers that are written at the same time. Changes speed and memory, not answers.
    public var slots = 8
    /// How conversations are shown: `auto`, `plain`, or a chat template by name.
    public var template = "auto"
    /// Decides, with the request, what is drawn where a request has no seed of its own.
    public var seed: UInt64 = 42
    public var runtime = RuntimeOptions()
    public init() {}
  }

  public let name: String
  public let identity: String
  /// What a user should know of the load, a sentence each.
  public let announcements: [String]

  private let model: AnsweringModel
  private let prompts: RequestPrompts
  private let ends: [Int32]
  private let options: Options
  private var backend: (any CausalBackend)?
  /// Whose account of the cache is true.
  private var occupant = Occupant.nobody

  private enum Occupant {
    case nobody
    case engine(GenerationEngine)
    case scorer(Scorer)
  }

  /// - Parameters:
  ///   - folder: of a model, or of an adapter that names its base model.
  ///   - adapter: the folder of an adapter for it.
  /// - Throws: `InputError` for files that cannot be read, and for a chat template that is not known.
  public init(_ folder: String, adapter: String? = nil, options: Options = .init()) throws {
    let compute = try ComputeChoice(options.runtime)
    let model = try AnsweringModel.load(folder, adapter: adapter, compute)
    (self.model, self.options, ends) = (model, options, try model.ends())
    prompts = try RequestPrompts(model: model.model.base, tokenizer: model.model.tokenizer, template: options.template, isEncoderDecoder: model.isEncoderDecoder)
    name = Self.name(folder, adapter: adapter)
    identity = try Self.identity(base: model.model.base, adapter: adapter ?? (AdapterFolder.isAdapter(folder) ? folder : nil), prompts, compute)
    announcements = model.model.announcements + ["conversations are shown \(prompts.shownAs)"]
  }

  /// An encoder-decoder answers only.
  public var canScore: Bool { !model.isEncoderDecoder }

  /// A request as the model reads it.
  package func promptIDs(_ request: ModelRequest) throws -> [Int32] { try prompts.ids(request.content) }

  // MARK: Answers

  private struct Item {
    let index: Int
    let input: (source: [Int32], prompt: [Int32])
    /// What requests are ordered by.
    let ids: [Int32]
  }

  public func answer(_ requests: [ModelRequest], until isStopped: () -> Bool, each: (_ index: Int, ModelReply) throws -> Void) throws {
    var items: [Item] = []
    var problems: [(index: Int, reason: String)] = []
    var capacity = 1
    for (index, request) in requests.enumerated() {
      if isStopped() { return }
      do {
        let ids = try prompts.ids(request.content)
        try checkLength(ids)
        items.append(Item(index: index, input: model.input(ids), ids: ids))
        capacity = max(capacity, model.capacity(prompt: ids.count, answer: request.maximumTokens))
      } catch {
        problems.append((index, "\(error)"))
      }
    }
    for problem in problems { try each(problem.index, .unanswered(problem.reason)) }
    guard !items.isEmpty else { return }
    items.sort { a, b in a.ids == b.ids ? a.index < b.index : a.ids.lexicographicallyPrecedes(b.ids) }
    let engine = try engine(capacity: capacity)
    // Given up or thrown out of, it still holds requests.
    defer { if !engine.isIdle { occupant = .nobody } }

    var finished: [(index: Int, prompt: Int, result: GenerationResult)] = []
    var waiting = items[...]
    while !waiting.isEmpty || !engine.isIdle {
      if isStopped() { return }
      // A few ahead of the slots, so that those that enter together are seen together.
      while let item = waiting.first, engine.waitingCount < options.slots {
        waiting = waiting.dropFirst()
        var problem: GenerationError?
        do throws(GenerationError) {
          try engine.submit(generation(requests[item.index], item)) { finished.append((item.index, item.ids.count, $0)) }
        } catch {
          problem = error
        }
        if let problem { try each(item.index, .unanswered("\(problem)")) }
      }
      engine.step()
      for done in finished { try each(done.index, .answer(answer(done.result, promptTokens: done.prompt))) }
      finished.removeAll()
    }
  }

  private func generation(_ request: ModelRequest, _ item: Item) -> GenerationRequest {
    var sampling = model.constraints
    if request.temperature > 0 {
      sampling.isSampled = true
      (sampling.temperature, sampling.topP) = (request.temperature, request.topP)
    }
    var generation = GenerationRequest(
      prompt: item.input.prompt, maximumNewTokens: request.maximumTokens, sampling: sampling, seed: request.temperature > 0 ? seed(request, item.ids) : 0, endIDs: ends,
      stopStrings: request.stop + prompts.stops(request.content))
    generation.source = item.input.source
    return generation
  }

  /// Of the request's words and its number among askings of the same ones.
  private func seed(_ request: ModelRequest, _ ids: [Int32]) -> UInt64 {
    contentDigest("\(request.seed ?? options.seed)", "\(request.repetition)", ids.map(String.init).joined(separator: " "))
  }

  private func answer(_ result: GenerationResult, promptTokens: Int) -> ModelAnswer {
    let finish: ModelAnswer.Finish =
      switch result.finish {
      case .end: .end
      case .stopString(let stop): stop == RequestPrompts.nextTurn ? .end : .stop
      case .length, .capacity: .length
      }
    return ModelAnswer(text: result.text, finish: finish, promptTokens: promptTokens, answerTokens: result.ids.count, model: name)
  }

  // MARK: Scores

  public func score(_ requests: [ScoreRequest], until isStopped: () -> Bool, each: (_ index: Int, ScoreReply) throws -> Void) throws {
    guard canScore else {
      for index in requests.indices { try each(index, .unanswered("an encoder-decoder gives no scores of continuations")) }
      return
    }
    var items: [(index: Int, prompt: [Int32], continuations: [[Int32]])] = []
    var problems: [(index: Int, reason: String)] = []
    for (index, request) in requests.enumerated() {
      if isStopped() { return }
      do {
        let (prompt, continuations) = try prompts.scored(request.content, request.continuations)
        try checkLength(prompt + (continuations.max { $0.count < $1.count } ?? []))
        items.append((index, prompt, continuations))
      } catch {
        problems.append((index, "\(error)"))
      }
    }
    for problem in problems { try each(problem.index, .unanswered(problem.reason)) }
    guard !items.isEmpty else { return }
    items.sort { a, b in a.prompt == b.prompt ? a.index < b.index : a.prompt.lexicographicallyPrecedes(b.prompt) }
    let scorer = try scorer(capacity: items.map { $0.prompt.count + ($0.continuations.map(\.count).max() ?? 0) }.max() ?? 1)
    for item in items {
      if isStopped() { return }
      let reply: ScoreReply
      do throws(GenerationError) {
        reply = .scores(try scorer.score(item.continuations, after: item.prompt).map { $0.tokens.map(Double.init) })
      } catch {
        reply = .unanswered("\(error)")
      }
      try each(item.index, reply)
    }
  }

  // MARK: The cache

  /// Nothing is cut: an answer to half a question is another answer.
  private func checkLength(_ ids: [Int32]) throws(GenerationError) {
    guard let limit = model.promptLimit(answer: 1), ids.count > limit else { return }
    throw .promptTooLong(tokens: ids.count, capacity: limit + 1)
  }

  private func engine(capacity: Int) throws -> GenerationEngine {
    let backend = try cache(capacity)
    if case .engine(let engine) = occupant { return engine }
    let engine = GenerationEngine(backend, tokenizer: model.model.tokenizer)
    occupant = .engine(engine)
    return engine
  }

  private func scorer(capacity: Int) throws -> Scorer {
    let backend = try cache(capacity)
    if case .scorer(let scorer) = occupant { return scorer }
    let scorer = Scorer(backend)
    occupant = .scorer(scorer)
    return scorer
  }

  /// A cache with at least so many positions a slot; the one that is there where it is large enough, with what it holds.
  private func cache(_ capacity: Int) throws -> any CausalBackend {
    let needed = model.isEncoderDecoder ? capacity : min(capacity, model.model.config.maximumLength)
    if let backend, backend.capacity >= needed { return backend }
    (backend, occupant) = (nil, .nobody)
    let made = try model.backend(slots: options.slots, beams: 1, capacity: needed)
    backend = made
    return made
  }

  // MARK: Names

  /// The folder's own name, with the adapter's.
  static func name(_ folder: String, adapter: String?) -> String {
    ([folder] + (adapter.map { [$0] } ?? [])).map(FileSystem.name).joined(separator: "+")
  }

  /// `local:` and digests of the weights, the adapter's files, how it is shown conversations and how it computes.
  private static func identity(base: String, adapter: String?, _ prompts: RequestPrompts, _ compute: ComputeChoice) throws -> String {
    func digest(_ text: String) -> String { String(Array(text.utf8).withUnsafeBytes(SHA256.digest).prefix(16)) }
    let weights = try BaseModelRecord(of: base).weights.map { "\($0.file) \($0.sha256)\n" }.joined()
    let tuning = try adapter.map { "+" + digest(try RunManifest.files($0).encoded()) } ?? ""
    return "local:\(digest(weights))\(tuning):\(prompts.template?.rawValue ?? "transcript"):\(compute.device.isCPU ? "cpu" : "gpu"):\(compute.dtype)"
  }
}
