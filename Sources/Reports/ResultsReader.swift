import Files

/// A place in a results document, which knows its path for errors: `datasets[2].calibration.before`.
struct ResultsReader {
  private let value: JSON?
  private let source: String
  private let path: String

  init(_ value: JSON?, source: String, path: String = "") {
    self.value = value
    self.source = source
    self.path = path
  }

  subscript(_ key: String) -> ResultsReader { ResultsReader(value?[key], source: source, path: path.isEmpty ? key : "\(path).\(key)") }

  subscript(_ index: Int) -> ResultsReader {
    let items = value?.array ?? []
    return ResultsReader(items.indices.contains(index) ? items[index] : nil, source: source, path: "\(path)[\(index)]")
  }

  var isNull: Bool { value?.isNull ?? true }

  func string() throws(InputError) -> String {
    guard let text = value?.string else { throw error("a string") }
    return text
  }

  func integer() throws(InputError) -> Int {
    guard let number = value?.int else { throw error("an integer") }
    return number
  }

  /// Null is what was not finite.
  func number() throws(InputError) -> Double {
    if value?.isNull == true { return .nan }
    guard let number = value?.double else { throw error("a number") }
    return number
  }

  func optionalNumber() throws(InputError) -> Double? { isNull ? nil : try number() }

  func members() throws(InputError) -> JSONObject {
    guard let object = value?.object else { throw error("an object") }
    return object
  }

  func map<T>(_ read: (ResultsReader) throws(InputError) -> T) throws(InputError) -> [T] {
    guard let items = value?.array else { throw error("an array") }
    var result: [T] = []
    for index in items.indices { result.append(try read(self[index])) }
    return result
  }

  func error(_ found: String, _ expected: String) -> InputError { InputError(source, at: path, "found \(found), expected \(expected)") }

  private func error(_ expected: String) -> InputError { error(value?.kind ?? "nothing", expected) }
}
