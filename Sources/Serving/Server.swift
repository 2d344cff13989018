import Dispatch
public import Files
public import Generation
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A local model behind HTTP.
///
/// Two sides meet in the `Inbox`: Hummingbird's threads, which read requests and write replies, and the thread that calls `run`, which owns the
/// model and writes all answers together.
public struct Server: Sendable {
  private let model: ServedModel
  private let options: ServingOptions
  private let log: @Sendable (String) -> Void

  /// - Parameter log: gets a line for each request: method, path, status, counts and times, never text.
  /// - Throws: `InputError` for an address that others reach without a token.
  public init(_ model: ServedModel, options: ServingOptions, log: @escaping @Sendable (String) -> Void) throws(InputError) {
    try options.check()
    (self.model, self.options, self.log) = (model, options, log)
  }

  /// How a server ended.
  public struct Ending: Sendable, Equatable {
    /// Answers that were given up because they took longer than they had after the signal.
    public var abandoned: Int
  }

  /// Serves until `isStopped`; then lets running answers end, refuses new ones, and returns.
  /// - Parameters:
  ///   - backend: of this thread; as many slots and positions as the model says.
  ///   - onReady: gets the port.
  ///   - isStopped: polled between tokens.
  /// - Throws: `InputError` when the address cannot be had.
  public func run(_ backend: any CausalBackend, onReady: (_ port: Int) -> Void, until isStopped: () -> Bool) throws -> Ending {
    let inbox = Inbox(capacity: model.slots + options.queue, timeLimit: options.timeLimit)
    let (exchanges, state) = (ExchangeCount(), ListenerState())
    let listener = Task.detached { [self] in
      do {
        try await listen(Front(model: model, options: options, inbox: inbox, exchanges: exchanges, log: log), state)
        state.ended(nil)
      } catch {
        state.ended(error)
      }
    }
    guard let port = state.port() else {
      throw InputError(
        "\(options.host):\(options.port)", "cannot listen there: \(state.problem ?? "no reason given")", advice: "Choose another --port, or stop what listens there")
    }
    onReady(port)

    let loop = EngineLoop(GenerationEngine(backend, tokenizer: model.tokenizer, interleavesPrompts: true), inbox: inbox)
    while !isStopped(), !state.hasEnded { loop.turn() }
    inbox.close()
    let limit = ContinuousClock.now.advanced(by: options.drainLimit)
    while (!loop.isIdle || exchanges.value > 0), !state.hasEnded, ContinuousClock.now < limit { loop.turn() }
    let abandoned = inbox.openCount
    loop.abandon()
    listener.cancel()
    state.waitForEnd(seconds: 5)
    return Ending(abandoned: abandoned)
  }

  private func listen(_ front: Front, _ state: ListenerState) async throws {
    var logger = Logger(label: "attune.serve")
    logger.logLevel = .critical  // being stopped is no error
    let application = Application(
      responder: front,
      // A client that says nothing for so long is not waited for.
      server: .http1(configuration: .init(additionalChannelHandlers: [ClientWatch.Handler()], idleTimeout: .seconds(60))),
      configuration: .init(address: .hostname(options.host, port: options.port), backlog: 1024),
      onServerRunning: { state.started($0.localAddress?.port ?? front.options.port) },
      logger: logger)
    try await application.run()
  }
}

/// Whether the listening side runs.
private final class ListenerState: Sendable {
  private enum Phase { case starting, running(Int), ended(String?) }
  private let phase = Mutex(Phase.starting)
  private let started = DispatchSemaphore(value: 0)
  private let finished = DispatchSemaphore(value: 0)

  func started(_ port: Int) {
    phase.withLock { $0 = .running(port) }
    started.signal()
  }

  func ended(_ error: (any Error)?) {
    phase.withLock { $0 = .ended(error.map { "\($0)" }) }
    started.signal()
    finished.signal()
  }

  /// Waits for the start; nil where there was none.
  func port() -> Int? {
    started.wait()
    return phase.withLock { if case .running(let port) = $0 { port } else { nil } }
  }

  var problem: String? { phase.withLock { if case .ended(let problem) = $0 { problem } else { nil } } }
  var hasEnded: Bool { phase.withLock { if case .ended = $0 { true } else { false } } }
  func waitForEnd(seconds: Int) { _ = finished.wait(timeout: .now() + .seconds(seconds)) }
}
