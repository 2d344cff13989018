/// How the rows of a batch are made equally long.
public struct Padding: Sendable, Hashable {
  public enum Length: Sendable, Hashable {
    /// As long as the longest row.
    case longest
    /// At least this long; longer rows stay as they are.
    case fixed(Int)
  }

  public var length: Length
  /// The side that is filled.
  public var side: TextSide
  /// Round the length up to a multiple of this.
  public var multiple: Int?

  public init(_ length: Length = .longest, side: TextSide = .right, multiple: Int? = nil) {
    self.length = length
    self.side = side
    self.multiple = multiple
  }

  /// Fills every row to the common length with `id`, type 0, attention 0, special-tokens mask 1 and empty offsets.
  public func apply(to rows: inout [Encoding], id: Int32) {
    var target =
      switch length {
      case .longest: rows.map(\.count).max() ?? 0
      case .fixed(let count): count
      }
    if let multiple, multiple > 0, target % multiple != 0 { target += multiple - target % multiple }
    for index in rows.indices { fill(&rows[index], to: target, id: id) }
  }

  private func fill(_ row: inout Encoding, to target: Int, id: Int32) {
    let missing = target - row.count
    guard missing > 0 else { return }
    let hasOffsets = row.offsets.count == row.count
    func extend<Value>(_ array: inout [Value], _ value: Value) {
      array.insert(contentsOf: repeatElement(value, count: missing), at: side == .right ? array.endIndex : 0)
    }
    if hasOffsets { extend(&row.offsets, 0..<0) }
    extend(&row.ids, id)
    extend(&row.typeIDs, 0)
    extend(&row.attentionMask, 0)
    extend(&row.specialTokensMask, 1)
  }
}
