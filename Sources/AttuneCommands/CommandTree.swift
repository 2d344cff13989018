import ArgumentParser

/// The commands as words: `[]` is `attune`, `["data", "check"]` is `attune data check`.
enum CommandTree {
  /// Every command, parents before children.
  static let paths = below(AttuneCommand.self, [])

  /// What may follow `command`; empty for one that runs.
  static func names(below command: [String]) -> [String] {
    paths.filter { $0.count == command.count + 1 && $0.starts(with: command) }.compactMap(\.last)
  }

  private static func below(_ type: any ParsableCommand.Type, _ path: [String]) -> [[String]] {
    [path] + type.configuration.subcommands.flatMap { below($0, path + [$0._commandName]) }
  }
}
