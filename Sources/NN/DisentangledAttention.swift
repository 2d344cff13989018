public import Torch

/// DeBERTa's self-attention (He et al. 2021): a score is content · content, plus content · distance and distance · content,
/// where a distance between two tokens has a vector that all layers share.
public struct DisentangledAttention {
  /// What attention knows of distances.
  public struct Positions: Sendable, Equatable {
    /// `c2p`: a token's query with the distance's key.
    public let contentToPosition: Bool
    /// `p2c`: the distance's query with a token's key.
    public let positionToContent: Bool
    /// `share_att_key`: distances go through the projections of the content.
    public let sharesKeys: Bool
    /// `position_buckets`: far distances share buckets of growing width; nil gives each distance its own.
    public let buckets: Int?
    /// `max_relative_positions`: farther distances count as this one.
    public let furthest: Int

    public init(contentToPosition: Bool, positionToContent: Bool, sharesKeys: Bool, buckets: Int?, furthest: Int) {
      (self.contentToPosition, self.positionToContent, self.sharesKeys) = (contentToPosition, positionToContent, sharesKeys)
      (self.buckets, self.furthest) = (buckets, furthest)
    }

    /// Distances -span ..< span have a row each.
    public var span: Int { buckets ?? furthest }
  }

  let projections: [Linear]
  /// Of distances, where the content's are not shared.
  let positionKey, positionQuery: Linear?
  let positions: Positions?
  let heads: Int
  let width: Int
  let dropout: Double
  let positionDropout: Double

  public init(
    hidden: Int, heads: Int, positions: Positions?, dropout: Double, positionDropout: Double, deviation: Double, at scope: Scope
  ) {
    projections = Linear.adjacent(hidden, ["query_proj": hidden, "key_proj": hidden, "value_proj": hidden], deviation: deviation, at: scope)
    let hasOwn = positions?.sharesKeys == false
    positionKey = hasOwn && positions?.contentToPosition == true ? Linear(hidden, hidden, deviation: deviation, at: scope["pos_key_proj"]) : nil
    positionQuery = hasOwn && positions?.positionToContent == true ? Linear(hidden, hidden, deviation: deviation, at: scope["pos_query_proj"]) : nil
    (self.positions, self.heads, self.dropout, self.positionDropout) = (positions, heads, dropout, positionDropout)
    width = hidden / heads
  }

  /// (tokens, hidden) -> (tokens, hidden)
  /// - Parameters:
  ///   - rows: where the tokens stand when rows are padded to the longest.
  ///   - distances: the table's rows from `rows.firstDistance` on, (distances, hidden); nil without relative attention.
  public func callAsFunction(_ x: Tensor, rows: DistanceRows, distances: Tensor?, _ mode: Mode) -> Tensor {
    let (R, L) = (rows.count, rows.longest)
    let parts = rows.padded(Linear.sideBySide(projections, x, mode)).reshaped(R, L, 3, heads, width).permuted(2, 3, 0, 1, 4).contiguous()
    let kinds = 1 + (positions?.contentToPosition == true ? 1 : 0) + (positions?.positionToContent == true ? 1 : 0)
    let scale = 1 / (Double(width) * Double(kinds)).squareRoot()
    let (query, key, value) = (parts[0] * scale, parts[1], parts[2])  // (heads, R, L, width)
    var scores = query.matmul(key.transposed(-1, -2))  // (heads, R, L, L)
    if let positions, let distances {
      let dropped = distances.dropout(positionDropout, mode)
      /// Each token with each distance, and of these the one to every other token: (heads, R, L, L).
      func placed(_ content: Tensor, _ layer: Linear, _ index: Tensor) -> Tensor {
        let distance = layer(dropped, mode).reshaped(-1, heads, width).permuted(1, 2, 0)  // (heads, width, distances)
        return content.reshaped(heads, R * L, width).matmul(distance).reshaped(heads, R, L, -1).gather(3, index.expanded(heads, R, L, L))
      }
      if positions.contentToPosition { scores = scores + placed(query, positionKey ?? projections[1], rows.index) }
      if positions.positionToContent {
        scores = scores + placed(key * scale, positionQuery ?? projections[0], rows.index.transposed(0, 1)).transposed(-1, -2)
      }
    }
    if let padding = rows.padding { scores = scores.maskedFill(padding, -3.0e38) }
    let attended = scores.softmax(dim: -1).dropout(dropout, mode).matmul(value.to(scores.dtype))  // (heads, R, L, width)
    return rows.packed(attended.permuted(1, 2, 0, 3).reshaped(R, L, heads * width))
  }
}

/// The rows of a packed batch side by side, padded to the longest, and the distances between their tokens: made once a batch, used by every layer.
public struct DistanceRows {
  public let count: Int
  public let longest: Int
  /// The first row of the distance table that is needed, and how many: distances of short rows are few.
  public let firstDistance: Int
  public let distances: Int
  /// Where each token stands in (rows · longest); nil when nothing is padded.
  private let slots: Tensor?
  /// True at keys that are padding, (1, rows, 1, longest); nil when nothing is padded.
  let padding: Tensor?
  /// Of query i and key j the distance's row, counted from `firstDistance`, (longest, longest) int64.
  let index: Tensor

  /// - Parameter rowStarts: (rows + 1) int32 on the CPU.
  public init(rowStarts: Tensor, positions: DisentangledAttention.Positions?, device: Device) {
    let starts = rowStarts.array(Int32.self).map(Int.init)
    let lengths = zip(starts, starts.dropFirst()).map { $1 - $0 }
    let longest = lengths.max() ?? 0
    (count, self.longest) = (lengths.count, longest)
    let isEven = lengths.allSatisfy { $0 == longest }
    slots = isEven ? nil : Tensor(lengths.enumerated().flatMap { row, length in (0..<length).map { row * longest + $0 } }, device: device)
    padding = isEven
      ? nil : Tensor.arange(0, Double(longest), device: device).unsqueezed(0).greaterOrEqual(than: Tensor(lengths, device: device).unsqueezed(1)).reshaped(1, lengths.count, 1, longest)
    guard let positions else {
      (firstDistance, distances, index) = (0, 0, Tensor([Int](), shape: [0], device: device))
      return
    }
    let span = positions.span
    let table = Self.buckets(upTo: longest, positions)
    func row(_ distance: Int) -> Int { min(max((distance < 0 ? -table[-distance] : table[distance]) + span, 0), 2 * span - 1) }
    let first = row(1 - longest)
    firstDistance = first
    distances = row(longest - 1) + 1 - first
    index = Tensor((0..<longest).flatMap { i in (0..<longest).map { j in row(i - j) - first } }, shape: [longest, longest], device: device)
  }

  /// The bucket of each distance 0 ..< `count`: itself up to half the buckets, beyond that by its logarithm. Single precision and libtorch's
  /// own logarithm, since the ceiling of it decides.
  ///
  /// Source: `make_log_bucket_position` of microsoft/DeBERTa.
  static func buckets(upTo count: Int, _ positions: DisentangledAttention.Positions) -> [Int] {
    guard let buckets = positions.buckets else { return Array(0..<count) }
    let middle = buckets / 2
    let far = Tensor((0..<count).map { Float(max($0, middle - 1)) }) / Double(middle)
    let furthest = Tensor(scalar: Float(Double(positions.furthest - 1) / Double(middle))).log()
    let logarithmic = ((far.log() / furthest * Double(middle - 1)).ceil() + Double(middle)).array(Float.self)
    return (0..<count).map { $0 <= middle ? $0 : Int(logarithmic[$0]) }
  }

  /// (tokens, width) -> (rows, longest, width), zero where padded.
  func padded(_ x: Tensor) -> Tensor {
    guard let slots else { return x.reshaped(count, longest, x.size(1)) }
    return Tensor.zeros([count * longest, x.size(1)], dtype: x.dtype, device: x.device).indexAdded(0, slots, x).reshaped(count, longest, x.size(1))
  }

  /// The inverse.
  func packed(_ x: Tensor) -> Tensor {
    let flat = x.reshaped(count * longest, x.size(2))
    return slots.map { flat.indexSelect(0, $0) } ?? flat
  }
}
