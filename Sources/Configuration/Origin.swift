/// Where a setting's value comes from. Printed as a comment beside it in a run's `config.yaml`.
public enum Origin: Sendable, Hashable, CustomStringConvertible {
  /// The value in `ClassifierSettings`.
  case standard
  /// A line of a recipe; lines count from 1.
  case recipe(path: String, line: Int)
  /// `section.key=value` on the command line, as typed.
  case override(String)
  /// An option with a name of its own, as typed: `--seed 7`.
  case option(String)

  public var description: String {
    switch self {
    case .standard: "default"
    case .recipe(let path, let line): "\(path):\(line)"
    case .override(let text): "override \(text)"
    case .option(let text): "option \(text)"
    }
  }
}
