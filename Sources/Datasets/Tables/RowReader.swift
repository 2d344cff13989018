public import Files

/// Reads the members of one row, strictly: a message names the file, the row and the member, and never quotes a text.
public struct RowReader: Sendable {
  public let object: JSONObject
  private let path: String
  private let place: String
  private let advice: String

  /// - Parameters:
  ///   - place: where in the file, for messages: `line 3`.
  ///   - advice: what to do about a row that is wrong.
  public init(_ object: JSONObject, path: String, at place: String, advice: String = "Correct that line") {
    (self.object, self.path, self.place, self.advice) = (object, path, place, advice)
  }

  /// The rows of a JSON Lines file.
  /// - Parameter expected: what an empty file should have held.
  /// - Throws: `InputError` for an empty file, or naming the line of anything that is no object.
  public static func read(_ path: String, expected: String) throws(InputError) -> [RowReader] {
    let rows = try JSONLines.read(path)
    if rows.isEmpty { throw InputError(path, "is empty, expected \(expected)") }
    return rows.map { RowReader($0.object, path: path, at: "line \($0.line)") }
  }

  public func error(_ key: String, _ problem: String) -> InputError { InputError(path, at: "\(place), \"\(key)\"", problem, advice: advice) }

  private func value(_ key: String) throws(InputError) -> JSON {
    guard let value = object[key] else {
      let nearest = nearestName(to: key, among: object.keys).map { "; the nearest is \"\($0)\"" } ?? ""
      throw error(key, "is missing\(nearest)")
    }
    return value
  }

  public func text(_ key: String) throws(InputError) -> String {
    let value = try value(key)
    guard let text = value.string else { throw error(key, "found \(value.kind), expected text") }
    return text
  }

  /// Nil for a member that is missing or null.
  public func optionalText(_ key: String) throws(InputError) -> String? {
    guard let value = object[key], !value.isNull else { return nil }
    return try text(key)
  }

  public func texts(_ key: String) throws(InputError) -> [String] {
    let value = try value(key)
    guard let items = value.array, case let texts = items.compactMap(\.string), texts.count == items.count else {
      throw error(key, "found \(value.kind), expected a list of texts")
    }
    return texts
  }

  /// Also where it is written as `3.0`.
  public func integer(_ key: String) throws(InputError) -> Int {
    let value = try value(key)
    guard let number = Self.integer(value) else { throw error(key, "found \(value.kind), expected an integer") }
    return number
  }

  /// A name that some files write as a number.
  public func name(_ key: String) throws(InputError) -> String {
    let value = try value(key)
    guard let name = value.string ?? Self.integer(value).map(String.init) else { throw error(key, "found \(value.kind), expected a number or a name") }
    return name
  }

  /// The members `names` of an object, in their order; nil for an object that is missing or null.
  public func optionalNumbers(_ key: String, of names: [String]) throws(InputError) -> [Double]? {
    guard let value = object[key], !value.isNull else { return nil }
    let numbers = names.compactMap { value[$0]?.double }
    guard numbers.count == names.count, value.object?.count == names.count else {
      throw error(key, "expected a number for each of \(names.joined(separator: ", "))")
    }
    return numbers
  }

  private static func integer(_ value: JSON) -> Int? { value.int ?? value.double.flatMap { Int(exactly: $0) } }
}
