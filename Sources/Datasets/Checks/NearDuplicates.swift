/// Pairs of texts that say almost the same: Jaccard similarity of their sets of three-word runs.
///
/// Exact, not sampled: a run-frequency order and a prefix of each set are enough to find every pair above the threshold (Bayardo
/// et al., "Scaling up all pairs similarity search", WWW 2007), so thousands of posts take well under a second.
struct NearDuplicates {
  /// Two texts by their positions, and how alike they are (0…1).
  struct Pair: Sendable, Hashable {
    let first: Int
    let second: Int
    let similarity: Double
  }

  let threshold: Double

  /// Pairs (first < second) at or above the threshold for which `wanted` is true, in order. Texts of fewer than `minimumWords` words are
  /// skipped: their overlap means nothing.
  func pairs(_ texts: [String], minimumWords: Int = 6, wanted: (Int, Int) -> Bool = { _, _ in true }) -> [Pair] {
    let sets = orderedShingles(texts, minimumWords: minimumWords)
    var index: [UInt32: [Int]] = [:]
    var found: [Pair] = []
    // Shorter sets first, so a candidate in the index is never the longer of the two.
    for current in texts.indices.sorted(by: { (sets[$0].count, $0) < (sets[$1].count, $1) }) where !sets[current].isEmpty {
      let set = sets[current]
      let prefix = set.count - Int((threshold * Double(set.count)).rounded(.up)) + 1
      var candidates: Set<Int> = []
      for shingle in set.prefix(prefix) {
        for other in index[shingle] ?? [] where Double(sets[other].count) >= threshold * Double(set.count) && wanted(other, current) {
          candidates.insert(other)
        }
        index[shingle, default: []].append(current)
      }
      for other in candidates {
        let similarity = jaccard(sets[other], set)
        if similarity >= threshold { found.append(Pair(first: min(other, current), second: max(other, current), similarity: similarity)) }
      }
    }
    return found.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }

  /// Each text's shingles as ranks, rarest first: equal ranks are equal shingles.
  private func orderedShingles(_ texts: [String], minimumWords: Int) -> [[UInt32]] {
    let hashed = texts.map { Self.shingles($0, minimumWords: minimumWords) }
    var frequency: [UInt64: Int] = [:]
    for set in hashed { for shingle in set { frequency[shingle, default: 0] += 1 } }
    let order = frequency.keys.sorted { (frequency[$0]!, $0) < (frequency[$1]!, $1) }  // keys of the same dictionary
    let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, UInt32($0)) })
    return hashed.map { $0.compactMap { rank[$0] }.sorted() }
  }

  /// Hashes of the runs of three words; words are runs of letters and digits (and all of non-ASCII), case folded.
  static func shingles(_ text: String, minimumWords: Int) -> Set<UInt64> {
    var words: [UInt64] = []
    var hash: UInt64 = 0
    for byte in text.utf8 {
      let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
      if folded >= 0x61 && folded <= 0x7A || folded >= 0x30 && folded <= 0x39 || folded >= 0x80 {
        hash = (hash ^ (UInt64(folded) &+ 0x9e37)) &* 0x100_0000_01b3
      } else if hash != 0 {
        words.append(hash)
        hash = 0
      }
    }
    if hash != 0 { words.append(hash) }
    guard words.count >= max(minimumWords, 3) else { return [] }
    var shingles: Set<UInt64> = []
    for k in 0...(words.count - 3) {
      let pair = (words[k] &* 0xff51_afd7_ed55_8ccd) ^ words[k + 1]
      shingles.insert((pair &* 0xc4ce_b9fe_1a85_ec53) ^ words[k + 2])
    }
    return shingles
  }

  /// |a ∩ b| / |a ∪ b| of two ascending arrays.
  private func jaccard(_ a: [UInt32], _ b: [UInt32]) -> Double {
    var (i, j, common) = (0, 0, 0)
    while i < a.count, j < b.count {
      if a[i] == b[j] { (i, j, common) = (i + 1, j + 1, common + 1) } else if a[i] < b[j] { i += 1 } else { j += 1 }
    }
    return Double(common) / Double(a.count + b.count - common)
  }
}
