import Files
import Glibc

@testable import AttuneCommands

/// The built `attune` beside this test bundle, run as a user runs it.
enum Attune {
  static let path: String = {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(decoding: buffer[..<max(0, length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex))/attune"
  }()

  /// In the environment of a script: no terminal, 80 columns.
  static func run(_ arguments: String...) throws -> ChildProcess.Outcome { try run(arguments) }

  static func run(_ arguments: [String]) throws -> ChildProcess.Outcome {
    setenv("COLUMNS", "80", 1)
    return try ChildProcess.run(path, arguments)
  }
}
