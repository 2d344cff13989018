/// What a model answered when it was asked for one of the eight labels in words.
public enum SafetyAnswer {
  /// The label that `text` names: up to its first full stop, without white space around it, it must be one of the eight names, letter for
  /// letter. Nil for anything else, which is counted and never left out of one side of a score only.
  public static func label(of text: String) -> Int? {
    let named = String(text.prefix { $0 != "." }[...].trimmed)
    return DialogueSafety.labels.names.firstIndex(of: named)
  }
}
