public import Torch

/// The rows of a batch end to end, without padding: what every encoder reads.
///
/// Work is proportional to real tokens; rows do not see each other because attention stays within `rowStarts`.
public struct PackedTokens {
  /// Token ids, (tokens) int64.
  public let ids: Tensor
  /// Index of each token in its row, from 0, (tokens) int64.
  public let positions: Tensor
  /// Segment of each token (0, or 1 for the second text of a pair), (tokens) int64.
  public let types: Tensor
  /// Where each row starts, and the end: (rows + 1) int32, on the CPU.
  public let rowStarts: Tensor
  /// Index of each row's first token, (rows) int64.
  public let firsts: Tensor

  public var rows: Int { rowStarts.count - 1 }
  public var tokens: Int { ids.count }

  /// - Parameters:
  ///   - ids: the rows' ids, end to end.
  ///   - types: as long as `ids`; nil for all 0.
  ///   - positions: as long as `ids`; nil counts from 0 in each row.
  ///   - lengths: of the rows, each at least 1; they add up to `ids.count`.
  public init(ids: [Int32], types: [Int32]? = nil, positions: [Int32]? = nil, lengths: [Int], device: Device = .cpu) {
    var starts: [Int32] = [0]
    starts.reserveCapacity(lengths.count + 1)
    for length in lengths {
      precondition(length > 0, "a row without tokens")
      starts.append(starts.last! + Int32(length))
    }
    precondition(Int(starts.last!) == ids.count, "rows of \(starts.last!) tokens for \(ids.count) ids")
    self.ids = Tensor(ids, device: device).to(.int64)
    self.types = types.map { Tensor($0, device: device).to(.int64) } ?? .zeros([ids.count], dtype: .int64, device: device)
    self.positions = Tensor(positions ?? lengths.flatMap { 0..<Int32($0) }, device: device).to(.int64)
    rowStarts = Tensor(starts)
    firsts = Tensor(starts.dropLast().map(Int.init), device: device)
  }
}
