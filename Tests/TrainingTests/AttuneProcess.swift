import Files
import Glibc
import TestSupport

/// The built `attune` as a process that can be watched and killed.
final class AttuneProcess {
  private let pid: pid_t
  private let errorsPath: String

  /// The executable beside this test bundle.
  private static let path: String = {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(decoding: buffer[..<max(0, length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex))/attune"
  }()

  /// - Parameter errors: the file that receives standard error; standard output is dropped.
  init(_ arguments: [String], errors: String) throws {
    errorsPath = errors
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    // Worker threads of a test run block signals, which a child would inherit: it gets what a shell gives.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = ([Self.path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child = pid_t()
    let code = posix_spawn(&child, Self.path, &actions, &attributes, &words, environ)
    guard code == 0 else { throw InputError(Self.path, "cannot start: \(systemMessage(code))") }
    pid = child
  }

  func send(_ signal: Int32) { kill(pid, signal) }

  /// The exit code; 128 + the signal when one ended the process.
  func wait() -> Int32 {
    while code == nil { poll(0) }
    return code!
  }

  /// The exit code if the process has ended.
  func ended() -> Int32? {
    if code == nil { poll(WNOHANG) }
    return code
  }

  private var code: Int32?

  private func poll(_ options: Int32) {
    var status: Int32 = 0
    guard waitpid(pid, &status, options) == pid else { return }
    code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }

  var errors: String { (try? FileSystem.text(errorsPath)) ?? "" }

  /// Waits until `file` has `count` lines; false after a minute without, or when the process has ended.
  func waits(forLines count: Int, in file: String) -> Bool {
    for _ in 0..<120_000 {
      if Self.lines(in: file) >= count { return true }
      if ended() != nil { return false }
      usleep(500)
    }
    return false
  }

  /// Complete lines of a file; 0 when it is not there.
  static func lines(in file: String) -> Int {
    ((try? FileSystem.text(file)) ?? "").utf8.count { $0 == UInt8(ascii: "\n") }
  }
}
