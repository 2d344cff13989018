import Files

/// What an import did not find, and what that means.
public struct ImportAbsence: Sendable, Hashable {
  public let what: String
  public let consequence: String

  public init(_ what: String, _ consequence: String) { (self.what, self.consequence) = (what, consequence) }

  var json: JSON { ["what": .string(what), "consequence": .string(consequence)] }
}

/// Whether a file is there with these bytes.
func isFile(_ path: String, holding bytes: [UInt8]) throws(InputError) -> Bool {
  guard FileSystem.isFile(path) else { return false }
  return try MappedFile.withBytes(of: path) { $0.elementsEqual(bytes) }
}
