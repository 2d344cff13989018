/// What to do where a run folder exists.
public enum ExistingRun: Sendable {
  /// Continue it if its configuration has the same values, else refuse.
  case resume
  case overwrite
}

/// Fine-tunes a language model: `attune train lora`, `attune train full`.
public struct FinetuneJob: Sendable {
  public var settings: FinetuneSettings
  /// `settings` with origins, for the run folder.
  public var configuration: ResolvedConfiguration
  public var existing: ExistingRun
  /// Print configuration, schedule, rows, predicted memory and time; train nothing, write nothing.
  public var dryRun: Bool
  public var console: ConsoleOptions

  public init(
    settings: FinetuneSettings, configuration: ResolvedConfiguration, existing: ExistingRun = .resume, dryRun: Bool = false,
    console: ConsoleOptions = .init()
  ) {
    (self.settings, self.configuration, self.existing, self.dryRun, self.console) = (settings, configuration, existing, dryRun, console)
  }
}
