import Files
import Glibc
import TestSupport
import Testing

/// What a killed process leaves behind does not stay.
@Suite struct AbandonedWriteTests {
  /// A process that has ended: no other gets its number while the tests run.
  private static let gone: pid_t = {
    var child = pid_t()
    var words: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
    precondition(posix_spawnp(&child, "true", nil, nil, &words, environ) == 0)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return child
  }()

  @Test func theNextWriteRemovesWhatAKilledOneLeft() throws {
    try withTemporaryFolder { folder in
      try put("\(folder)/.model.partial-\(Self.gone)/weights", "half")
      try put("\(folder)/.other.partial-\(Self.gone)/weights", "of another name")
      try put("\(folder)/.model.partial-1/weights", "of a process that runs")
      try put("\(folder)/model/weights", "old")
      try AtomicWrite.folder("\(folder)/model") { try put("\($0)/weights", "new") }
      #expect(entries(folder) == [".model.partial-1", ".other.partial-\(Self.gone)", "model"])
      #expect(try FileSystem.text("\(folder)/model/weights") == "new")

      AtomicWrite.removeAbandoned(in: folder)
      #expect(entries(folder) == [".model.partial-1", "model"])
    }
  }

  @Test func whatWasMovedAsideComesBack() throws {
    try withTemporaryFolder { folder in
      try put("\(folder)/.model.partial-\(Self.gone).replaced/weights", "old")
      AtomicWrite.removeAbandoned(in: folder)
      #expect(entries(folder) == ["model"])
      try put("\(folder)/.model.partial-\(Self.gone).replaced/weights", "older")
      AtomicWrite.removeAbandoned(in: folder)
      #expect(entries(folder) == ["model"])
      #expect(try FileSystem.text("\(folder)/model/weights") == "old")
    }
  }

  private func put(_ path: String, _ text: String) throws {
    try AtomicWrite.createFolder(String(path[..<path.lastIndex(of: "/")!]))
    try AtomicWrite.file(path, text)
  }

  private func entries(_ folder: String) -> [String] {
    guard let listing = opendir(folder) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      names.append(withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }
}
