/// One call of a composed decoder, laid out on the host: which tokens are computed, where their keys go, and who sees what.
///
/// A row is a slot and its tokens. Where each slot has one token, slots that lie between them are computed along with a token that
/// nobody reads, so that the cache is a view of its rows; otherwise queries are padded to the longest row for attention alone.
struct DecodingCall {
  /// Slots, in the order of the tokens.
  private(set) var rows: [Int] = []
  /// Tokens of the longest row.
  private(set) var longest = 1
  /// Positions that attention reads: all that any token sees.
  let span: Int
  /// Every row starts at position 0 and its tokens see all before them: no mask is needed.
  let isCausal: Bool
  private var ids: [Int] = []
  private var positions: [Int] = []
  /// Index of each token's key among all slots' positions.
  private var places: [Int] = []
  private var wanted: [Int] = []
  /// Where tokens stand among rows · longest; nil where they fill it.
  private var padded: [Int]?
  /// Position of each row's first token.
  private var starts: [Int] = []
  private let slotsAreNeighbours: Bool

  /// What is on the device, int64.
  struct Indices {
    let ids, positions, places, wanted: Tensor
    let padded: Tensor?
    /// Of the rows; nil where they are neighbours in the cache.
    let slots: Tensor?
  }

  /// - Parameter room: positions of a slot in the cache.
  init(_ tokens: CausalDecoder.Tokens, isPrompt: Bool, shape: CausalDecoder.Shape, room: Int) {
    let slots = tokens.slots.map(Int.init)
    precondition(tokens.positions.allSatisfy { $0 >= 0 && $0 < shape.capacity }, "a token beyond the \(shape.capacity) positions of a slot")
    precondition(slots.allSatisfy { $0 >= 0 && $0 < shape.slots }, "a token outside the \(shape.slots) slots")
    let end = Int(tokens.positions.max() ?? 0) + 1
    if !isPrompt, let first = slots.min(), let last = slots.max() {
      precondition(Set(slots).count == slots.count, "several tokens of a slot in one step")
      rows = Array(first...last)
      (ids, positions) = (rows.map { _ in 0 }, rows.map { _ in 0 })
      places = rows.map { $0 * room + room - 1 }
      for (token, slot) in slots.enumerated() {
        (ids[slot - first], positions[slot - first]) = (Int(tokens.ids[token]), Int(tokens.positions[token]))
        places[slot - first] = slot * room + Int(tokens.positions[token])
      }
      wanted = tokens.wanted.map { slots[Int($0)] - first }
      (starts, slotsAreNeighbours, isCausal, span) = (positions, true, false, Self.rounded(end))
      return
    }
    (ids, positions, wanted) = (tokens.ids.map { Int($0) }, tokens.positions.map { Int($0) }, tokens.wanted.map { Int($0) })
    places = zip(slots, positions).map { $0 * room + $1 }
    var lengths: [Int] = []
    for (token, slot) in slots.enumerated() {
      if rows.last != slot {
        rows.append(slot)
        lengths.append(0)
        starts.append(positions[token])
      }
      lengths[lengths.count - 1] += 1
    }
    let most = lengths.max() ?? 1
    if lengths.contains(where: { $0 != most }) {
      padded = lengths.enumerated().flatMap { row, length in (0..<length).map { row * most + $0 } }
    }
    longest = most
    slotsAreNeighbours = rows == Array((rows.first ?? 0)..<(rows.first ?? 0) + rows.count)
    isCausal = most > 1 && most <= shape.window ?? .max && starts.allSatisfy { $0 == 0 }
    span = isCausal ? most : Self.rounded(end)
  }

  /// A whole number of the blocks that attention kernels read aligned.
  static func rounded(_ positions: Int) -> Int { (positions + 63) / 64 * 64 }

  /// All indices, in one transfer.
  func uploaded(to device: Device) -> Indices {
    let lists = [ids, positions, places, wanted, padded ?? [], slotsAreNeighbours ? [] : rows]
    let all = Tensor(lists.flatMap { $0 }, device: device)
    var start = 0
    let parts = lists.map { list in
      defer { start += list.count }
      return all.narrow(0, start, list.count)
    }
    return Indices(
      ids: parts[0], positions: parts[1], places: parts[2], wanted: parts[3], padded: padded == nil ? nil : parts[4],
      slots: slotsAreNeighbours ? nil : parts[5])
  }

  /// What is added to attention scores: 0 where a query sees a position and -∞ elsewhere, (rows, 1, group · longest, span); nil where
  /// none is needed.
  /// - Parameter positions: of the tokens, on the device.
  func mask(_ positions: Tensor, window: Int?, group: Int, dtype: DType) -> Tensor? {
    if isCausal { return nil }
    let device = positions.device
    // Padding stands where it would in the row: it sees something, and nobody sees it.
    let offsets = Tensor.arange(0, Double(longest), device: device)
    let own = longest == 1 ? positions.unsqueezed(1) : Tensor(starts, device: device).unsqueezed(1) + offsets  // (rows, longest)
    let (queries, keys) = (own.unsqueezed(2), Tensor.arange(0, Double(span), device: device))
    var hidden = keys.greater(than: queries)  // (rows, longest, span)
    if let window { hidden = hidden.logicalOr(keys.lessOrEqual(than: queries - Double(window))) }
    let mask = Tensor.zeros([rows.count, 1, longest, span], dtype: dtype, device: device).maskedFill(hidden.unsqueezed(1), -.infinity)
    return group == 1 ? mask : mask.expanded(rows.count, group, longest, span).reshaped(rows.count, 1, group * longest, span)
  }
}
