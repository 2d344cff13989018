/// An input that cannot be used: which file, where in it, what was found, what was expected, and the next step.
///
/// Everything that reads a file throws this one type, so a command prints one line and exits with 66:
/// `checkpoints/llama/config.json: num_attention_heads: found 0, expected a positive integer. Correct the value in config.json.`
public struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file or folder, spelled as the user gave it.
  public var path: String
  /// Where in the file: `line 12`, `byte 880`, `key "num_labels"`, `row 31`. Nil when the whole file is meant.
  public var location: String?
  /// What was found and what was expected. Never contains text of a post.
  public var problem: String
  /// What the user does next. Nil only when the problem already says it.
  public var advice: String?

  public init(_ path: String, at location: String? = nil, _ problem: String, advice: String? = nil) {
    self.path = path
    self.location = location
    self.problem = problem
    self.advice = advice
  }

  public var description: String {
    var text = path
    if let location { text += ": \(location)" }
    text += ": \(problem)"
    if let advice { text += ". \(advice)" }
    return text
  }
}
