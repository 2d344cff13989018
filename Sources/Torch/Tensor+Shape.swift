internal import CTorch

/// Shape operations; most share memory with their input.
extension Tensor {
  /// The same elements in `shape`; one entry may be -1. Copies only when it must.
  public func reshaped(_ shape: Int...) -> Tensor { reshaped(shape) }
  public func reshaped(_ shape: [Int]) -> Tensor { make("reshaped") { ct_reshape(handle, int64s(shape), shape.count, $0) } }
  /// The same memory in `shape`; traps where only a copy could do it.
  public func view(_ shape: Int...) -> Tensor { make("view") { ct_view(handle, int64s(shape), shape.count, $0) } }
  /// Repeats dimensions of size 1 without copying; -1 keeps a size.
  public func expanded(_ shape: Int...) -> Tensor { make("expanded") { ct_expand(handle, int64s(shape), shape.count, $0) } }
  /// Dimensions in a new order.
  public func permuted(_ order: Int...) -> Tensor { make("permuted") { ct_permute(handle, int64s(order), order.count, $0) } }
  public func transposed(_ a: Int, _ b: Int) -> Tensor { make("transposed") { ct_transpose(handle, Int64(a), Int64(b), $0) } }
  /// Without dimension `dim`, when its size is 1.
  public func squeezed(_ dim: Int) -> Tensor { make("squeezed") { ct_squeeze(handle, Int64(dim), $0) } }
  /// With a new dimension of size 1 at `dim`.
  public func unsqueezed(_ dim: Int) -> Tensor { make("unsqueezed") { ct_unsqueeze(handle, Int64(dim), $0) } }
  /// Dimensions `first...last` as one.
  public func flattened(_ first: Int = 0, _ last: Int = -1) -> Tensor { make("flattened") { ct_flatten(handle, Int64(first), Int64(last), $0) } }
  /// The whole tensor, `counts` times along each dimension.
  public func tiled(_ counts: Int...) -> Tensor { make("tiled") { ct_repeat(handle, int64s(counts), counts.count, $0) } }
  /// Each element `count` times in a row along `dim`.
  public func repeatInterleaved(_ count: Int, dim: Int) -> Tensor {
    make("repeatInterleaved") { ct_repeat_interleave(handle, Int64(count), Int64(dim), $0) }
  }
  public func flipped(_ dims: Int...) -> Tensor { make("flipped") { ct_flip(handle, int64s(dims), dims.count, $0) } }
  /// Shifted along `dim`, what leaves at one end entering at the other.
  public func rolled(_ shift: Int, dim: Int) -> Tensor { make("rolled") { ct_roll(handle, Int64(shift), Int64(dim), $0) } }
  /// Padding in pairs (before, after), last dimension first.
  public func padded(_ padding: Int..., value: Double = 0) -> Tensor {
    make("padded") { ct_pad(handle, int64s(padding), padding.count, value, $0) }
  }
  /// Zero above the diagonal.
  public func lowerTriangle(diagonal: Int = 0) -> Tensor { make("lowerTriangle") { ct_tril(handle, Int64(diagonal), $0) } }
  /// Zero below the diagonal.
  public func upperTriangle(diagonal: Int = 0) -> Tensor { make("upperTriangle") { ct_triu(handle, Int64(diagonal), $0) } }

  public static func concatenated(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
    withHandles(tensors) { handles, count in make("concatenated") { ct_cat(handles, count, Int64(dim), $0) } }
  }
  /// Matrices (nᵢ, width) one below the other, (Σ nᵢ, width): their own memory where they lie so in it, else a copy.
  public static func joined(_ matrices: [Tensor]) -> Tensor {
    withHandles(matrices) { handles, count in make("joined") { ct_joined(handles, count, $0) } }
  }
  /// Along a new dimension.
  public static func stacked(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
    withHandles(tensors) { handles, count in make("stacked") { ct_stack(handles, count, Int64(dim), $0) } }
  }
  /// Pieces of the given sizes along `dim`; the sizes add up to the dimension.
  public func split(_ sizes: [Int], dim: Int) -> [Tensor] {
    var out = [OpaquePointer?](repeating: nil, count: sizes.count)
    trap(ct_split(handle, int64s(sizes), sizes.count, Int64(dim), &out), "split")
    return out.map { Tensor(owning: $0!) }
  }
}
