internal import Files

extension MappedFile {
  /// Calls `body` with the bytes of the file at `path` and keeps the mapping until it returns: the last use of a `MappedFile` is
  /// otherwise the read of `bytes`, after which Swift may unmap it.
  static func withBytes<Result>(
    of path: String, _ body: (UnsafeRawBufferPointer) throws(InputError) -> Result
  ) throws(InputError) -> Result {
    let file = try MappedFile(path)
    defer { withExtendedLifetime(file) {} }
    return try body(UnsafeRawBufferPointer(file.bytes))
  }
}
