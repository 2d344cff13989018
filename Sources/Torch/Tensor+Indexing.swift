internal import CTorch

/// Selecting, gathering and scattering.
extension Tensor {
  /// Row `index` of the first dimension.
  public subscript(index: Int) -> Tensor { select(0, index) }
  /// Rows `range` of the first dimension, sharing memory.
  public subscript(range: Range<Int>) -> Tensor { narrow(0, range.lowerBound, range.count) }
  /// The elements at positions `indices[0][i], indices[1][i], ...`; nil is "all of this dimension".
  public subscript(indices: [Tensor?]) -> Tensor {
    let handles = indices.map { $0?.handle }
    return withExtendedLifetime(indices) { make("subscript") { ct_index(handle, handles, handles.count, $0) } }
  }

  /// One index of `dim`, which disappears.
  public func select(_ dim: Int, _ index: Int) -> Tensor { make("select") { ct_select(handle, Int64(dim), Int64(index), $0) } }
  /// `length` entries of `dim` from `start`, sharing memory.
  public func narrow(_ dim: Int, _ start: Int, _ length: Int) -> Tensor {
    make("narrow") { ct_narrow(handle, Int64(dim), Int64(start), Int64(length), $0) }
  }
  /// Entries start, start + step, ... below end of `dim`, sharing memory.
  public func sliced(_ dim: Int, from start: Int = 0, to end: Int = .max, step: Int = 1) -> Tensor {
    make("sliced") { ct_slice(handle, Int64(dim), Int64(start), Int64(end), Int64(step), $0) }
  }
  /// The entries of `dim` that `index` (1-D, int64) names, in its order.
  public func indexSelect(_ dim: Int, _ index: Tensor) -> Tensor { make("indexSelect") { ct_index_select(handle, Int64(dim), index.handle, $0) } }
  /// out[i][j] = self[i][index[i][j]] for dim 1; `index` has the result's shape.
  public func gather(_ dim: Int, _ index: Tensor) -> Tensor { make("gather") { ct_gather(handle, Int64(dim), index.handle, $0) } }
  /// The inverse of `gather`: a copy with `source` written at `index`.
  public func scattered(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    make("scattered") { ct_scatter(handle, Int64(dim), index.handle, source.handle, $0) }
  }
  /// A copy with `source` added at `index`, repeats accumulating.
  public func scatterAdded(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    make("scatterAdded") { ct_scatter_add(handle, Int64(dim), index.handle, source.handle, $0) }
  }
  /// A copy with the slices of `source` added to the entries of `dim` that `index` names.
  public func indexAdded(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    make("indexAdded") { ct_index_add(handle, Int64(dim), index.handle, source.handle, $0) }
  }
  /// In place: the slices of `source` over the entries of `dim` that `index` names.
  public func indexCopy(_ dim: Int, _ index: Tensor, _ source: Tensor) {
    trap(ct_index_copy_(handle, Int64(dim), index.handle, source.handle), "indexCopy")
  }
  /// In place: `values` at positions `indices` (nil: all), added when `accumulate`.
  public func indexPut(_ indices: [Tensor?], _ values: Tensor, accumulate: Bool = false) {
    let handles = indices.map { $0?.handle }
    withExtendedLifetime(indices) { trap(ct_index_put_(handle, handles, handles.count, values.handle, accumulate), "indexPut") }
  }
  /// The elements where `mask` is true, as one vector.
  public func maskedSelect(_ mask: Tensor) -> Tensor { make("maskedSelect") { ct_masked_select(handle, mask.handle, $0) } }
  /// int64 class ids -> 0/1 rows of length `classes` in a new last dimension.
  public func oneHot(_ classes: Int) -> Tensor { make("oneHot") { ct_one_hot(handle, Int64(classes), $0) } }
}
