public import Torch

/// The rows of a batch end to end, without padding: what every encoder reads.
///
/// Work is proportional to real tokens; rows do not see each other because attention stays within `rowStarts`.
public struct PackedTokens {
  /// Token ids, (tokens) int64.
  public private(set) var ids: Tensor
  /// Index of each token in its row, from 0, (tokens) int64.
  public let positions: Tensor
  /// Segment of each token (0, or 1 for the second text of a pair), (tokens) int64.
  public let types: Tensor
  /// Where each row starts, and the end: (rows + 1) int32, on the CPU.
  public let rowStarts: Tensor
  /// Index of each row's first token, (rows) int64.
  public let firsts: Tensor

  /// One more than the largest position.
  public let positionLimit: Int
  /// The rows' ids on the host, and where each row ends in them.
  private var hostIDs: [Int32]
  private let ends: [Int]

  public var rows: Int { firsts.count }

  /// Index of each row's last token whose id is not `padding`, (rows) int64: where transformers reads a decoder's classification.
  /// A row of nothing but padding gives its first token.
  public func lasts(except padding: Int?) -> Tensor {
    var start = 0
    return Tensor(
      ends.map { end in
        defer { start = end }
        return (start..<end).last { Int(hostIDs[$0]) != padding } ?? start
      }, device: firsts.device)
  }

  /// Index of each row's last token that is one of `ids`, (rows) int64; of its last token where there is none.
  public func lasts(of ids: [Int]) -> Tensor {
    var start = 0
    return Tensor(
      ends.map { end in
        defer { start = end }
        return (start..<end).last { ids.contains(Int(hostIDs[$0])) } ?? end - 1
      }, device: firsts.device)
  }

  /// The same rows, each one place later behind `start` and without its last id: what a decoder reads to predict them.
  public func shiftedRight(start: Int) -> PackedTokens {
    var result = self
    result.ids = ids.rolled(1, dim: 0)
    result.ids.indexPut([firsts], Tensor([start], device: firsts.device))
    result.hostIDs = [Int32(start)] + hostIDs.dropLast()
    for end in ends.dropLast() { result.hostIDs[end] = Int32(start) }
    return result
  }

  /// - Parameters:
  ///   - ids: the rows' ids, end to end.
  ///   - types: as long as `ids`; nil for all 0.
  ///   - positions: as long as `ids`; nil counts from 0 in each row.
  ///   - lengths: of the rows, each at least 1; they add up to `ids.count`.
  ///   - fillsUp: adds short rows of id 0 behind the real ones up to a round number of tokens. Nobody reads what becomes of
  ///     them; they make shapes recur, and a matrix product's code is generated, and kept, once for each shape.
  public init(ids: [Int32], types: [Int32]? = nil, positions: [Int32]? = nil, lengths: [Int], fillsUp: Bool = false, device: Device = .cpu) {
    precondition(lengths.allSatisfy { $0 > 0 }, "a row without tokens")
    precondition(lengths.reduce(0, +) == ids.count, "rows of \(lengths.reduce(0, +)) tokens for \(ids.count) ids")
    let fill = fillsUp ? Self.fillLengths(tokens: ids.count) : []
    let zeros = [Int32](repeating: 0, count: fill.reduce(0, +))
    let starts = (lengths + fill).reduce(into: [Int32(0)]) { $0.append($0.last! + Int32($1)) }
    self.ids = Tensor(ids + zeros, device: device).to(.int64)
    self.types = Tensor((types ?? [Int32](repeating: 0, count: ids.count)) + zeros, device: device).to(.int64)
    self.positions = Tensor((positions ?? lengths.flatMap { 0..<Int32($0) }) + zeros, device: device).to(.int64)
    positionLimit = Int(positions?.max() ?? Int32(max(lengths.max() ?? 1, fill.max() ?? 1) - 1)) + 1
    hostIDs = ids
    ends = starts.prefix(lengths.count + 1).dropFirst().map(Int.init)
    rowStarts = Tensor(starts)
    firsts = Tensor(starts.prefix(lengths.count).map(Int.init), device: device)
  }

  /// Rows of at most 16 tokens that bring `tokens` to a multiple of a sixteenth of the next power of two: eight shapes for
  /// each doubling, for 4 % more work on average.
  private static func fillLengths(tokens: Int) -> [Int] {
    var power = 256
    while power < tokens { power *= 2 }
    let missing = (power / 16 - tokens % (power / 16)) % (power / 16)
    return stride(from: 0, to: missing, by: 16).map { min(16, missing - $0) }
  }
}
