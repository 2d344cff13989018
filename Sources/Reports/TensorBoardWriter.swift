public import Files
import Glibc

/// Scalars for TensorBoard: an `events.out.tfevents.*` file in a run folder, one record a call, readable while it grows.
///
/// A record is written with one `write`, so a killed process leaves at most one cut record at the end, which TensorBoard
/// skips. A resumed run opens a new file; TensorBoard shows both as one curve. Owned by one thread.
public final class TensorBoardWriter {
  public let path: String
  private let descriptor: Int32

  /// Creates the file in an existing `folder`.
  /// - Throws: `InputError` naming the file and the system's reason.
  public convenience init(folder: String) throws(InputError) {
    let now = TensorBoardWriter.now()
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try self.init(path: "\(folder)/events.out.tfevents.\(Int(now)).\(name).\(getpid()).0", wallTime: now)
  }

  /// Creates the file `path`. `wallTime` is in seconds since 1970.
  init(path: String, wallTime: Double) throws(InputError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw InputError(path, "cannot write: \(systemMessage(errno))", advice: "Check the folder and its permissions") }
    try append(TensorBoardEvent.header(wallTime: wallTime))
  }

  deinit { close(descriptor) }

  /// Adds values of one optimizer step; `tag` with a slash groups charts: `train/loss`.
  /// - Throws: `InputError` when the disk refuses.
  public func add(_ scalars: [(tag: String, value: Double)], step: Int) throws(InputError) {
    try add(scalars, step: step, wallTime: TensorBoardWriter.now())
  }

  func add(_ scalars: [(tag: String, value: Double)], step: Int, wallTime: Double) throws(InputError) {
    try append(TensorBoardEvent.scalars(scalars, step: step, wallTime: wallTime))
  }

  private func append(_ event: [UInt8]) throws(InputError) {
    let record = TensorBoardEvent.record(event)
    var offset = 0
    while offset < record.count {
      let written = record[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        throw InputError(path, "cannot write: \(systemMessage(errno))", advice: "Free some space and run the same command again")
      }
      offset += written
    }
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
