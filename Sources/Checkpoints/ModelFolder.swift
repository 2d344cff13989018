public import Files
public import Torch

/// Writing a model folder that transformers loads: `config.json`, weights, and the files of the tokenizer.
public enum ModelFolder {
  /// Writes `folder`, complete or absent; an existing folder is replaced only when the new one is complete and `verify` returned.
  /// - Parameters:
  ///   - otherFiles: contents by file name, the tokenizer's for instance.
  ///   - maximumShardBytes: weights beyond this are split into numbered shards with an index.
  ///   - verify: reloads the folder it is given and compares; what it throws leaves everything as it was.
  public static func save(
    _ folder: String, config: ModelConfig, parameters: [(name: String, tensor: Tensor)], otherFiles: [(name: String, bytes: [UInt8])] = [],
    maximumShardBytes: Int = 5_000_000_000, verify: (_ temporary: String) throws -> Void
  ) throws {
    try AtomicWrite.folder(folder) { temporary in
      try write(into: temporary, config: config, parameters: parameters, otherFiles: otherFiles, maximumShardBytes: maximumShardBytes)
      try verify(temporary)
    }
  }

  /// Writes the same files into a folder that exists, for a caller that makes the whole folder atomic.
  /// - Throws: `InputError` when there is too little room, found before the first byte is written, or a file cannot be written.
  public static func write(
    into folder: String, config: ModelConfig, parameters: [(name: String, tensor: Tensor)], otherFiles: [(name: String, bytes: [UInt8])] = [],
    maximumShardBytes: Int = 5_000_000_000
  ) throws(InputError) {
    let total = parameters.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.size }
    try FreeSpace.require(total + otherFiles.reduce(1 << 20) { $0 + $1.bytes.count }, for: folder)
    try AtomicWrite.file("\(folder)/config.json", config.encoded())
    for (name, bytes) in otherFiles { try AtomicWrite.file("\(folder)/\(name)", bytes) }
    try writeWeights(parameters, into: folder, maximumShardBytes: maximumShardBytes)
  }

  private static func writeWeights(
    _ parameters: [(name: String, tensor: Tensor)], into folder: String, maximumShardBytes: Int
  ) throws(InputError) {
    try writeWeights(parameters.map { Safetensors.Payload($0.name, $0.tensor) }, into: folder, maximumShardBytes: maximumShardBytes)
  }

  /// `model.safetensors`, or numbered shards with their index.
  static func writeWeights(_ payloads: [Safetensors.Payload], into folder: String, maximumShardBytes: Int) throws(InputError) {
    let shards = shards(payloads.map(\.byteCount), maximumShardBytes: maximumShardBytes)
    guard shards.count > 1 else { return try Safetensors.write(payloads, metadata: ["format": "pt"], to: "\(folder)/model.safetensors") }
    var map = JSONObject()
    for (number, range) in shards.enumerated() {
      let name = "model-\(fiveDigits(number + 1))-of-\(fiveDigits(shards.count)).safetensors"
      try Safetensors.write(Array(payloads[range]), metadata: ["format": "pt"], to: "\(folder)/\(name)")
      for payload in payloads[range] { map[payload.name] = .string(name) }
    }
    let (count, total) = payloads.reduce(into: (0, 0)) { $0 = ($0.0 + $1.shape.reduce(1, *), $0.1 + $1.byteCount) }
    let index: JSON = ["metadata": ["total_parameters": .integer(count), "total_size": .integer(total)], "weight_map": .object(map)]
    try AtomicWrite.file("\(folder)/model.safetensors.index.json", index.encoded(indent: 2, sortedKeys: true, asciiOnly: true) + "\n")
  }

  /// Consecutive runs of tensors that stay within the limit; a tensor larger than it has a shard of its own.
  static func shards(_ sizes: [Int], maximumShardBytes: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var (start, size) = (0, 0)
    for (index, next) in sizes.enumerated() {
      if index > start && size + next > maximumShardBytes {
        result.append(start..<index)
        (start, size) = (index, 0)
      }
      size += next
    }
    return result + [start..<sizes.count]
  }

  private static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
