internal import Files
import Glibc

/// The files of a tokenizer as they were read, so that a saved model has the same ones.
struct TokenizerFiles: Sendable {
  static let names = [
    "tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer.model", "spiece.model", "spm.model", "sentencepiece.bpe.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "chat_template.jinja",
  ]

  /// Contents by name, in the order of `names`.
  private(set) var contents: [(name: String, bytes: [UInt8])] = []

  /// Reads those of `names` that are in `folder`.
  init(folder: String) throws(InputError) {
    for name in Self.names where access("\(folder)/\(name)", F_OK) == 0 {
      contents.append((name, try MappedFile.withBytes(of: "\(folder)/\(name)") { Array($0) }))
    }
  }

  /// Files that are not on a disk yet.
  init(_ contents: [(name: String, bytes: [UInt8])]) { self.contents = contents }

  subscript(_ name: String) -> [UInt8]? { contents.first { $0.name == name }?.bytes }

  /// Parses the JSON file `name`; nil when the folder has none.
  func json(_ name: String, folder: String) throws(InputError) -> JSON? {
    guard let bytes = self[name] else { return nil }
    let result: Result<JSON, InputError> = bytes.withUnsafeBytes { bytes in
      do throws(InputError) { return .success(try JSON.parse(bytes, source: "\(folder)/\(name)")) } catch { return .failure(error) }
    }
    return try result.get()
  }

  mutating func add(_ name: String, _ bytes: [UInt8]) { if self[name] == nil { contents.append((name, bytes)) } }

  mutating func replace(_ name: String, _ bytes: [UInt8]) {
    remove(name)
    contents.append((name, bytes))
  }

  mutating func remove(_ name: String) { contents.removeAll { $0.name == name } }

  func write(to folder: String) throws(InputError) {
    for (name, bytes) in contents { try AtomicWrite.file("\(folder)/\(name)", bytes) }
  }
}
