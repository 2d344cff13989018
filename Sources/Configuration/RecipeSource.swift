import Files
import Yams

/// Reads recipes and overrides into raw settings. Knows YAML, knows no key.
enum RecipeSource {
  /// Recipes are pages, not data: a longer file is a mistake.
  static let byteLimit = 1 << 20

  /// The settings of the YAML file at `path`, in file order. An empty file sets nothing.
  /// - Throws: `InputError` with the line of what is not UTF-8, not YAML, or not sections of keys.
  static func settings(at path: String) throws(InputError) -> [RawSetting] {
    let text = try MappedFile.withBytes(of: path) { bytes throws(InputError) in
      guard bytes.count <= byteLimit else {
        throw InputError(path, "found \(bytes.count) bytes, expected a recipe of at most \(byteLimit)", advice: "Check that this is the recipe")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw InputError(path, "found bytes that are not UTF-8, expected a YAML file in UTF-8")
      }
      return text
    }
    guard let root = try node(of: text, path: path), !root.isNull else { return [] }
    guard case .mapping(let sections) = root else {
      throw InputError(path, at: "line \(root.line)", "found \(root.kind), expected sections such as `optimizer:` with keys below them")
    }
    var settings: [RawSetting] = []
    for (key, value) in sections {
      guard let name = key.scalar?.string else {
        throw InputError(path, at: "line \(key.line)", "found \(key.kind) as a key, expected a name")
      }
      if case .mapping(let keys) = value {
        for (key, value) in keys { settings.append(try setting(key, value, in: name, path: path)) }
      } else if !value.isNull {  // `optimizer:` with every key commented out sets nothing
        settings.append(try setting(key, value, in: nil, path: path))
      }
    }
    return settings
  }

  /// Parses `section.key=value`, or `key=value` for a name that is unique. The value is YAML: `class_weights={yes: 2}`.
  static func setting(_ override: Override) throws(InputError) -> RawSetting {
    guard let equals = override.text.firstIndex(of: "="), equals != override.text.startIndex else {
      throw InputError(commandLine, at: override.text, "expected section.key=value", advice: "Example: optimizer.learning_rate=3e-5")
    }
    let name = override.text[..<equals]
    let dot = name.firstIndex(of: ".")
    let node = try node(of: String(override.text[override.text.index(after: equals)...]), path: commandLine)
    return RawSetting(
      section: dot.map { String(name[..<$0]) }, key: String(dot.map { name[name.index(after: $0)...] } ?? name),
      value: try node?.raw(path: commandLine) ?? .null, origin: override.origin)
  }

  private static func setting(_ key: Node, _ value: Node, in section: String?, path: String) throws(InputError) -> RawSetting {
    guard let name = key.scalar?.string else {
      throw InputError(path, at: "line \(key.line)", "found \(key.kind) as a key, expected a name")
    }
    return RawSetting(section: section, key: name, value: try value.raw(path: path), origin: .recipe(path: path, line: key.line))
  }

  /// The one document in `text`, or nil when there is none.
  private static func node(of text: String, path: String) throws(InputError) -> Node? {
    // Yams keeps a pointer to the string's storage past the call that lends it. Strings up to 15 bytes live in the
    // variable itself and would be gone, so the text is padded to be on the heap.
    let padded = text + String(repeating: "\n", count: 16)
    do {
      return try Parser(yaml: padded).singleRoot()
    } catch let error as YamlError {
      throw InputError(path, at: error.location, "not valid YAML: \(error.problem)")
    } catch {
      throw InputError(path, "not valid YAML")
    }
  }
}

/// `section.key=value` as typed, and what to call it: an override, or the option that stands for it.
public struct Override: Sendable, Hashable {
  public var text: String
  public var origin: Origin

  public init(_ text: String) {
    self.text = text
    self.origin = .override(text)
  }

  /// What a named option means as an override: `Override(option: "--seed 7", "training.seed=7")`.
  public init(option: String, _ text: String) {
    self.text = text
    self.origin = .option(option)
  }
}

extension Node {
  fileprivate var line: Int { mark?.line ?? 1 }

  fileprivate var isNull: Bool {
    guard case .scalar(let scalar) = self, scalar.style == .plain else { return false }
    return ["", "~", "null"].contains(scalar.string)
  }

  fileprivate var kind: String {
    switch self {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "the value \(scalar.string.prefix(40))"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  /// Settings are scalars, lists of scalars and mappings of scalars: deeper nesting is an error, which also bounds the
  /// work on a file whose aliases multiply.
  fileprivate func raw(path: String, depth: Int = 0) throws(InputError) -> RawValue {
    if isNull { return .null }
    switch self {
    case .scalar(let scalar): return .scalar(scalar.string, quoted: scalar.style != .plain)
    case .sequence(let nodes) where depth == 0:
      var values: [RawValue] = []
      for node in nodes { values.append(try node.raw(path: path, depth: 1)) }
      return .list(values)
    case .mapping(let pairs) where depth == 0:
      var values: [RawValue.RawPair] = []
      for (key, value) in pairs {
        guard let name = key.scalar?.string else { throw InputError(path, at: "line \(key.line)", "found \(key.kind) as a key, expected a name") }
        values.append(.init(key: name, value: try value.raw(path: path, depth: 1)))
      }
      return .mapping(values)
    default: throw InputError(path, at: "line \(line)", "found \(kind) inside another value, expected a number, a word or true/false")
    }
  }
}

extension YamlError {
  /// `line 3, column 7`, as far as the parser knows.
  fileprivate var location: String? {
    switch self {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): "line \(mark.line), column \(mark.column)"
    case .duplicatedKeysInMapping(_, let context): "line \(context.mark.line), column \(context.mark.column)"
    case .reader(_, let offset, _, _): offset.map { "byte \($0)" }
    default: nil
    }
  }

  fileprivate var problem: String {
    switch self {
    case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem): problem
    case .scanner(let context, let problem, _, _), .parser(let context, let problem, _, _), .composer(let context, let problem, _, _):
      context.map { "\($0.text), \(problem)" } ?? problem
    case .duplicatedKeysInMapping(let keys, _): "the key \(keys.first ?? "") appears twice in one mapping"
    case .memory: "out of memory"
    case .no: "unknown error"
    case .dataCouldNotBeDecoded: "not UTF-8"
    }
  }
}
