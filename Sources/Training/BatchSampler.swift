import Metrics

/// Which rows make up each step: a reproducible order of length-bucketed batches.
///
/// Each epoch shuffles the rows, sorts stretches of fifty batches by length so that a batch holds rows of like length, cuts
/// batches, and shuffles those. The order of an epoch depends on the seed and the epoch alone, so a cursor of two numbers
/// resumes it exactly.
public struct BatchSampler: Sendable {
  /// Where a run is: `batch` batches of epoch `epoch` are done.
  public struct Cursor: Hashable, Sendable {
    public var epoch = 0
    public var batch = 0
    public init(epoch: Int = 0, batch: Int = 0) {
      self.epoch = epoch
      self.batch = batch
    }
  }

  let lengths: [Int]
  let batchSize: Int
  let seed: UInt64
  let shuffles: Bool
  private static let stretch = 50

  /// - Parameters:
  ///   - lengths: tokens of every row.
  ///   - shuffles: false cuts batches in the order of the rows, the same in every epoch.
  public init(lengths: [Int], batchSize: Int, seed: UInt64, shuffles: Bool = true) {
    precondition(!lengths.isEmpty && batchSize > 0, "a sampler over \(lengths.count) rows in batches of \(batchSize)")
    self.lengths = lengths
    self.batchSize = batchSize
    self.seed = seed
    self.shuffles = shuffles
  }

  public var batchesPerEpoch: Int { (lengths.count + batchSize - 1) / batchSize }

  /// Every row once, as batches of positions.
  public func batches(ofEpoch epoch: Int) -> [[Int]] {
    var random = SplitMix64(seed: seed &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(epoch + 1))
    var order = Array(lengths.indices)
    if !shuffles { return stride(from: 0, to: order.count, by: batchSize).map { Array(order[$0..<min($0 + batchSize, order.count)]) } }
    random.shuffle(&order)
    let stretch = batchSize * Self.stretch
    for start in stride(from: 0, to: order.count, by: stretch) {
      order[start..<min(start + stretch, order.count)].sort { (lengths[$0], $0) < (lengths[$1], $1) }
    }
    var batches = stride(from: 0, to: order.count, by: batchSize).map { Array(order[$0..<min($0 + batchSize, order.count)]) }
    random.shuffle(&batches)
    return batches
  }
}
