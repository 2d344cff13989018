import ArgumentParser

/// `attune eval`.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Evaluate a model.", subcommands: [EvalClassifierCommand.self, EvalDialogueSafetyCommand.self])
}
