import Files
import Glibc

/// Runs a program to its end and keeps what it said.
enum ChildProcess {
  struct Outcome {
    /// The exit code; 128 + the signal when one ended it.
    var code: Int32
    var output: String
    var errors: String
  }

  /// - Throws: `InputError` when the program cannot be started.
  static func run(_ path: String, _ arguments: [String]) throws(InputError) -> Outcome {
    // Files rather than pipes: neither stream can fill up and block the child.
    let (output, errors) = (try unnamedFile(), try unnamedFile())
    defer {
      close(output)
      close(errors)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child = pid_t()
    let code = posix_spawn(&child, path, &actions, nil, &words, environ)
    guard code == 0 else { throw InputError(path, "cannot start: \(systemMessage(code))") }

    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return Outcome(code: signal == 0 ? status >> 8 & 0xFF : 128 + signal, output: text(of: output), errors: text(of: errors))
  }

  private static func unnamedFile() throws(InputError) -> Int32 {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(folder)/attune-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw InputError(folder, "cannot write: \(systemMessage(errno))", advice: "Set TMPDIR to a folder with space") }
    unlink(name)
    return descriptor
  }

  private static func text(of descriptor: Int32) -> String {
    lseek(descriptor, 0, SEEK_SET)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }
}
