package import Files

/// Reads one `config.json` strictly: each value has the right kind and a plausible size, or the error names key, found and expected.
package struct ConfigReader {
  package let object: JSONObject
  package let path: String
  /// What stands before a key of a nested object in errors, `rope_scaling.` for instance.
  private let prefix: String

  package init(_ object: JSONObject, path: String, prefix: String = "") {
    self.object = object
    self.path = path
    self.prefix = prefix
  }

  /// Whether the key is missing or null.
  package func isNull(_ key: String) -> Bool { object[key]?.isNull ?? true }

  /// An integer in `range`.
  /// - Parameter fallback: what a missing key means; nil when the key is required.
  package func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws(InputError) -> Int {
    guard let value = object[key] else {
      guard let fallback else { throw missing(key, "an integer") }
      return fallback
    }
    guard let integer = value.int else { throw wrong(key, value, "an integer") }
    guard range.contains(integer) else { throw wrong(key, value, "an integer from \(range.lowerBound) to \(range.upperBound)") }
    return integer
  }

  /// The integers of a key that holds one or a list of them; empty when it is missing or null.
  package func integers(_ key: String, in range: ClosedRange<Int>) throws(InputError) -> [Int] {
    guard let value = object[key], !value.isNull else { return [] }
    guard let list = value.array else { return [try integer(key, in: range)] }
    let integers = list.compactMap(\.int)
    guard integers.count == list.count, integers.allSatisfy(range.contains) else {
      throw wrong(key, value, "integers from \(range.lowerBound) to \(range.upperBound)")
    }
    return integers
  }

  /// True or false; `fallback` when the key is missing or null.
  package func flag(_ key: String, default fallback: Bool) throws(InputError) -> Bool {
    guard let value = object[key], !value.isNull else { return fallback }
    guard let flag = value.bool else { throw wrong(key, value, "true or false") }
    return flag
  }

  /// A number in `range`.
  /// - Parameter fallback: what a missing key means; nil when the key is required.
  package func number(_ key: String, in range: ClosedRange<Double>, default fallback: Double? = nil) throws(InputError) -> Double {
    guard let value = object[key] else {
      guard let fallback else { throw missing(key, "a number") }
      return fallback
    }
    guard let number = value.double, range.contains(number) else {
      throw wrong(key, value, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A string; nil when the key is missing or null.
  package func string(_ key: String) throws(InputError) -> String? {
    guard let value = object[key], !value.isNull else { return nil }
    guard let string = value.string else { throw wrong(key, value, "a string") }
    return string
  }

  /// A list of strings; empty when the key is missing or null.
  package func strings(_ key: String) throws(InputError) -> [String] {
    guard let value = object[key], !value.isNull else { return [] }
    let strings = value.array?.compactMap(\.string)
    guard let strings, strings.count == value.array?.count else { throw wrong(key, value, "a list of strings") }
    return strings
  }

  /// Refuses a setting that this implementation does not follow, rather than computing something else.
  package func require(_ key: String, isOneOf accepted: [JSON], because reason: String) throws(InputError) {
    guard let value = object[key], !accepted.contains(value) else { return }
    throw InputError(path, at: "key \"\(prefix)\(key)\"", "found \(Self.shown(value)), expected \(accepted.map(Self.shown).joined(separator: " or "))", advice: reason)
  }

  package func wrong(_ key: String, _ found: JSON, _ expected: String) -> InputError {
    InputError(path, at: "key \"\(prefix)\(key)\"", "found \(Self.shown(found)), expected \(expected)", advice: "Correct the value, or fetch the file again")
  }

  private func missing(_ key: String, _ expected: String) -> InputError {
    let near = nearestName(to: key, among: object.keys).map { " (nearest is \"\($0)\")" } ?? ""
    return InputError(path, at: "key \"\(prefix)\(key)\"", "missing\(near), expected \(expected)", advice: "Fetch the config.json that belongs to the weights")
  }

  /// A scalar as the file spells it, anything else by its kind.
  private static func shown(_ value: JSON) -> String {
    switch value {
    case .array, .object: value.kind
    case .string(let text) where text.utf8.count > 60: "a string of \(text.utf8.count) bytes"
    default: value.encoded()
    }
  }
}
