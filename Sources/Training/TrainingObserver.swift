/// One optimizer step, as logs show it.
public struct StepRecord: Hashable, Sendable {
  /// Steps taken, this one included.
  public var step: Int
  public var epoch: Double
  /// Mean loss over the step's items.
  public var loss: Double
  /// Before clipping.
  public var gradientNorm: Double
  public var learningRate: Double
  public var tokens: Int
  public var rows: Int
}

/// Told what the loop does, in order, on its thread. Writes logs and draws progress; the loop itself does neither.
public protocol TrainingObserver: AnyObject {
  /// Training starts; `step` steps were taken before, by the run that is resumed. Logs beyond it are void.
  func started(at step: Int) throws
  func stepped(_ record: StepRecord) throws
  func validated(step: Int, epoch: Double, _ scores: ValidationScores, isBest: Bool, seconds: Double) throws
  func saved(step: Int, folder: String, seconds: Double) throws
}
