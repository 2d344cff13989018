import Glibc
import Testing

/// What every file of the repository must be.
@Suite struct FileTests {
  /// Written by people: not fixtures, not what `.gitignore` names.
  static let written = ["Sources", "Tests", "CShims", "scripts"].flatMap { Repository.files(below: $0) }
    .filter { !$0.hasPrefix("Tests/Fixtures/") && !$0.contains("__pycache__") } + ["Package.swift", "README.md", "LICENSE"].filter { access("\(Repository.root)/\($0)", R_OK) == 0 }

  @Test func everySourceFolderSaysWhatItIs() throws {
    for folder in Repository.entries("Sources") where !folder.hasPrefix("attune") {
      let lines = try Repository.text("Sources/\(folder)/README.md").split(separator: "\n")
      #expect(lines.count >= 5, "Sources/\(folder)/README.md: found \(lines.count) lines, expected what it owns, what it imports, where to start")
      #expect(lines.first?.hasPrefix("# ") == true, "Sources/\(folder)/README.md")
    }
  }

  @Test func noFileIsAPlaceholder() throws {
    for file in Self.written {
      #expect(!file.hasSuffix("Placeholder.swift"), "\(file)")
      #expect(try !Repository.bytes(file).isEmpty || file.hasSuffix("empty"), "\(file) is empty")
    }
  }

  @Test func noFileKnowsAMachine() throws {
    // Spelled in parts, so that this file does not find itself.
    let homes = ["/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/", "/tm" + "p/lt"].map { Array($0.utf8) }
    for file in Self.written {
      let bytes = try Repository.bytes(file)
      for home in homes { #expect(bytes.firstRange(of: home) == nil, "\(file) holds \(String(decoding: home, as: UTF8.self))") }
    }
  }

  @Test func sourceFilesAreShortAndClean() throws {
    for file in Self.written where file.hasSuffix(".swift") || file.hasSuffix(".h") || file.hasSuffix(".cpp") {
      let text = try Repository.text(file)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 600, "\(file): \(lines.count) lines; two ideas, two files")
      #expect(text.hasSuffix("\n") && !text.contains("\t") && !text.contains(" \n"), "\(file): a tab, a space at a line's end, or no newline at the end")
      for mark in ["TO" + "DO", "FIX" + "ME"] { #expect(!text.contains(mark), "\(file): \(mark)") }
    }
  }

  @Test func theFixturesStaySmall() throws {
    let total = try Repository.files(below: "Tests/Fixtures").reduce(0) { total, file in try total + Repository.bytes(file).count }
    #expect(total <= 10_000_000, "Tests/Fixtures holds \(total) bytes, expected at most 10 MB")
  }

  @Test func theLicenceIsThere() throws {
    #expect(try Repository.text("LICENSE").hasPrefix("MIT License\n"))
  }
}
