public import Torch

/// Where a store finds values: a checkpoint's tensors under their canonical names.
public protocol ParameterSource {
  /// Every tensor there is.
  var names: [String] { get }
  /// Shape and dtype of one, without reading it; nil when there is no such tensor.
  func description(of name: String) -> (shape: [Int], dtype: DType)?
  /// The tensor, as stored. Called only for names that `description(of:)` knows.
  func tensor(_ name: String) -> Tensor
}
