import Files
import Glibc
import TestSupport
import Testing

private func bytes(of path: String) throws -> [UInt8] {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) { Array(file.bytes) }
}

private func contents(_ path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

private func names(in folder: String) -> Set<String> {
  guard let handle = opendir(folder) else { return [] }
  defer { closedir(handle) }
  var result: Set<String> = []
  while let entry = readdir(handle) {
    result.insert(withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } })
  }
  return result.subtracting([".", ".."])
}

@Suite struct InputErrors {
  @Test func theMessageNamesFilePlaceProblemAndAdvice() {
    #expect("\(InputError("a/config.json", at: "key \"n\"", "found 0, expected a positive integer", advice: "Correct it"))"
      == "a/config.json: key \"n\": found 0, expected a positive integer. Correct it")
    #expect("\(InputError("a.csv", "found no rows"))" == "a.csv: found no rows")
  }
}

@Suite struct NearestNames {
  @Test(arguments: [
    ("lm_haed.weight", "lm_head.weight"), ("larning_rate", "learning_rate"), ("DReddit", nil), ("", nil), ("swhm", nil), ("swmhh", "swmh"),
  ])
  func suggestsOnlyPlausibleMisspellings(_ name: String, _ expected: String?) {
    #expect(nearestName(to: name, among: ["lm_head.weight", "learning_rate", "swmh", "dr"]) == expected)
  }

  @Test func takesTheClosestAndTheFirstOfEquals() {
    #expect(nearestName(to: "label", among: ["labels", "lapel", "label2id"]) == "labels")
    #expect(nearestName(to: "label", among: [String]()) == nil)
  }
}

@Suite struct Paths {
  @Test(arguments: [
    ("data/DR.csv", "data/DR.csv", "DR.csv", "DR"), ("data/", "data", "data", "data"), ("/a/b//", "/a/b", "b", "b"), ("/", "/", "/", "/"), ("", "", "", ""),
    ("runs/five.v2.jsonl", "runs/five.v2.jsonl", "five.v2.jsonl", "five.v2"), ("../x", "../x", "x", "x"),
  ])
  func aPathHasANameAndAStem(_ path: String, _ trimmed: String, _ name: String, _ stem: String) {
    #expect(FileSystem.trimmed(path) == trimmed && FileSystem.name(of: path) == name && FileSystem.stem(of: path) == stem)
  }
}

@Suite struct MappedFiles {
  @Test func readsTheBytesAndKeepsTheFileWhenMemoryChanges() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/x", [1, 2, 3])
      let file = try MappedFile("\(folder)/x")
      withExtendedLifetime(file) {
        #expect(Array(file.bytes) == [1, 2, 3])
        file.bytes[0] = 9
        #expect(file.bytes[0] == 9)
      }
      #expect(try bytes(of: "\(folder)/x") == [1, 2, 3])
    }
  }

  @Test func anEmptyFileHasNoBytes() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/empty", "")
      #expect(try bytes(of: "\(folder)/empty").isEmpty)
    }
  }

  @Test func aPageLeavesMemoryWithTheLastPartOverIt() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/x", [UInt8](repeating: 1, count: 20_000))
      let file = try MappedFile("\(folder)/x")
      func write(_ value: UInt8) { for byte in [8192, 19_999] { file.bytes[byte] = value } }
      var parts: [MappedFile.Part] = [file.part(0..<20_000), file.part(8192..<8200)]
      write(2)
      parts.removeFirst()
      #expect(file.bytes[8192] == 2, "another part is over this page")
      parts = [file.part(0..<20_000)]
      write(3)
      parts = []
      #expect(file.bytes[8192] == 1, "read from the file again")
      #expect(file.bytes[19_999] == 3, "the last page is not wholly in the part")
    }
  }

  @Test func namesWhatItCannotOpen() throws {
    try withTemporaryFolder { folder in
      let missing = #expect(throws: InputError.self) { try MappedFile("\(folder)/none") }
      #expect(missing?.description == "\(folder)/none: No such file or directory. Check the path and its permissions")
      let notAFile = #expect(throws: InputError.self) { try MappedFile(folder) }
      #expect(notAFile?.problem == "found something other than a regular file")
    }
  }
}

@Suite struct AtomicWrites {
  @Test func replacesAFileAndLeavesNothingElse() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/x", "old")
      try AtomicWrite.file("\(folder)/x", "new")
      #expect(try contents("\(folder)/x") == "new")
      #expect(names(in: folder) == ["x"])
    }
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x"
      try AtomicWrite.file(path, "old")
      // A full disk: the temporary sibling is a link to /dev/full.
      try #require(symlink("/dev/full", "\(folder)/.x.partial-\(getpid())") == 0)
      let error = #expect(throws: InputError.self) { try AtomicWrite.file(path, "new") }
      #expect(error?.description == "\(path): cannot write: No space left on device. Free some space and run the same command again")
      #expect(try contents(path) == "old")
      #expect(names(in: folder) == ["x"])
    }
  }

  @Test func aMissingFolderIsNamed() throws {
    try withTemporaryFolder { folder in
      let error = #expect(throws: InputError.self) { try AtomicWrite.file("\(folder)/none/x", "new") }
      #expect(error?.path == "\(folder)/none/x")
      #expect(error?.problem == "cannot write: No such file or directory")
    }
  }

  @Test func aFolderIsReplacedWholeOrNotAtAll() throws {
    struct Stop: Error {}
    try withTemporaryFolder { folder in
      let path = "\(folder)/model"
      try AtomicWrite.folder(path) { try AtomicWrite.file("\($0)/a", "1") }
      #expect(throws: Stop.self) {
        try AtomicWrite.folder(path) { temporary in
          try AtomicWrite.file("\(temporary)/b", "2")
          throw Stop()
        }
      }
      #expect(names(in: path) == ["a"])
      #expect(names(in: folder) == ["model"])
      try AtomicWrite.folder(path) { temporary in
        try AtomicWrite.createFolder("\(temporary)/deep/er")
        try AtomicWrite.file("\(temporary)/deep/er/c", "3")
      }
      #expect(names(in: path) == ["deep"])
      #expect(try contents("\(path)/deep/er/c") == "3")
      #expect(names(in: folder) == ["model"])
    }
  }

  @Test func aStalePartialFolderIsCleared() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.createFolder("\(folder)/.model.partial-\(getpid())/old")
      try AtomicWrite.folder("\(folder)/model") { try AtomicWrite.file("\($0)/a", "1") }
      #expect(names(in: "\(folder)/model") == ["a"])
      #expect(names(in: folder) == ["model"])
    }
  }

  @Test func removingATreeDoesNotFollowLinks() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.createFolder("\(folder)/kept")
      try AtomicWrite.file("\(folder)/kept/x", "1")
      try AtomicWrite.createFolder("\(folder)/gone")
      try #require(symlink("\(folder)/kept", "\(folder)/gone/link") == 0)
      AtomicWrite.removeTree("\(folder)/gone")
      #expect(names(in: folder) == ["kept"])
      #expect(names(in: "\(folder)/kept") == ["x"])
    }
  }

  @Test func aFileInTheWayOfAFolderIsNamed() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/x", "1")
      let error = #expect(throws: InputError.self) { try AtomicWrite.createFolder("\(folder)/x") }
      #expect(error?.problem == "found a file, expected a folder")
    }
  }
}
