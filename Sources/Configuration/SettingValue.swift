/// A type a setting can have: how it is read from YAML, and how it is written back.
public protocol SettingValue: Sendable, Equatable {
  /// What an error says was expected: `a whole number`.
  static var expectation: String { get }
  /// The value that `spelling` means, or nil.
  init?(spelling: SettingSpelling)
  /// YAML that reads back as this value.
  var yaml: String { get }
}

/// What was written for a setting, before its type is known.
public struct SettingSpelling {
  let raw: RawValue

  /// The text of an unquoted scalar: numbers, booleans and choices are never quoted.
  var word: String? {
    if case .scalar(let text, quoted: false) = raw { text } else { nil }
  }
  /// The text of any scalar.
  var text: String? {
    if case .scalar(let text, _) = raw { text } else { nil }
  }
  var isNull: Bool { raw == .null }
}

extension Int: SettingValue {
  public static var expectation: String { "a whole number" }
  public init?(spelling: SettingSpelling) {
    guard let word = spelling.word, let value = Int(word) else { return nil }
    self = value
  }
  public var yaml: String { "\(self)" }
}

extension UInt64: SettingValue {
  public static var expectation: String { "a whole number from 0" }
  public init?(spelling: SettingSpelling) {
    guard let word = spelling.word, let value = UInt64(word) else { return nil }
    self = value
  }
  public var yaml: String { "\(self)" }
}

extension Double: SettingValue {
  public static var expectation: String { "a number" }
  public init?(spelling: SettingSpelling) {
    // Swift also reads "0x1p3", "nan" and "inf"; a recipe means none of them.
    guard let word = spelling.word, word.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let value = Double(word), value.isFinite
    else { return nil }
    self = value
  }
  public var yaml: String { "\(self)" }
}

extension Bool: SettingValue {
  public static var expectation: String { "true or false" }
  public init?(spelling: SettingSpelling) {
    guard let word = spelling.word, let value = Bool(word) else { return nil }
    self = value
  }
  public var yaml: String { "\(self)" }
}

extension String: SettingValue {
  public static var expectation: String { "text" }
  public init?(spelling: SettingSpelling) {
    guard let text = spelling.text else { return nil }
    self = text
  }
  public var yaml: String {
    let plain = !isEmpty && utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"): true
      default: false
      }
    }
    // Words that some YAML reader takes for a truth value, nothing or a number are quoted, though ours would not.
    let reserved = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "."].contains(lowercased()) || Double(self) != nil
    return plain && first != "-" && !reserved ? self : quoted
  }

  /// A double-quoted YAML scalar.
  private var quoted: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          let hex = String(scalar.value, radix: 16)
          result += "\\x" + String(repeating: "0", count: 2 - hex.count) + hex
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}

extension Optional: SettingValue where Wrapped: SettingValue {
  public static var expectation: String { "\(Wrapped.expectation) or null" }
  public init?(spelling: SettingSpelling) {
    if spelling.isNull {
      self = .none
    } else {
      guard let value = Wrapped(spelling: spelling) else { return nil }
      self = value
    }
  }
  public var yaml: String { self?.yaml ?? "null" }
}

extension Array: SettingValue where Element: SettingValue {
  public static var expectation: String { "a list, each \(Element.expectation)" }
  public init?(spelling: SettingSpelling) {
    guard case .list(let values) = spelling.raw else { return nil }
    self = []
    for value in values {
      guard let element = Element(spelling: SettingSpelling(raw: value)) else { return nil }
      append(element)
    }
  }
  public var yaml: String { "[\(map(\.yaml).joined(separator: ", "))]" }
}

/// A closed choice: the raw value is its name in recipes and options.
public protocol SettingChoice: SettingValue, RawRepresentable<String>, CaseIterable {}

extension SettingChoice {
  public static var expectation: String { "one of \(allCases.map(\.rawValue).joined(separator: ", "))" }
  public init?(spelling: SettingSpelling) {
    guard let text = spelling.text else { return nil }
    self.init(rawValue: text)
  }
  public var yaml: String { rawValue.yaml }
}
