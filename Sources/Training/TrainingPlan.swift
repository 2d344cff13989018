public import Torch

/// What a run does besides its steps: how they are cut, when it validates and saves.
public struct TrainingPlan: Sendable {
  /// Rows of a step, and of one forward pass within it (nil: all).
  public var batchSize = 16
  public var microBatchSize: Int?
  /// Tokens of one forward pass within a step, as far as rows allow; nil: no bound.
  public var microBatchTokens: Int?
  /// False takes rows in their order, the same in every epoch.
  public var shuffles = true
  /// Optimizer steps in all.
  public var steps = 0
  /// Largest global gradient norm; 0 never clips.
  public var maxGradientNorm = 1.0
  /// The dtype of matrix products; float32 means no autocast.
  public var computeType = DType.float32
  /// Steps between validations and between saves.
  public var validateEvery = 0
  public var saveEvery = 0
  /// Saved states kept besides the best model.
  public var keep = 1
  /// Validations without improvement before the run ends; nil: never.
  public var patience: Int?
  /// The score that decides which model is best; everything but `loss` and `perplexity` grows with quality.
  public var bestMetric = "weighted_f1"
  /// Saves the untrained state too, so that a disk that is full or a model that cannot be saved shows before the first step.
  public var savesAtStart = false
  /// Stops a run whose first steps show that some of what should be trained is not (`FirstSteps`).
  public var checksFirstSteps = false
  public init() {}
}
