public import Datasets
public import Models
public import Torch

/// Rows of one step, assembled: integer arrays that cross from the assembling thread to the training thread.
public struct Batch: Sendable {
  /// Positions of the rows in the training set; errors name rows through them.
  public let rows: [Int]
  /// Ids and segments of all rows, end to end.
  public let ids: [Int32]
  public let types: [Int32]
  public let lengths: [Int]
  public let targets: [Target]

  public init(_ rows: [Int], of examples: [EncodedExample]) {
    self.rows = rows
    lengths = rows.map { examples[$0].ids.count }
    targets = rows.map { examples[$0].target }
    var ids: [Int32] = []
    var types: [Int32] = []
    ids.reserveCapacity(lengths.reduce(0, +))
    types.reserveCapacity(ids.capacity)
    for row in rows {
      let example = examples[row]
      ids += example.ids
      types += example.typeIDs.isEmpty ? [Int32](repeating: 0, count: example.ids.count) : example.typeIDs
    }
    self.ids = ids
    self.types = types
  }

  /// What the encoder reads.
  public func tokens(on device: Device) -> PackedTokens { PackedTokens(ids: ids, types: types, lengths: lengths, fillsUp: true, device: device) }

  /// Consecutive parts of at most `size` rows and `tokens` tokens (a longer row is a part of its own); the batch itself when both are nil.
  public func split(_ size: Int?, tokens: Int? = nil, of examples: [EncodedExample]) -> [Batch] {
    var parts: [[Int]] = []
    var held = 0
    for (row, length) in zip(rows, lengths) {
      if let last = parts.last, last.count < size ?? .max, held + length <= tokens ?? .max {
        parts[parts.count - 1].append(row)
        held += length
      } else {
        parts.append([row])
        held = length
      }
    }
    return parts.count <= 1 ? [self] : parts.map { Batch($0, of: examples) }
  }
}
