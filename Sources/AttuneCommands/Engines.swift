import Configuration
import Files
import Glibc
import Synchronization

/// The way from the command line to the tensor engine.
enum Engines {
  private static let engine = Mutex<(any Engine)?>(nil)

  /// The engine of this process; nil in `attune`, set at the start of `attune-engine`.
  static var current: (any Engine)? {
    get { engine.withLock { $0 } }
    set { engine.withLock { $0 = newValue } }
  }

  /// The engine, if this process has one. If not, this process becomes `attune-engine` and the call does not return.
  /// - Throws: `InputError` when there is no `attune-engine` beside this executable.
  static func required() throws -> any Engine {
    if let current { return current }
    let path = try executablePath()
    prepareEnvironment()
    var arguments: [UnsafeMutablePointer<CChar>?] = ([path] + CommandLine.arguments.dropFirst()).map { strdup($0) } + [nil]
    fflush(nil)
    execv(path, &arguments)
    throw InputError(path, "cannot start: \(systemMessage(errno))", advice: "Run `attune doctor`")
  }

  /// `attune-engine` in the folder of this executable.
  static func executablePath() throws(InputError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = length > 0 ? String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) : CommandLine.arguments[0]
    let folder = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
    let path = "\(folder)/attune-engine"
    // An engine that was built without one must not start itself, again and again.
    guard own != path else { throw InputError(path, "has no tensor engine", advice: "Build it again: swift build -c release") }
    guard access(path, X_OK) == 0 else {
      throw InputError(path, systemMessage(errno), advice: "Build it with `scripts/setup && swift build -c release`, or copy it beside attune")
    }
    return path
  }

  /// Settings that libraries read once, before `main`: this is the only place early enough. What the user set stays.
  static func prepareEnvironment() {
    for (name, value) in environment { setenv(name, value, 0) }
  }

  /// Each with its reason.
  private static let environment = [
    // Idle OpenMP workers sleep instead of spinning: Attune's own threads (tokenizing, prefetch) share the cores.
    ("OMP_WAIT_POLICY", "passive"),
  ]
}
