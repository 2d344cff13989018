/// Levenshtein distance to one reference, computed in a band around the diagonal, for many hypotheses of one length.
///
/// The table of the last hypothesis measured without a base stays, so one that differs from it only further on costs only the rows from there.
struct BeamDistance {
  private enum Edit: UInt8 { case none, same, replaced, inserted, deleted }

  private let reference: [Int32]
  private let band: Band
  /// Row i after i words of the hypothesis, column j after j words of the reference.
  private var costs: [Int32]
  private var edits: [Edit]
  /// The rows of hypotheses measured on top of a base.
  private var scratch: [Int32]
  private var measured: [Int32]?

  init(_ reference: [Int32], hypothesisLength: Int) {
    self.reference = reference
    band = Band(width: reference.count + 1, length: hypothesisLength)
    costs = Array(repeating: unreached, count: (band.length + 1) * band.width)
    edits = Array(repeating: .none, count: costs.count)
    for j in 0..<band.width { (costs[j], edits[j]) = (Int32(j), .inserted) }
    scratch = costs
  }

  /// The distance of `words`, whose table then is the base.
  mutating func measure(_ words: [Int32]) -> Int {
    if measured != words {
      for row in 0..<band.length { fill(row + 1, words[row]) }
      measured = words
    }
    return Int(costs[costs.count - 1])
  }

  /// The distance of `words`; the table stays that of `base`, which was measured last.
  mutating func measure(_ words: [Int32], base: [Int32]) -> Int {
    let common = zip(words, base).prefix { $0 == $1 }.count
    let (band, width) = (band, band.width)
    if common == words.count { return Int(costs[costs.count - 1]) }
    scratch.replaceSubrange(common * width..<(common + 1) * width, with: costs[common * width..<(common + 1) * width])
    scratch.withUnsafeMutableBufferPointer { scratch in
      reference.withUnsafeBufferPointer { reference in
        for row in common + 1...band.length {
          let word = words[row - 1]
          let columns = band.columns(row)
          let (at, above) = (row * width, (row - 1) * width)
          if columns.lowerBound > 0 { scratch[at + columns.lowerBound - 1] = unreached }
          var left = unreached
          for j in columns {
            if j == 0 {
              left = scratch[above] + 1
            } else {
              let diagonal = scratch[above + j - 1] + (word == reference[j - 1] ? 0 : 1)
              left = min(diagonal, scratch[above + j] + 1, left + 1, unreached)
            }
            scratch[at + j] = left
          }
          // The next row reads as far as its own band.
          let reach = row < band.length ? band.columns(row + 1).upperBound : 0
          for j in columns.upperBound..<max(columns.upperBound, reach) { scratch[at + j] = unreached }
        }
      }
    }
    return Int(scratch[scratch.count - 1])
  }

  private mutating func fill(_ row: Int, _ word: Int32) {
    let (at, above) = (row * band.width, (row - 1) * band.width)
    for j in 0..<band.width { costs[at + j] = unreached }
    for j in band.columns(row) {
      if j == 0 {
        (costs[at], edits[at]) = (costs[above] + 1, .deleted)
        continue
      }
      // The same or replaced goes first, then deleted, then inserted: Tercom's order, seen from the other side.
      let isSame = word == reference[j - 1]
      var (cost, edit) = (costs[above + j - 1] + (isSame ? 0 : 1), isSame ? Edit.same : .replaced)
      if costs[above + j] + 1 < cost { (cost, edit) = (costs[above + j] + 1, .deleted) }
      if costs[at + j - 1] + 1 < cost { (cost, edit) = (costs[at + j - 1] + 1, .inserted) }
      (costs[at + j], edits[at + j]) = cost < unreached ? (cost, edit) : (unreached, .none)
    }
  }

  /// Which words of the two sides are wrong, and where each word of the reference falls in the hypothesis.
  struct Alignment {
    var target: [Int] = []
    var referenceErrors: [Bool] = []
    var hypothesisErrors: [Bool] = []
  }

  /// The alignment of the base.
  func alignment() -> Alignment {
    var path: [Edit] = []
    var (i, j) = (band.length, band.width - 1)
    while i > 0 || j > 0 {
      let edit = edits[i * band.width + j]
      path.append(edit)
      if edit != .inserted { i -= 1 }
      if edit != .deleted { j -= 1 }
      precondition(i >= 0 && j >= 0, "the band holds every path")
    }
    var result = Alignment()
    for edit in path.reversed() {
      let isWrong = edit != .same
      if edit != .inserted { result.hypothesisErrors.append(isWrong) }
      if edit != .deleted {
        result.target.append(result.hypothesisErrors.count - 1)
        result.referenceErrors.append(isWrong)
      }
    }
    return result
  }
}

/// The columns of each row that are computed: 25 to either side of the diagonal, more where one side is very long.
private struct Band {
  let width: Int
  let length: Int
  private let ratio: Double
  private let beam: Int

  init(width: Int, length: Int) {
    (self.width, self.length) = (width, length)
    ratio = length > 0 ? Double(width - 1) / Double(length) : 1
    beam = 25 < ratio / 2 ? Int((ratio / 2 + 25).rounded(.up)) : 25
  }

  func columns(_ row: Int) -> Range<Int> {
    let diagonal = Int((Double(row) * ratio).rounded(.down))
    let high = row == length ? width : min(width, diagonal + beam)
    return max(0, diagonal - beam)..<high
  }
}

/// Far above any distance, far below overflow.
private let unreached: Int32 = 1 << 28
