public import Metrics

/// The stigma of one condition of a run, as `attune analyze stigma` has it: every scored question weighs the same, whatever of it went unanswered.
public struct StigmaMean: Sendable, Equatable {
  /// `StigmaCondition.overall` for all but the control.
  public let condition: String
  /// The share of stigmatising answers; nil without any answer.
  public let estimate: Double?
  /// Rows of scored questions with an answer that counts, and all of them.
  public let used, total: Int

  /// Each condition of a run's rows, in the order of the study, then all but the control.
  public static func all(_ rows: [StigmaRow]) throws(MetricError) -> [StigmaMean] {
    try StigmaCell.byCondition(rows, nil).map { condition, cell in
      StigmaMean(condition: condition, estimate: cell.used == 0 ? nil : cell.balanced, used: cell.used, total: cell.total)
    }
  }
}
