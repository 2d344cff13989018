import Datasets
import Glibc
import Synchronization

/// Assembles the next batches on a thread of its own, a few ahead of the training thread.
final class Prefetcher: Sendable {
  private struct State {
    var ready: [Batch] = []
    var isCancelled = false
  }
  private let state = Mutex(State())
  private let filled = CountingSemaphore(0)
  private let room: CountingSemaphore

  /// - Parameters:
  ///   - depth: batches held ready.
  ///   - start: where to begin; epochs follow each other without end until `cancel`.
  init(_ sampler: BatchSampler, examples: [EncodedExample], from start: BatchSampler.Cursor, depth: Int = 4) {
    room = CountingSemaphore(depth)
    let thread = WorkerThread { [self] in
      var cursor = start
      while true {
        let batches = sampler.batches(ofEpoch: cursor.epoch)
        for rows in batches.dropFirst(cursor.batch) {
          let batch = Batch(rows, of: examples)
          room.wait()
          let cancelled = state.withLock { state in
            if !state.isCancelled { state.ready.append(batch) }
            return state.isCancelled
          }
          if cancelled { return }
          filled.signal()
        }
        cursor = .init(epoch: cursor.epoch + 1, batch: 0)
      }
    }
    thread.start()
  }

  /// The next batch, waiting for it if it must.
  func next() -> Batch {
    filled.wait()
    let batch = state.withLock { $0.ready.removeFirst() }
    room.signal()
    return batch
  }

  /// Lets the thread end. No `next` after this.
  func cancel() {
    state.withLock { $0.isCancelled = true }
    room.signal()
  }
}

/// A detached POSIX thread that runs one closure.
struct WorkerThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  func start() {
    var id = pthread_t()
    let context = Unmanaged.passRetained(Body(body)).toOpaque()
    let code = pthread_create(&id, nil, { context in
      Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
      return nil
    }, context)
    precondition(code == 0, "cannot start a thread: error \(code)")
    pthread_detach(id)
  }
}

/// A counting semaphore over POSIX.
final class CountingSemaphore: @unchecked Sendable {  // sem_t is made to be shared; the pointer never changes
  private let semaphore: UnsafeMutablePointer<sem_t>
  init(_ value: Int) {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, UInt32(value))
  }
  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }
  func wait() { while sem_wait(semaphore) != 0 {} }  // interrupted by a signal: wait again
  func signal() { sem_post(semaphore) }
}
