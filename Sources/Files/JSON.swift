/// A JSON value, exactly as the file says it: key order is kept, and integers are apart from other numbers.
///
/// Text is compared byte for byte. Swift's own `==` on `String` calls `"é"` and `"e\u{301}"` equal; a vocabulary has
/// both, as different tokens.
public enum JSON: Sendable {
  case null
  case bool(Bool)
  /// A number written without fraction and exponent that fits in 64 bits.
  case integer(Int)
  /// Every other number. Always finite when it was parsed.
  case number(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

extension JSON {
  /// The value as an integer; nil for `3.0`, which is a number.
  public var int: Int? { if case .integer(let value) = self { value } else { nil } }
  /// The value of an integer or a number.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The member `key` of an object; nil when it is missing or when this is not an object.
  public subscript(_ key: String) -> JSON? { object?[key] }

  /// What an error message calls this value: `a string`, `an object`, …
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: Equatable {
  /// Equal values of the same kind: `1` and `1.0` differ, objects are equal whatever the order of their keys.
  public static func == (a: JSON, b: JSON) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}

// So that code that writes JSON reads like JSON: `["epoch": 3, "loss": .number(loss), "labels": ["a", "b"]]`.
extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// A key that occurs twice keeps its last value.
  public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
}
