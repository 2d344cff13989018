public import Files
import Glibc
import Synchronization

/// A folder of its own for one test, removed at the end.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = try temporaryFolder()
  defer { AtomicWrite.removeTree(folder) }
  return try body(folder)
}

/// A folder of its own for what several tests share, removed when the process ends, if not before.
public func temporaryFolder() throws(InputError) -> String {
  var template = Array("/tmp/attune-tests-XXXXXX".utf8CString)
  guard let name = mkdtemp(&template) else { throw InputError("/tmp", systemMessage(errno)) }
  let folder = String(cString: name)
  _ = removal
  folders.withLock { $0.append(folder) }
  return folder
}

private let folders = Mutex<[String]>([])
/// Asked for once a process.
private let removal = atexit { for folder in folders.withLock({ $0 }) { AtomicWrite.removeTree(folder) } }
