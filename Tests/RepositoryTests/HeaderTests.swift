import Files
import Glibc
import TestSupport
import Testing

/// The C headers are plain C11: any language can bind them.
@Suite struct HeaderTests {
  static let headers = Repository.files(below: "CShims").filter { $0.hasSuffix(".h") && $0.contains("/include/") }

  @Test func thereAreHeaders() { #expect(Self.headers.count >= 2) }

  @Test(arguments: headers)
  func aHeaderCompilesAlone(header: String) throws {
    try withTemporaryFolder { folder in
      let path = "\(Repository.root)/\(header)"
      try AtomicWrite.file("\(folder)/alone.c", "#include \"\(path)\"\n#include \"\(path)\"\ntypedef int not_empty;\n")
      let outcome = try clang(["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "\(folder)/alone.c"], folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
  }

  /// The compiler's exit code and what it said.
  private func clang(_ arguments: [String], _ folder: String) throws -> (code: Int32, errors: String) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "\(folder)/errors", O_WRONLY | O_CREAT, 0o600)
    var words: [UnsafeMutablePointer<CChar>?] = (["clang"] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child = pid_t()
    let code = posix_spawnp(&child, "clang", &actions, nil, &words, environ)
    guard code == 0 else { throw InputError("clang", systemMessage(code), advice: "It is part of the Swift toolchain: add its bin folder to PATH") }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    let file = try MappedFile("\(folder)/errors")
    return (status, withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) })
  }
}
