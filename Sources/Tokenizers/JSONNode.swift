internal import Files

/// A place in a JSON file, so that an error says which key is wrong.
struct JSONNode {
  let value: JSON
  let file: String
  /// Keys from the top, joined by dots: `model.vocab`.
  let path: String

  init(_ value: JSON, file: String, path: String = "") {
    self.value = value
    self.file = file
    self.path = path
  }

  /// The member `key`; nil when it is missing or null.
  subscript(_ key: String) -> JSONNode? {
    guard let member = value[key], !member.isNull else { return nil }
    return JSONNode(member, file: file, path: path.isEmpty ? key : "\(path).\(key)")
  }

  func required(_ key: String) throws(InputError) -> JSONNode {
    guard let node = self[key] else {
      throw failure("the key \(JSON.string(key).encoded()) is missing", advice: "Fetch the file again, or take it from the published model")
    }
    return node
  }

  func string() throws(InputError) -> String { try expect(value.string, "a string") }
  func bool() throws(InputError) -> Bool { try expect(value.bool, "true or false") }
  func integer() throws(InputError) -> Int { try expect(value.int, "an integer") }
  func object() throws(InputError) -> JSONObject { try expect(value.object, "an object") }

  func elements() throws(InputError) -> [JSONNode] {
    let array = try expect(value.array, "an array")
    return array.enumerated().map { JSONNode($1, file: file, path: "\(path)[\($0)]") }
  }

  /// A token id: an integer that fits an embedding's index.
  func tokenID() throws(InputError) -> Int32 {
    guard let id = Int32(exactly: try integer()), id >= 0 else { throw failure("found \(value.encoded()), expected an id from 0 to \(Int32.max)") }
    return id
  }

  /// The flag `key`, or `fallback` when it is missing.
  func flag(_ key: String, _ fallback: Bool) throws(InputError) -> Bool {
    guard let node = self[key] else { return fallback }
    return try node.bool()
  }

  /// The word in `type`, for messages and choices.
  func type() throws(InputError) -> String { try required("type").string() }

  func failure(_ problem: String, advice: String? = nil) -> InputError {
    InputError(file, at: path.isEmpty ? nil : "key \"\(path)\"", problem, advice: advice)
  }

  private func expect<Value>(_ found: Value?, _ expected: String) throws(InputError) -> Value {
    guard let found else { throw failure("found \(value.kind), expected \(expected)") }
    return found
  }
}
