internal import Files

/// A minimal safetensors file of float64 tensors (header length, JSON header, data), so that a saved baseline opens in Python too.
/// The general reader is in Checkpoints, which needs libtorch; this target does not.
extension LinearClassifier {
  static func safetensors(_ tensors: [(name: String, shape: [Int], values: [Double])]) -> [UInt8] {
    var header = JSONObject([])
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.values.count * 8
      header[tensor.name] = [
        "dtype": "F64", "shape": .array(tensor.shape.map { .integer($0) }), "data_offsets": [.integer(offset), .integer(end)],
      ]
      offset = end
    }
    var text = Array(JSON.object(header).encoded().utf8)
    text += Array(repeating: 0x20, count: (8 - text.count % 8) % 8)  // the data starts aligned
    var bytes = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    bytes.reserveCapacity(bytes.count + offset)
    for tensor in tensors { tensor.values.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    return bytes
  }

  /// The values of the named tensors, which must be float64, have these shapes, and be finite.
  static func readSafetensors(_ path: String, _ expected: [(name: String, shape: [Int])]) throws(InputError) -> [[Double]] {
    let file = try MappedFile(path)
    defer { withExtendedLifetime(file) {} }
    let bytes = UnsafeRawBufferPointer(file.bytes)
    guard bytes.count >= 8 else { throw InputError(path, "\(bytes.count) bytes, expected a safetensors file") }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(bytes.count - 8) else {
      throw InputError(path, at: "byte 0", "a header of \(length) bytes in a file of \(bytes.count)", advice: "The file is cut short; copy it again")
    }
    let header = try JSON.parse(UnsafeRawBufferPointer(rebasing: bytes[8..<(8 + Int(length))]), source: path)
    let data = UnsafeRawBufferPointer(rebasing: bytes[(8 + Int(length))...])
    var result: [[Double]] = []
    for (name, shape) in expected {
      let entry = header[name]
      let found = entry?["shape"]?.array?.compactMap(\.int)
      guard entry?["dtype"]?.string == "F64", found == shape else {
        throw InputError(path, at: "tensor \"\(name)\"", "found \(found.map { "shape \($0)" } ?? "nothing"), expected F64 of shape \(shape)")
      }
      let count = shape.reduce(1, *)
      let offsets = entry?["data_offsets"]?.array?.compactMap(\.int) ?? []
      guard offsets.count == 2, offsets[0] >= 0, offsets[1] <= data.count, offsets[0] <= offsets[1], offsets[1] - offsets[0] == count * 8 else {
        throw InputError(path, at: "tensor \"\(name)\"", "data_offsets \(offsets) do not hold \(count) numbers", advice: "The file is cut short or damaged; copy it again")
      }
      let values = (0..<count).map { data.loadUnaligned(fromByteOffset: offsets[0] + $0 * 8, as: Double.self) }
      guard values.allSatisfy(\.isFinite) else { throw InputError(path, at: "tensor \"\(name)\"", "holds a number that is not finite") }
      result.append(values)
    }
    return result
  }
}
