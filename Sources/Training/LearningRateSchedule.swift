import Glibc

/// The learning rate of each optimizer step: up from 0 over the warm-up, then by shape, as transformers' schedulers compute it.
public struct LearningRateSchedule: Hashable, Sendable {
  public enum Shape: String, Sendable, CaseIterable { case linear, cosine, constant }

  public let shape: Shape
  public let peak: Double
  public let warmup: Int
  public let steps: Int

  /// - Parameters:
  ///   - peak: the rate after the warm-up.
  ///   - warmup: steps of it; step 0 of a warm-up has rate 0.
  ///   - steps: in all, the warm-up included.
  public init(_ shape: Shape, peak: Double, warmup: Int, steps: Int) {
    self.shape = shape
    self.peak = peak
    self.warmup = warmup
    self.steps = steps
  }

  /// The rate of step `step`, counted from 0.
  public func rate(_ step: Int) -> Double {
    if step < warmup { return peak * Double(step) / Double(max(1, warmup)) }
    let progress = Double(step - warmup) / Double(max(1, steps - warmup))
    switch shape {
    case .linear: return peak * max(0, Double(steps - step) / Double(max(1, steps - warmup)))
    case .cosine: return peak * max(0, 0.5 * (1 + cos(.pi * progress)))
    case .constant: return peak
    }
  }
}
