public import Files
internal import Glibc

/// The room on a disk, looked at before a long write begins.
public enum FreeSpace {
  /// - Throws: `InputError` when the file system of `path` has less than `bytes` for this user. A file system that does not say passes.
  public static func require(_ bytes: Int, for path: String) throws(InputError) {
    // The nearest folder that exists: the target itself is yet to be made.
    var folder = path[...]
    var status = statvfs()
    while statvfs(folder.isEmpty ? "." : String(folder), &status) != 0 {
      guard let slash = folder.lastIndex(of: "/") else {
        folder = ""
        if statvfs(".", &status) != 0 { return }
        break
      }
      folder = slash == folder.startIndex && folder.count > 1 ? "/" : folder[..<slash]
      if folder.isEmpty { folder = "/" }
    }
    let free = Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    guard free >= bytes else {
      throw InputError(path, "needs \(megabytes(bytes)), found \(megabytes(free)) free on its file system", advice: "Free some space, or choose another output")
    }
  }

  private static func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
}
