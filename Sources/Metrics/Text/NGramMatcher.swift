/// Clipped n-gram matches between a hypothesis and its references, for every order up to a limit.
///
/// An n-gram of order n is the pair (number of its first n − 1 items, last item), so comparing it costs one 64-bit comparison whatever
/// its length, and exactly: nothing is told apart by a hash alone. An n-gram of the hypothesis that no reference has ends its line there,
/// since no longer one can match.
final class NGramMatcher {
  private var keys: UnsafeMutablePointer<UInt64>
  private var values: UnsafeMutablePointer<Int32>
  private var capacity = 1 << 10
  private var mask = 0
  private var used: Int32 = 0
  /// How often each n-gram of the current order occurs in a reference, at most; and in the reference at hand.
  private var best: [Int32] = []
  private var current: [Int32] = []
  private var referencePrefixes: [[Int32]] = []
  private var hypothesisPrefixes: [Int32] = []

  init() {
    keys = .allocate(capacity: capacity)
    values = .allocate(capacity: capacity)
  }

  deinit {
    keys.deallocate()
    values.deallocate()
  }

  /// Matches of order 1...`matches.count`, clipped at the largest count in any one reference.
  func count(_ hypothesis: [Int32], _ references: [[Int32]], matches: inout [Int]) {
    let longest = references.reduce(0) { $0 + $1.count }
    if best.count < longest {
      best = Array(repeating: 0, count: longest)
      current = best
    }
    hypothesisPrefixes = Array(repeating: 0, count: hypothesis.count)
    referencePrefixes = references.map { Array(repeating: 0, count: $0.count) }
    for order in 1...max(1, matches.count) {
      guard order <= matches.count else { break }
      clear(forItems: longest)
      for r in references.indices { add(references[r], &referencePrefixes[r], order, isOnly: references.count == 1) }
      matches[order - 1] = match(hypothesis, order)
      if matches[order - 1] == 0 {
        for later in order..<matches.count { matches[later] = 0 }
        break
      }
    }
  }

  private func add(_ items: [Int32], _ prefixes: inout [Int32], _ order: Int, isOnly: Bool) {
    let last = items.count - order
    guard last >= 0 else { return }
    for i in 0...last {
      let id = insert(key(prefixes[i], items[i + order - 1]))
      prefixes[i] = id
      if isOnly { best[Int(id)] += 1 } else { current[Int(id)] += 1 }
    }
    if isOnly { return }
    for i in 0...last {
      let id = Int(prefixes[i])
      best[id] = max(best[id], current[id])
      current[id] = 0
    }
  }

  private func match(_ items: [Int32], _ order: Int) -> Int {
    let last = items.count - order
    guard last >= 0 else { return 0 }
    var count = 0
    for i in 0...last where hypothesisPrefixes[i] >= 0 {
      let id = find(key(hypothesisPrefixes[i], items[i + order - 1]))
      hypothesisPrefixes[i] = id
      if id >= 0 && best[Int(id)] > 0 {
        best[Int(id)] -= 1
        count += 1
      }
    }
    return count
  }

  private func key(_ prefix: Int32, _ item: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: prefix)) << 32 | UInt64(UInt32(bitPattern: item))
  }

  private func clear(forItems count: Int) {
    var size = 16
    while size < 2 * count { size *= 2 }
    if size > capacity {
      keys.deallocate()
      values.deallocate()
      capacity = size
      keys = .allocate(capacity: size)
      values = .allocate(capacity: size)
    }
    mask = size - 1
    values.update(repeating: -1, count: size)
    used = 0
  }

  private func slot(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
  }

  private func insert(_ key: UInt64) -> Int32 {
    var at = slot(key)
    while values[at] >= 0 {
      if keys[at] == key { return values[at] }
      at = (at + 1) & mask
    }
    keys[at] = key
    values[at] = used
    best[Int(used)] = 0
    used += 1
    return used - 1
  }

  private func find(_ key: UInt64) -> Int32 {
    var at = slot(key)
    while values[at] >= 0 {
      if keys[at] == key { return values[at] }
      at = (at + 1) & mask
    }
    return -1
  }
}
