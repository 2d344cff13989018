import Files
import Glibc
import TestSupport

/// The files of this repository, for tests of what every file must be.
enum Repository {
  static let root = Fixtures.repository

  /// Names in `folder`, sorted, without hidden ones.
  static func entries(_ folder: String) -> [String] {
    guard let stream = opendir("\(root)/\(folder)") else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// Every regular file below `folder`, as paths from the root. Links are not followed.
  static func files(below folder: String) -> [String] {
    entries(folder).flatMap { name -> [String] in
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      var status = stat()
      guard lstat("\(root)/\(path)", &status) == 0 else { return [] }
      return status.st_mode & S_IFMT == S_IFDIR ? files(below: path) : status.st_mode & S_IFMT == S_IFREG ? [path] : []
    }
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    let file = try MappedFile("\(root)/\(path)")
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }
}
