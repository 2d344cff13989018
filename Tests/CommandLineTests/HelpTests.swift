import Files
import Glibc
import TestSupport
import Testing

@testable import AttuneCommands

/// Help is a contract: scripts are written from it. `ATTUNE_RECORD=1 swift test --filter HelpTests` records it anew.
@Suite struct HelpTests {
  @Test(arguments: CommandTree.paths)
  func helpIsAsRecorded(command: [String]) throws {
    let outcome = try Attune.run(command + ["--help"])
    #expect(outcome.code == 0)
    #expect(outcome.errors == "")
    let name = (["attune"] + command).joined(separator: "-")
    let path = "\(Fixtures.repository)/Tests/Fixtures/help/\(name).txt"
    if getenv("ATTUNE_RECORD") != nil {
      try AtomicWrite.createFolder("\(Fixtures.repository)/Tests/Fixtures/help")
      try AtomicWrite.file(path, outcome.output)
    }
    let file = try MappedFile(path)
    let recorded = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    #expect(outcome.output == recorded)
  }

  @Test func everyRecordedHelpBelongsToACommand() throws {
    let names = Set(CommandTree.paths.map { (["attune"] + $0).joined(separator: "-") + ".txt" })
    let folder = try #require(opendir("\(Fixtures.repository)/Tests/Fixtures/help"))
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      #expect(name.hasPrefix(".") || names.contains(name), "\(name): no such command")
    }
  }

  /// Help must not wait for libtorch: the executable users type does not link it.
  @Test func theCommandDoesNotLinkLibtorch() throws {
    let file = try MappedFile(Attune.path)
    let binary = withExtendedLifetime(file) { Array(file.bytes) }
    for library in ["libtorch_cpu.so", "libtorch.so", "libc10.so"] { #expect(binary.firstRange(of: Array(library.utf8)) == nil, "\(library)") }
  }
}
