import Reports

/// How a model was asked: runs with the same setting were shown the same prompts, and are compared with each other.
struct PromptSetting: Hashable {
  let isContextualized, steelMan: Bool
  /// What else the folder's name says.
  let other: String

  init(_ name: RunName) { (isContextualized, steelMan, other) = (name.isContextualized, name.steelMan, name.otherSettings) }

  /// For a heading.
  var title: String { words(steelMan ? "With the steel-man prompt" : "Without a system prompt").joined(separator: ", ") }

  /// For the name of a figure's file.
  var file: String { ReportPage.identifier(words(steelMan ? "steel-man" : "plain").joined(separator: "-")) }

  private func words(_ prompt: String) -> [String] { [prompt, isContextualized ? "contextualized" : "", other].filter { !$0.isEmpty } }
}
