import ArgumentParser

/// `attune data`.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Import, check and look at data.",
    subcommands: [DataImportCommand.self, DataCheckCommand.self, DataStatsCommand.self, DataInspectCommand.self])
}
