/// Where and how tensors are computed, for jobs without a recipe.
public struct RuntimeOptions: Sendable, Equatable {
  public var device = DeviceChoice.auto
  public var precision = Precision.auto
  /// Threads of one operation; nil is one a physical core.
  public var threads: Int?
  /// Refuses every operation whose result may differ between two runs.
  public var deterministic = false
  public init() {}
}

/// What a job may say while it runs. Everything of this goes to standard error.
public struct ConsoleOptions: Sendable, Equatable {
  public enum Detail: Int, Sendable, Comparable {
    /// Errors only.
    case quiet
    /// Progress, warnings and the steps of the job.
    case normal
    /// Also what each step decided and took.
    case verbose
    public static func < (a: Detail, b: Detail) -> Bool { a.rawValue < b.rawValue }
  }
  public var detail = Detail.normal
  public init() {}
}
