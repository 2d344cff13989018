import Files
import Glibc

/// SHA-256 of every file of a saved folder, in `manifest.json`: a damaged or exchanged file is noticed before it is used.
enum FolderManifest {
  static let name = "manifest.json"

  static func write(in folder: String) throws {
    let entries = try files(in: folder).map { ($0, JSON.string(try SHA256.digest(ofFile: "\(folder)/\($0)"))) }
    try AtomicWrite.file("\(folder)/\(name)", JSON.object(["sha256": .object(JSONObject(entries))]).encoded(indent: 2) + "\n")
  }

  /// - Throws: `InputError` naming the first file that is missing or different.
  static func check(_ folder: String) throws {
    let path = "\(folder)/\(name)"
    guard let hashes = try JSON.read(path)["sha256"]?.object else { throw InputError(path, "expected an object \"sha256\"") }
    for (file, hash) in hashes where try SHA256.digest(ofFile: "\(folder)/\(file)") != hash.string {
      throw InputError("\(folder)/\(file)", "its SHA-256 is not the one in \(name)", advice: "Remove the folder; the run continues from an earlier save")
    }
  }

  /// Paths below `folder`, sorted, without the manifest itself.
  private static func files(in folder: String, prefix: String = "") throws -> [String] {
    guard let listing = opendir(folder) else { throw InputError(folder, systemMessage(errno)) }
    defer { closedir(listing) }
    var found: [String] = []
    while let entry = readdir(listing) {
      let file = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
      if file == "." || file == ".." || prefix + file == name { continue }
      if entry.pointee.d_type == UInt8(DT_DIR) {
        found += try files(in: "\(folder)/\(file)", prefix: "\(prefix)\(file)/")
      } else {
        found.append(prefix + file)
      }
    }
    return found.sorted()
  }
}
