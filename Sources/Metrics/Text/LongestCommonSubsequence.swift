/// Longest common subsequences of word numbers: their lengths, and one of them as rouge_score picks it.
struct LongestCommonSubsequence {
  private var table: [Int32] = []

  /// The positions in `reference` of one longest common subsequence with `candidate`, marked true. Of several, the one found by going back
  /// from the ends and shortening the reference on a tie.
  mutating func mark(_ reference: ArraySlice<Int32>, _ candidate: ArraySlice<Int32>, in marks: inout [Bool]) {
    fill(reference, candidate)
    let width = candidate.count + 1
    var (i, j) = (reference.count, candidate.count)
    while i > 0 && j > 0 {
      if reference[reference.startIndex + i - 1] == candidate[candidate.startIndex + j - 1] {
        marks[i - 1] = true
        i -= 1
        j -= 1
      } else if table[i * width + j - 1] > table[(i - 1) * width + j] {
        j -= 1
      } else {
        i -= 1
      }
    }
  }

  /// The length of the longest common subsequence.
  mutating func length(_ reference: ArraySlice<Int32>, _ candidate: ArraySlice<Int32>) -> Int {
    fill(reference, candidate)
    return Int(table[reference.count * (candidate.count + 1) + candidate.count])
  }

  /// `table[i * (candidates + 1) + j]` is the length for the first i and j words.
  private mutating func fill(_ reference: ArraySlice<Int32>, _ candidate: ArraySlice<Int32>) {
    let width = candidate.count + 1
    let size = (reference.count + 1) * width
    if table.count < size { table = Array(repeating: 0, count: size) }
    table.withUnsafeMutableBufferPointer { table in
      candidate.withUnsafeBufferPointer { candidate in
        for j in 0..<width { table[j] = 0 }
        var row = 0
        for word in reference {
          let next = row + width
          var left: Int32 = 0
          table[next] = 0
          for j in 0..<candidate.count {
            left = candidate[j] == word ? table[row + j] + 1 : max(left, table[row + j + 1])
            table[next + j + 1] = left
          }
          row = next
        }
      }
    }
  }
}
