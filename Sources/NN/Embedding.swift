public import Torch

/// A table of vectors, looked up by id.
public struct Embedding {
  /// (rows, width)
  public let weight: Tensor

  public init(_ rows: Int, _ width: Int, deviation: Double = 0.02, at scope: Scope) {
    weight = scope.parameter("weight", [rows, width], .normal(deviation: deviation))
  }

  /// ids (any shape) -> (..., width)
  public func callAsFunction(_ ids: Tensor) -> Tensor { weight.embedding(ids) }
}
