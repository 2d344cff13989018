import ArgumentParser

/// `attune train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model.", subcommands: [TrainClassifierCommand.self, TrainLoRACommand.self, TrainFullCommand.self])
}
