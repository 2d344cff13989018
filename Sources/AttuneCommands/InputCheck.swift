import Files
import Glibc

/// Whether inputs exist, asked before anything slow begins.
enum InputCheck {
  static func folder(_ path: String, expected: String) throws(InputError) {
    let mode = try mode(path, expected)
    guard mode == S_IFDIR else { throw InputError(path, "found a file, expected \(expected)") }
  }

  static func file(_ path: String, expected: String) throws(InputError) {
    let mode = try mode(path, expected)
    guard mode != S_IFDIR else { throw InputError(path, "found a folder, expected \(expected)") }
  }

  private static func mode(_ path: String, _ expected: String) throws(InputError) -> mode_t {
    var status = stat()
    guard stat(path, &status) == 0 else { throw InputError(path, "\(systemMessage(errno)), expected \(expected)", advice: "Check the path") }
    return status.st_mode & S_IFMT
  }
}
