extension Truncation {
  /// The windows of the two texts; the first window of each is what is kept, the others are overflow.
  ///
  /// Source of the rules: `truncate_encodings` and `Encoding::truncate` of the `tokenizers` library.
  /// - Parameters:
  ///   - first, second: numbers of tokens, without special ones; `second` is nil for a single text.
  ///   - specialTokens: how many will be added.
  func windows(
    first: Int, second: Int?, specialTokens: Int
  ) throws(TokenizationError) -> (first: [Range<Int>], second: [Range<Int>]?) {
    let room = maximumLength - specialTokens
    guard room >= 0 else { throw .noRoom(maximumLength: maximumLength, specialTokens: specialTokens, stride: stride ?? 0) }
    var keepFirst = first
    var keepSecond = second ?? 0
    let toRemove = first + keepSecond - room
    if room == 0 {
      (keepFirst, keepSecond) = (0, 0)
    } else if toRemove > 0 {
      switch strategy {
      case .longestFirst:
        if second != nil {
          (keepFirst, keepSecond) = shares(first, keepSecond, room)
        } else {
          keepFirst = room
        }
      case .onlyFirst:
        guard first > toRemove else { throw .textTooShortToTruncate(tokens: first, toRemove: toRemove) }
        keepFirst -= toRemove
      case .onlySecond:
        guard let second else { throw .noSecondText }
        guard second > toRemove else { throw .textTooShortToTruncate(tokens: second, toRemove: toRemove) }
        keepSecond -= toRemove
      }
    }
    let firstWindows = try windows(of: first, keeping: keepFirst, specialTokens)
    guard let second else { return (firstWindows, nil) }
    return (firstWindows, try windows(of: second, keeping: keepSecond, specialTokens))
  }

  /// The longer text gives way until both are equal, then both do; the second gets an odd token.
  private func shares(_ first: Int, _ second: Int, _ room: Int) -> (Int, Int) {
    var short = min(first, second)
    var long = short > room ? short : max(short, room - short)
    if short + long > room {
      short = room / 2
      long = short + room % 2
    }
    return first > second ? (long, short) : (short, long)
  }

  private func windows(of count: Int, keeping kept: Int, _ specialTokens: Int) throws(TokenizationError) -> [Range<Int>] {
    if kept >= count { return [0..<count] }
    guard let stride else { return [side == .right ? 0..<kept : (count - kept)..<count] }
    guard stride >= 0, stride < kept else { throw .noRoom(maximumLength: maximumLength, specialTokens: specialTokens, stride: stride) }
    var result: [Range<Int>] = []
    var edge = 0  // of the window, counted from the side that is kept
    repeat {
      let end = min(edge + kept, count)
      result.append(side == .right ? edge..<end : (count - end)..<(count - edge))
      if end == count { break }
      edge += kept - stride
    } while true
    return result
  }
}
