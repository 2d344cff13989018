import Glibc

/// The few questions asked of the file system.
public enum FileSystem {
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
  public static func isFile(_ path: String) -> Bool { kind(path) == S_IFREG }
  public static func isFolder(_ path: String) -> Bool { kind(path) == S_IFDIR }

  /// A path without slashes at its end; `/` stays.
  public static func trimmed(_ path: String) -> String {
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }

  /// The last part of a path; the path itself where it has none.
  public static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The last part of a path without its extension: `DR` of `data/DR.csv`.
  public static func stem(of path: String) -> String {
    let name = name(of: path)
    return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
  }

  /// Names in a folder, sorted, without hidden ones; empty when the folder is missing or unreadable.
  public static func entries(_ folder: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// A whole text file; for files of our own and of the system (`/proc`), not for data, which has readers.
  public static func text(_ path: String) throws(InputError) -> String {
    guard let file = fopen(path, "rb") else { throw InputError(path, systemMessage(errno), advice: "Check the path and its permissions") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Bytes free for this user on the file system that holds `path`; nil when it cannot be asked.
  public static func freeSpace(at path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }

  /// A second name for a file, or a copy where the file system has no links.
  public static func linkOrCopy(_ source: String, to target: String) throws(InputError) {
    if link(source, target) == 0 { return }
    try MappedFile.withBytes(of: source) { bytes throws(InputError) in try AtomicWrite.file(target, bytes) }
  }

  private static func kind(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}
