/// The symbols of one word while they are merged: first one for each character or byte, at last the tokens.
///
/// Always the merge of lowest rank, of equal ones the leftmost. Short words look for it by scanning, long ones with a heap.
final class MergeSpace {
  private(set) var count = 0
  private(set) var ids: UnsafeMutablePointer<Int32>
  /// Bytes of the text that each symbol covers.
  private(set) var lengths: UnsafeMutablePointer<Int32>
  /// The merge of a symbol with the one behind it; `none` when there is none.
  private var ranks: UnsafeMutablePointer<UInt32>
  private var results: UnsafeMutablePointer<Int32>
  private var capacity = 1024

  private static let none = UInt32.max
  private static let longestScanned = 40

  init() {
    ids = .allocate(capacity: capacity)
    lengths = .allocate(capacity: capacity)
    ranks = .allocate(capacity: capacity)
    results = .allocate(capacity: capacity)
  }

  deinit { deallocate() }

  private func deallocate() {
    ids.deallocate()
    lengths.deallocate()
    ranks.deallocate()
    results.deallocate()
  }

  /// Empties the space and makes room for `needed` symbols.
  @inline(__always)
  func reset(capacity needed: Int) {
    count = 0
    if needed > capacity || capacity > 1 << 20 { grow(needed) }
  }

  private func grow(_ needed: Int) {
    deallocate()
    capacity = max(needed, 1024)
    ids = .allocate(capacity: capacity)
    lengths = .allocate(capacity: capacity)
    ranks = .allocate(capacity: capacity)
    results = .allocate(capacity: capacity)
  }

  @inline(__always)
  func append(_ id: Int32, length: Int) {
    ids[count] = id
    lengths[count] = Int32(truncatingIfNeeded: length)
    count &+= 1
  }

  func merge(_ merges: BPEMerges) {
    guard count > 1 else { return }
    if count <= Self.longestScanned { scan(merges) } else { mergeByHeap(merges) }
  }

  // MARK: Short words

  private func scan(_ merges: BPEMerges) {
    for index in 0..<(count - 1) { look(index, merges) }
    while count > 1 {
      var best = Self.none
      var place = 0
      for index in 0..<(count &- 1) where ranks[index] < best {
        best = ranks[index]
        place = index
      }
      guard best != Self.none else { return }
      ids[place] = results[place]
      lengths[place] &+= lengths[place + 1]
      count &-= 1
      for index in (place &+ 1)..<max(count, place &+ 1) {
        ids[index] = ids[index &+ 1]
        lengths[index] = lengths[index &+ 1]
        ranks[index] = ranks[index &+ 1]
        results[index] = results[index &+ 1]
      }
      if place > 0 { look(place &- 1, merges) }
      if place < count &- 1 { look(place, merges) }
    }
  }

  @inline(__always)
  private func look(_ index: Int, _ merges: BPEMerges) {
    if let merge = merges.find(ids[index], ids[index &+ 1]) {
      ranks[index] = merge.rank
      results[index] = merge.id
    } else {
      ranks[index] = Self.none
    }
  }

  // MARK: Long words

  /// Candidates wait in a heap; one whose symbols have changed since is recognised by its result.
  private func mergeByHeap(_ merges: BPEMerges) {
    var next = Array(1...count)  // count: the end
    var previous = Array(-1..<(count - 1))
    var heap = MergeHeap()
    func consider(_ index: Int) {
      guard index >= 0, next[index] < count, let merge = merges.find(ids[index], ids[next[index]]) else { return }
      heap.push(MergeHeap.Candidate(order: UInt64(merge.rank) << 32 | UInt64(index), id: merge.id))
    }
    for index in 0..<(count - 1) { consider(index) }
    while let candidate = heap.pop() {
      let place = Int(candidate.order & 0xFFFF_FFFF)
      guard lengths[place] >= 0, case let right = next[place], right < count, merges.find(ids[place], ids[right])?.id == candidate.id else {
        continue
      }
      ids[place] = candidate.id
      lengths[place] += lengths[right]
      lengths[right] = -1  // gone
      next[place] = next[right]
      if next[right] < count { previous[next[right]] = place }
      consider(previous[place])
      consider(place)
    }
    var kept = 0
    for index in 0..<count where lengths[index] >= 0 {
      ids[kept] = ids[index]
      lengths[kept] = lengths[index]
      kept += 1
    }
    count = kept
  }
}

/// Candidates for a merge, the one of lowest rank and then of lowest place on top.
private struct MergeHeap {
  struct Candidate {
    /// Rank above, place below.
    var order: UInt64
    var id: Int32
  }
  private var elements: [Candidate] = []

  mutating func push(_ candidate: Candidate) {
    var child = elements.count
    elements.append(candidate)
    while child > 0, case let parent = (child - 1) / 2, elements[parent].order > candidate.order {
      elements[child] = elements[parent]
      child = parent
    }
    elements[child] = candidate
  }

  mutating func pop() -> Candidate? {
    guard let top = elements.first, let last = elements.popLast() else { return nil }
    guard !elements.isEmpty else { return top }
    var parent = 0
    while case var child = 2 * parent + 1, child < elements.count {
      if child + 1 < elements.count, elements[child + 1].order < elements[child].order { child += 1 }
      if elements[child].order >= last.order { break }
      elements[parent] = elements[child]
      parent = child
    }
    elements[parent] = last
    return top
  }
}
