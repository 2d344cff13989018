internal import Files
public import Torch

extension StoredTensor {
  /// The tensor, on the CPU, as stored. It is a view of the mapping wherever the file allows it; a write changes this process's copy of
  /// the page, never the file. The pages leave memory with the last view of them.
  /// - Precondition: `dtype.dtype` is not nil.
  public func tensor() -> Tensor {
    guard let type = dtype.dtype else { preconditionFailure("\(name): no tensor holds \(dtype.rawValue)") }
    guard count > 0 else { return .empty(shape, dtype: type) }
    let address = file.bytes.baseAddress! + offset
    let part = file.part(offset..<offset + extent)
    defer { withExtendedLifetime(part) {} }
    // safetensors aligns nothing but what its writer aligned; vector instructions want whole elements.
    guard isContiguous, Int(bitPattern: address) % type.size == 0 else {
      let copy = Tensor.empty(shape, dtype: type)
      copy.withBytes { gather(into: $0) }
      return copy
    }
    return .borrowing(address, shape: shape, dtype: type, owner: part)
  }
}
