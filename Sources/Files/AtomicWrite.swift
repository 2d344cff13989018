import Glibc

/// Writing that leaves a complete file or folder, or nothing: temporary sibling, fsync, rename.
///
/// A full disk, a crash or a kill at any moment leaves at most a `.NAME.partial-PID` sibling, which the next write of a
/// folder of the same name removes once that process is gone.
public enum AtomicWrite {
  /// Writes `bytes` to `path` so that a reader sees either the old file or the whole new one.
  /// - Throws: `InputError` naming `path` and the system's reason (for instance `No space left on device`).
  public static func file(_ path: String, _ bytes: some Sequence<UInt8>) throws(InputError) {
    let temporary = temporarySibling(of: path)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path, errno) }
    let data = ContiguousArray(bytes)
    let code = data.withUnsafeBytes { write($0, to: descriptor) }
    let syncCode = code == 0 && fsync(descriptor) != 0 ? errno : code
    close(descriptor)
    guard syncCode == 0 else {
      unlink(temporary)
      throw failure(path, syncCode)
    }
    guard rename(temporary, path) == 0 else {
      let code = errno
      unlink(temporary)
      throw failure(path, code)
    }
    synchronizeFolder(containing: path)
  }

  public static func file(_ path: String, _ text: String) throws(InputError) { try file(path, text.utf8) }

  /// Calls `body` with an empty temporary folder beside `path`, fsyncs what it wrote, and renames it to `path`.
  /// An existing folder at `path` is replaced only after the new one is complete. When `body` throws, nothing changes.
  public static func folder(_ path: String, _ body: (_ temporary: String) throws -> Void) throws {
    let temporary = temporarySibling(of: path)
    let (parent, name) = parts(of: path)
    removeAbandoned(in: parent, of: name)
    removeTree(temporary)
    guard mkdir(temporary, 0o755) == 0 else { throw failure(path, errno) }
    do {
      try body(temporary)
      try synchronizeTree(temporary)
    } catch {
      removeTree(temporary)
      throw error
    }
    let replaced = temporary + ".replaced"
    removeTree(replaced)
    let hadOld = rename(path, replaced) == 0
    guard rename(temporary, path) == 0 else {
      let code = errno
      if hadOld { rename(replaced, path) }
      removeTree(temporary)
      throw failure(path, code)
    }
    synchronizeFolder(containing: path)
    if hadOld { removeTree(replaced) }
  }

  /// Removes what killed processes left behind in `folder`: their half-written files and folders. What one had moved aside
  /// for a replacement that never came goes back to its place.
  /// - Parameter name: of the file or folder that was being written; nil for all. Processes are looked for on this machine
  ///   only, so all is for folders that one run owns.
  public static func removeAbandoned(in folder: String, of name: String? = nil) {
    guard let listing = opendir(folder) else { return }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
      let found = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard found.hasPrefix("."), let mark = found.firstRange(of: ".partial-"), mark.lowerBound != found.startIndex else { continue }
      let original = String(found[..<mark.lowerBound].dropFirst())
      let wasReplaced = found.hasSuffix(".replaced")
      guard name == nil || name == original, let process = pid_t(found[mark.upperBound...].prefix { $0.isNumber }),
        process != getpid(), kill(process, 0) != 0, errno == ESRCH
      else { continue }
      if wasReplaced, access("\(folder)/\(original)", F_OK) != 0 {
        rename("\(folder)/\(found)", "\(folder)/\(original)")
      } else {
        removeTree("\(folder)/\(found)")
      }
    }
  }

  /// Replacing removes a whole folder, so it must be one of ours: it holds `marker`, or nothing at all.
  /// - Throws: `InputError` for any other folder or file.
  public static func requireReplaceable(_ path: String, marker: String) throws(InputError) {
    if !FileSystem.exists(path) || FileSystem.isFile("\(path)/\(marker)") || rmdir(path) == 0 { return }
    throw InputError(
      path, "cannot be replaced: it has no \(marker), so attune did not write it", advice: "Choose another --output, or remove it yourself")
  }

  /// Makes the folder that `path` is to stand in, with those above it.
  public static func createParent(of path: String) throws(InputError) { try createFolder(folder(of: path)) }

  /// Creates `path` and its missing parents.
  public static func createFolder(_ path: String) throws(InputError) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      prefix += prefix.isEmpty || prefix.hasSuffix("/") ? String(part) : "/\(part)"
      if mkdir(prefix, 0o755) != 0 && errno != EEXIST { throw failure(path, errno) }
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw InputError(path, "found a file, expected a folder", advice: "Choose another output")
    }
  }

  /// Removes a file or a whole folder; missing is fine. Links are removed, not followed.
  public static func removeTree(_ path: String) {
    if let folder = opendir(path), !isLink(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { removeTree("\(path)/\(name)") }
      }
      closedir(folder)
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  // MARK: -

  static func temporarySibling(of path: String) -> String {
    let (parent, name) = parts(of: path)
    return "\(parent)/.\(name).partial-\(getpid())"
  }

  /// The folder that holds `path`, `.` when it has none, and its name there.
  private static func parts(of path: String) -> (parent: String, name: String) {
    let trimmed = FileSystem.trimmed(path)
    guard let slash = trimmed.lastIndex(of: "/") else { return (".", trimmed) }
    return (slash == trimmed.startIndex ? "" : String(trimmed[..<slash]), String(trimmed[trimmed.index(after: slash)...]))
  }

  /// The folder that holds `path`, `/` for what stands at the top.
  private static func folder(of path: String) -> String {
    let parent = parts(of: path).parent
    return parent.isEmpty ? "/" : parent
  }

  /// Returns 0 or the errno of the first failed write.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var offset = 0
    while offset < bytes.count {
      let written = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
      if written < 0 {
        if errno == EINTR { continue }
        return errno
      }
      offset += written
    }
    return 0
  }

  private static func failure(_ path: String, _ code: Int32) -> InputError {
    InputError(
      path, "cannot write: \(systemMessage(code))",
      advice: code == ENOSPC || code == EDQUOT ? "Free some space and run the same command again" : "Check the folder and its permissions")
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private static func synchronizeFolder(containing path: String) {
    let descriptor = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 {
      fsync(descriptor)
      close(descriptor)
    }
  }

  private static func synchronizeTree(_ path: String) throws(InputError) {
    guard let folder = opendir(path) else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let child = "\(path)/\(name)"
      let descriptor = open(child, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      let failed = fsync(descriptor) != 0
      let code = errno
      close(descriptor)
      if failed { throw failure(child, code) }
      try synchronizeTree(child)
    }
  }
}
