/// Answers prompts of test sets: `attune generate`.
public struct GenerateJob: Sendable {
  public var settings: GenerateSettings
  /// `settings` with origins, for the run folder.
  public var configuration: ResolvedConfiguration
  /// Replace the run folder instead of continuing it.
  public var overwrite: Bool
  /// Also read labels from the answers by rule and score them against the golds.
  public var ruleCalculate: Bool
  public var compatibility: Compatibility
  public var console: ConsoleOptions

  public init(
    settings: GenerateSettings, configuration: ResolvedConfiguration, overwrite: Bool = false, ruleCalculate: Bool = false,
    compatibility: Compatibility = .corrected, console: ConsoleOptions = .init()
  ) {
    (self.settings, self.configuration, self.overwrite) = (settings, configuration, overwrite)
    (self.ruleCalculate, self.compatibility, self.console) = (ruleCalculate, compatibility, console)
  }
}
