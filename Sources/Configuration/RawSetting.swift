import Files

/// One key as it was written, before anything is known about its type.
struct RawSetting {
  /// The mapping it stood in; nil for a key at the top level (`learning_rate: 3e-5`).
  var section: String?
  var key: String
  var value: RawValue
  var origin: Origin

  var name: String { section.map { "\($0).\(key)" } ?? key }

  /// An error about this setting, placed where it was written.
  func error(_ problem: String, advice: String? = nil) -> InputError {
    switch origin {
    case .recipe(let path, let line): InputError(path, at: "line \(line): \(name)", problem, advice: advice)
    case .override(let text), .option(let text): InputError(commandLine, at: text, problem, advice: advice)
    case .standard: InputError("settings", at: name, problem, advice: advice)
    }
  }
}

/// The `path` of an `InputError` about an override or option: a wrong usage rather than a wrong file.
public let commandLine = "command line"

/// A YAML value, untyped: scalars keep their spelling, so that `no` can be a label and `5e-5` a number.
enum RawValue: Hashable {
  case null
  case scalar(String, quoted: Bool)
  case list([RawValue])
  case mapping([RawPair])

  struct RawPair: Hashable {
    var key: String
    var value: RawValue
  }

  /// What an error calls it: `"three"`, `a list of 2`, `nothing`.
  var found: String {
    switch self {
    case .null: "nothing"
    case .scalar(let text, let quoted): quoted ? "the text \"\(text)\"" : text
    case .list(let values): "a list of \(values.count)"
    case .mapping(let pairs): "a mapping of \(pairs.count)"
    }
  }
}
