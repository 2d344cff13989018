internal import Files

/// What a weights file really is, by its first bytes: the common accidents deserve their own message.
enum FileSignature {
  /// The error for `file` when it is recognisably something else than `expected`; nil when it may be what it should.
  static func mistake(_ file: MappedFile, expected: String) -> InputError? {
    let bytes = file.bytes
    func starts(_ text: String) -> Bool { bytes.starts(with: text.utf8) }
    func error(_ found: String, _ advice: String) -> InputError { InputError(file.path, "found \(found), expected \(expected)", advice: advice) }

    if bytes.isEmpty { return error("an empty file", "Fetch it again") }
    if starts("version https://git-lfs") { return error("a git-lfs pointer", "Run `git lfs pull` in that folder to fetch the real file") }
    if starts("<") { return error("an HTML or XML page", "Fetch the file itself, not the page about it") }
    if starts("\u{1F}") && bytes.count > 1 && bytes[1] == 0x8B { return error("a gzip file", "Decompress it first") }
    return nil
  }
}
