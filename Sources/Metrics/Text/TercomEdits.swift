/// The number of edits between two texts when moving a group of words costs as much as changing one word.
///
/// The search is Tercom's as sacrebleu follows it: greedy, with its limits, so that the numbers are the same.
struct TercomEdits {
  private static let longestShift = 10
  private static let farthestShift = 50
  private static let candidateLimit = 1000

  private let reference: [Int32]
  private var distance: BeamDistance
  private var checked = 0

  /// Edits that turn `hypothesis` into `reference`.
  static func count(_ hypothesis: [Int32], _ reference: [Int32]) -> Int {
    if reference.isEmpty { return hypothesis.count }
    var search = TercomEdits(reference: reference, distance: BeamDistance(reference, hypothesisLength: hypothesis.count))
    var words = hypothesis
    var shifts = 0
    while true {
      let (gain, shifted) = search.bestShift(words)
      if search.checked >= candidateLimit || gain <= 0 { break }
      shifts += 1
      words = shifted
    }
    return shifts + search.distance.measure(words)
  }

  private init(reference: [Int32], distance: BeamDistance) { (self.reference, self.distance) = (reference, distance) }

  private struct Candidate {
    var gain, length, start, target: Int

    /// More gain first, then longer, then earlier in the hypothesis, then an earlier target.
    func precedes(_ other: Candidate) -> Bool {
      (gain, length, -start, -target) > (other.gain, other.length, -other.start, -other.target)
    }
  }

  /// The shift that brings `words` nearest to the reference, by how much, and the words after it.
  private mutating func bestShift(_ words: [Int32]) -> (gain: Int, words: [Int32]) {
    let before = distance.measure(words)
    let alignment = distance.alignment()
    var best: Candidate?
    search: for start in words.indices {
      let from = max(0, start - Self.farthestShift)
      for position in from..<max(from, min(reference.count, start + Self.farthestShift + 1)) {
        var length = 0
        while length < Self.longestShift, start + length < words.count, position + length < reference.count,
          words[start + length] == reference[position + length]
        {
          length += 1
          consider(words, start, position, length, before, alignment, &best)
          if checked >= Self.candidateLimit { break search }
        }
      }
    }
    guard let best else { return (0, words) }
    return (best.gain, Self.shifted(words, best.start, best.length, best.target))
  }

  /// Tries the group at every target that its place in the reference suggests, where both sides are wrong now.
  private mutating func consider(
    _ words: [Int32], _ start: Int, _ position: Int, _ length: Int, _ before: Int, _ alignment: BeamDistance.Alignment, _ best: inout Candidate?
  ) {
    guard alignment.hypothesisErrors[start..<start + length].contains(true) else { return }
    guard alignment.referenceErrors[position..<position + length].contains(true) else { return }
    if (start..<start + length).contains(alignment.target[position]) { return }
    var previous = -1
    for offset in -1..<length {
      let target: Int
      if position + offset == -1 {
        target = 0
      } else if position + offset < alignment.target.count {
        target = alignment.target[position + offset] + 1
      } else {
        break
      }
      if target == previous { continue }
      previous = target
      let shifted = Self.shifted(words, start, length, target)
      let candidate = Candidate(gain: before - distance.measure(shifted, base: words), length: length, start: start, target: target)
      checked += 1
      if best.map({ candidate.precedes($0) }) ?? true { best = candidate }
    }
  }

  /// `words` with the group of `length` at `start` moved in front of `target`.
  private static func shifted(_ words: [Int32], _ start: Int, _ length: Int, _ target: Int) -> [Int32] {
    let end = start + length
    let group = words[start..<end]
    if target < start { return Array(words[..<target] + group + words[target..<start] + words[end...]) }
    if target > end { return Array(words[..<start] + words[end..<target] + group + words[target...]) }
    // Into its own place: the words that follow come first.
    let after = min(words.count, length + target)
    return Array(words[..<start] + words[end..<after] + group + words[after...])
  }
}
