/// The candidate closest to `name` by edit distance, or nil when none is close enough to be a plausible misspelling
/// (more than a third of the longer name would have to change).
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let target = Array(name.utf8)
  var best: (distance: Int, name: String)?
  for candidate in candidates {
    let other = Array(candidate.utf8)
    let limit = min(best?.distance ?? Int.max, max(target.count, other.count) / 3 + 1)
    if abs(target.count - other.count) >= limit { continue }
    let distance = editDistance(target, other)
    if distance < limit { best = (distance, candidate) }
  }
  return best?.name
}

/// Levenshtein distance in bytes, in O(a.count · b.count) time and O(b.count) space.
func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(min(above, row[j]) + 1, diagonal + (x == y ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.count]
}
