public import Datasets

/// What stops a run besides its own end. None of them names a post's text.
public enum TrainingError: Error, Sendable, CustomStringConvertible {
  /// The loss or the gradient of a step was NaN or infinite. `rows` are those whose own loss is, or all of the step.
  case nonFinite(what: String, step: Int, rows: [String])
  /// A saved model that does not give the logits it had before.
  case saveNotFaithful(folder: String, difference: Double)
  /// The first steps left parameters as they were: no gradient reached them, or they did not move.
  case nothingLearned(step: Int, silent: [String], still: [String])
  /// A saved state that does not belong to this run.
  case stateDoesNotFit(folder: String, names: [String])

  public var description: String {
    switch self {
    case .nonFinite(let what, let step, let rows):
      "step \(step): the \(what) is not finite; rows: \(rows.joined(separator: ", ")). No checkpoint of this step was written. "
        + "Lower optimizer.learning_rate, or look at those rows with: attune data inspect"
    case .nothingLearned(let step, let silent, let still):
      "step \(step): "
        + [
          silent.isEmpty ? nil : "no gradient but zero reached \(Self.list(silent))", still.isEmpty ? nil : "the optimizer did not move \(Self.list(still))",
        ].compactMap { $0 }.joined(separator: "; ")
        + ". Training them would teach nothing. Leave them out of lora.target_modules or lora.modules_to_save, or look at what is learned with: attune data inspect"
    case .saveNotFaithful(let folder, let difference):
      "\(folder): the saved model gives other logits than the one in memory (largest difference \(difference)); it was not kept"
    case .stateDoesNotFit(let folder, let names):
      "\(folder): the optimizer state does not fit this model at \(Self.list(names)). "
        + "Start anew with --overwrite"
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}
