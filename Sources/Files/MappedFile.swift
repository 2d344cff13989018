import Glibc
import Synchronization

/// A file mapped into memory, read-only for others and copy-on-write for us, unmapped when the last reference goes.
///
/// Pages are read when they are touched, so opening a checkpoint of many gigabytes costs microseconds.
/// Writing through `bytes` changes this process's copy of the page, never the file.
public final class MappedFile: Sendable {  // writers own disjoint ranges (one tensor each)
  public let path: String
  nonisolated(unsafe) public let bytes: UnsafeMutableRawBufferPointer
  private let borrowed = Mutex<[Range<Int>]>([])

  /// - Throws: `InputError` when the file is missing, unreadable or not a regular file.
  public init(_ path: String) throws(InputError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw InputError(path, systemMessage(errno), advice: "Check the path and its permissions") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw InputError(path, systemMessage(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw InputError(path, "found something other than a regular file") }
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor, 0), base != MAP_FAILED else {
      throw InputError(path, "cannot map \(size) bytes: \(systemMessage(errno))")
    }
    bytes = UnsafeMutableRawBufferPointer(start: base, count: size)
  }

  /// Lends the bytes of the file at `path` to `body`, and keeps the mapping until it returns.
  ///
  /// Prefer this to reading `bytes` of a local constant: a reference may be released after its last mention, which is the read of
  /// `bytes` and not the use of what they hold.
  public static func withBytes<Result>(
    of path: String, _ body: (UnsafeRawBufferPointer) throws(InputError) -> Result
  ) throws(InputError) -> Result {
    let file = try MappedFile(path)
    defer { withExtendedLifetime(file) {} }
    return try body(UnsafeRawBufferPointer(file.bytes))
  }

  /// A part of the file in use. Once nobody uses a part any more its pages leave memory, and what was written to them is forgotten:
  /// so weights that were converted or moved to a device are not held twice.
  public final class Part: Sendable {
    private let file: MappedFile
    private let range: Range<Int>

    fileprivate init(_ range: Range<Int>, of file: MappedFile) {
      (self.file, self.range) = (file, range)
      file.borrowed.withLock { $0.append(range) }
    }

    deinit {
      file.borrowed.withLock { others in
        others.remove(at: others.lastIndex(of: range)!)
        if !others.contains(where: { $0.overlaps(range) }) { file.drop(range) }
      }
    }
  }

  /// - Parameter range: of `bytes`.
  public func part(_ range: Range<Int>) -> Part { Part(range, of: self) }

  /// Frees the pages that lie within `range`; touched again, they are read again.
  private func drop(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let (first, end) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    if first < end { madvise(bytes.baseAddress! + first, end - first, MADV_DONTNEED) }
  }

  deinit {
    if let base = bytes.baseAddress { munmap(base, bytes.count) }
  }
}

/// libc's words for `errno`, e.g. `No such file or directory`.
public func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
