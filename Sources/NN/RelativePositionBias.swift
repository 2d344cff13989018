internal import Glibc
public import Torch

/// What T5 adds to attention scores for how far apart two tokens are (Raffel et al. 2020, section 2.1): a number for each head and
/// bucket of distances, exact ones near by and logarithmically wider ones up to a limit.
public struct RelativePositionBias {
  /// (buckets, heads)
  public let weight: Tensor
  let isBidirectional: Bool
  let maximumDistance: Int

  /// - Parameters:
  ///   - bidirectional: keys before and after a query have buckets of their own; else there are none after it.
  ///   - scope: at `relative_attention_bias`.
  public init(buckets: Int, heads: Int, maximumDistance: Int, bidirectional: Bool, deviation: Double, at scope: Scope) {
    weight = scope.parameter("weight", [buckets, heads], .normal(deviation: deviation))
    isBidirectional = bidirectional
    self.maximumDistance = maximumDistance
  }

  /// The bias of every distance between positions below `limit`: entry limit - 1 + key - query of (heads, 2 · limit - 1), float32.
  public func callAsFunction(below limit: Int) -> Tensor {
    let buckets = (1 - limit..<limit).map {
      Self.bucket(of: $0, bidirectional: isBidirectional, buckets: weight.size(0), maximumDistance: maximumDistance)
    }
    return weight.embedding(Tensor(buckets, device: weight.device)).transposed(0, 1).to(.float32)
  }

  /// The bucket of key - query, in float32 arithmetic, as transformers' `_relative_position_bucket`.
  static func bucket(of distance: Int, bidirectional: Bool, buckets: Int, maximumDistance: Int) -> Int {
    let count = bidirectional ? buckets / 2 : buckets
    let offset = bidirectional && distance > 0 ? count : 0
    let steps = bidirectional ? abs(distance) : max(0, -distance)
    let exact = count / 2
    guard steps >= exact else { return offset + steps }
    let share = logf(Float(steps) / Float(exact)) / Float(log(Double(maximumDistance) / Double(exact)))
    return offset + min(count - 1, exact + Int(share * Float(count - exact)))
  }
}
