public import Torch

/// A table of vectors, looked up by id.
public struct Embedding {
  /// (rows, width)
  public let weight: Tensor
  /// The id whose lookups give the table no gradient, as `padding_idx` of PyTorch's layer.
  let padding: Int?
  /// Nil where the table is not adapted.
  public let adapter: LowRankTable?

  public init(_ rows: Int, _ width: Int, padding: Int? = nil, deviation: Double = 0.02, at scope: Scope) {
    self.padding = padding
    weight = scope.parameter("weight", [rows, width], .normal(deviation: deviation))
    adapter = scope.adapter(ofTable: weight)
  }

  /// ids (any shape) -> (..., width)
  public func callAsFunction(_ ids: Tensor) -> Tensor {
    let result = weight.embedding(ids, paddingIndex: padding ?? -1)
    return adapter.map { $0(ids, result: result, weight: weight, padding: padding) } ?? result
  }
}
