import Files
import Glibc
import Testing

/// A folder of its own for one test, removed at the end.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/attune-tokenizers-XXXXXX".utf8CString)
  let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
  defer { AtomicWrite.removeTree(folder) }
  return try body(folder)
}
