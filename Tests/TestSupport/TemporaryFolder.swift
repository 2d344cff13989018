import Files
import Glibc

/// A folder of its own for one test, removed at the end.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/attune-tests-XXXXXX".utf8CString)
  guard let name = mkdtemp(&template) else { throw InputError("/tmp", systemMessage(errno)) }
  let folder = String(cString: name)
  defer { AtomicWrite.removeTree(folder) }
  return try body(folder)
}
