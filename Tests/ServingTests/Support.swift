import Checkpoints
import Configuration
import Dispatch
import Endpoints
import Files
import Generation
import Glibc
import Models
import Synchronization
import TestSupport
import Testing
import Tokenizers
import Torch

@testable import Recipes
@testable import Serving

/// Holds every suite here: one server at a time.
@Suite(.serialized) enum ServingTests {}

/// A random LLaMA of `attune init`, and what its engine says without a server.
struct TinyServer {
  let folder: String
  var job: ServeJob {
    var job = ServeJob(model: "\(folder)/tiny")
    (job.runtime.device, job.runtime.precision, job.runtime.threads) = (.cpu, .fp32, 1)
    (job.slots, job.context) = (2, 256)
    return job
  }

  init(in folder: String) throws {
    self.folder = folder
    var job = InitJob(architecture: .llama, output: "\(folder)/tiny", seed: 3)
    job.console.detail = .quiet
    try Initialise(job: job).run()
  }

  func prompts() throws -> RequestPrompts {
    try RequestPrompts(model: "\(folder)/tiny", tokenizer: try Tokenizers.load("\(folder)/tiny"), template: "auto", isEncoderDecoder: false)
  }

  /// The engine's own answer, alone.
  func answer(_ content: ModelRequest.Content, _ tokens: Int, _ change: (inout GenerationRequest) -> Void = { _ in }) throws -> GenerationResult {
    let loaded = try Serve(job: job).load()
    let prompts = try prompts()
    var request = GenerationRequest(prompt: try prompts.ids(content), maximumNewTokens: tokens, endIDs: loaded.model.endIDs, stopStrings: prompts.stops(content))
    change(&request)
    return try GenerationEngine(loaded.backend, tokenizer: loaded.model.tokenizer).generate([request])[0]
  }

  /// log p of each id after the first, by a whole forward pass.
  func logProbabilities(_ ids: [Int32]) throws -> [Float] {
    let model = try CausalModel.load("\(folder)/tiny", frozen: true, frozenType: .float32)
    let width = model.config.vocabularySize
    let logs = withoutGradients { model.network.logits(PackedTokens(ids: ids, lengths: [ids.count])).logSoftmax(dim: -1) }.array(Float.self)
    return (1..<ids.count).map { logs[($0 - 1) * width + Int(ids[$0])] }
  }
}

/// A backend that takes its time, or waits for leave.
final class Paced: CausalBackend {
  private let inner: any CausalBackend
  private let pace: Pace
  init(_ inner: any CausalBackend, _ pace: Pace) { (self.inner, self.pace) = (inner, pace) }
  var vocabularySize: Int { inner.vocabularySize }
  var slots: Int { inner.slots }
  var capacity: Int { inner.capacity }
  var promptTokens: Int { inner.promptTokens }
  /// Small, so that every prompt here is computed in pieces.
  var promptPiece: Int? { inner.promptPiece.map { min($0, 16) } }
  func run(_ tokens: CausalDecoder.Tokens, isPrompt: Bool, logits: inout [Float]) -> [Int32] {
    pace.wait()
    return inner.run(tokens, isPrompt: isPrompt, logits: &logits)
  }
  func likeliest(_ tokens: CausalDecoder.Tokens, isPrompt: Bool) -> [Int32] {
    pace.wait()
    return inner.likeliest(tokens, isPrompt: isPrompt)
  }
  func logProbabilities(_ tokens: CausalDecoder.Tokens, targets: [Int32]) -> (values: [Float], best: [Int32]) { inner.logProbabilities(tokens, targets: targets) }
  func copy(_ positions: Range<Int>, from source: Int, to target: Int) { inner.copy(positions, from: source, to: target) }
}

/// How fast a model goes, and whether it is let.
final class Pace: Sendable {
  private let microseconds = Atomic<Int>(0)
  private let isHeld = Atomic<Bool>(false)
  func slow(_ time: Int) { microseconds.store(time, ordering: .relaxed) }
  func hold() { isHeld.store(true, ordering: .relaxed) }
  func release() { isHeld.store(false, ordering: .relaxed) }
  fileprivate func wait() {
    while isHeld.load(ordering: .relaxed) { usleep(500) }
    let time = microseconds.load(ordering: .relaxed)
    if time > 0 { usleep(UInt32(time)) }
  }
}

/// A server that runs beside a test.
final class Running: Sendable {
  let pace = Pace()
  private let lines = Mutex<[String]>([])
  private let isStopped = Atomic<Bool>(false)
  private let ending = Mutex<Result<Server.Ending, any Error>?>(nil)
  private let ready = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let port = Atomic<Int>(0)

  var log: [String] { lines.withLock { $0 } }
  var client: Client { Client(port: port.load(ordering: .relaxed)) }

  init(_ job: ServeJob, _ options: ServingOptions) throws {
    Thread.start { [self] in
      let result = Result {
        let loaded = try Serve(job: job).load()
        return try Server(loaded.model, options: options, log: { [self] line in lines.withLock { $0.append(line) } }).run(
          Paced(loaded.backend, pace),
          onReady: { [self] in
            port.store($0, ordering: .relaxed)
            ready.signal()
          }, until: { [self] in isStopped.load(ordering: .relaxed) })
      }
      ending.withLock { $0 = result }
      ready.signal()
      ended.signal()
    }
    ready.wait()
    if let result = ending.withLock({ $0 }) { _ = try result.get() }
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  /// Waits for the end after `stop`.
  func end() throws -> Server.Ending {
    ended.wait()
    defer { ended.signal() }
    return try ending.withLock { $0 }!.get()
  }

  /// Waits until the log has so many lines with these words.
  func waitForLog(_ words: String, count: Int) -> Bool {
    for _ in 0..<20_000 {
      if log.count(where: { $0.contains(words) }) == count { return true }
      usleep(500)
    }
    return false
  }
}

/// Threads that are not Swift's few: they may wait.
final class Thread: TaskExecutor {
  private let queue = DispatchQueue(label: "test", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  static func start(_ body: @escaping @Sendable () -> Void) { DispatchQueue(label: "test").async(execute: DispatchWorkItem(block: body)) }
}

/// Runs `body` beside a server of a tiny model.
func withServer(
  slots: Int = 2, _ change: @escaping @Sendable (inout ServingOptions) -> Void = { _ in }, _ body: @escaping @Sendable (Running, TinyServer) throws -> Void
) async throws {
  // The same task on another thread, so that what fails belongs to the test.
  try await withTaskExecutorPreference(Thread()) {
    try withTemporaryFolder { folder in
      let tiny = try TinyServer(in: folder)
      var options = ServingOptions()
      options.port = 0
      change(&options)
      var job = tiny.job
      job.slots = slots
      let running = try Running(job, options)
      defer {
        running.pace.release()
        running.pace.slow(0)
        running.stop()
        _ = try? running.end()
      }
      try body(running, tiny)
    }
  }
}

func chat(_ text: String) -> JSON { [["role": "user", "content": .string(text)]] }
func content(_ text: String) -> ModelRequest.Content { .chat([ChatMessage(.user, text)]) }

extension JSON {
  func adding(_ members: JSONObject) -> JSON {
    var all = object ?? [:]
    for (key, value) in members { all[key] = value }
    return .object(all)
  }
  subscript(_ index: Int) -> JSON? { array.flatMap { $0.indices.contains(index) ? $0[index] : nil } }
}
