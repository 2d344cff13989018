/// Where the hypotheses of one search are in a cache: each has a slot, and moves only when two continue the same one.
struct BeamSlots {
  /// The slots that belong to the search; its prompt is in the first.
  let range: Range<Int>
  private let promptCount: Int
  /// Of each hypothesis.
  private(set) var slots: [Int]
  /// Slots whose cache holds the prompt.
  private var prepared: Set<Int>

  init(_ range: Range<Int>, promptCount: Int) {
    (self.range, self.promptCount) = (range, promptCount)
    (slots, prepared) = ([range.lowerBound], [range.lowerBound])
  }

  /// Hypothesis i from now on continues what was hypothesis `parents[i]`, of `length` positions.
  mutating func follow(_ parents: [Int], length: Int, in backend: any CausalBackend) {
    precondition(parents.count <= range.count, "\(parents.count) beams in a cache of \(range.count) slots")
    // The first to continue a hypothesis stays in its slot; others take slots that nobody continues.
    var taken: Set<Int> = []
    let places = parents.map { parent -> Int? in taken.insert(slots[parent]).inserted ? slots[parent] : nil }
    var free = range.filter { !taken.contains($0) }
    slots = zip(places, parents).map { place, parent -> Int in
      if let place { return place }
      let slot = free.removeFirst()
      backend.copy((prepared.insert(slot).inserted ? 0 : promptCount)..<length, from: slots[parent], to: slot)
      return slot
    }
  }
}
