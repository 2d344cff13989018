import Glibc
import Synchronization

/// SHA-256 of files that a process asks for several times, as of a base model's shards: read again only when a file has another size or
/// time of change than before.
public enum FileDigest {
  private struct State: Hashable {
    var size, seconds, nanoseconds: Int
  }
  private static let known = Mutex<[String: (state: State, digest: String)]>([:])

  /// - Throws: `InputError` when the file cannot be read.
  public static func sha256(_ path: String) throws(InputError) -> String {
    var info = stat()
    guard stat(path, &info) == 0 else { throw InputError(path, systemMessage(errno), advice: "Check the path and its permissions") }
    let state = State(size: Int(info.st_size), seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
    if let before = known.withLock({ $0[path] }), before.state == state { return before.digest }
    let digest = try SHA256.digest(ofFile: path)
    known.withLock { $0[path] = (state, digest) }
    return digest
  }
}
