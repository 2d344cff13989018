/// Cuts normalised text into the words that the vocabulary is asked for.
enum WordSplitter: Sendable {
  /// `BertPreTokenizer`: cut at white space, every punctuation character a word of its own.
  case bert
  /// `Whitespace`: runs of `\w` and runs of what is neither that nor white space.
  case whitespace
  /// `WhitespaceSplit`: cut at white space only.
  case whitespaceSplit
  /// No pre-tokeniser: the whole text is one word.
  case none

  private enum Kind { case word, space, mark }

  /// Calls `body` with the bounds of every word of `bytes[range]`, in order.
  @inline(__always)
  func forEachWord(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, _ body: (_ start: Int, _ end: Int) -> Void) {
    switch self {
    case .bert: splitBert(bytes, range, body)
    case .none: if !range.isEmpty { body(range.lowerBound, range.upperBound) }
    case .whitespace, .whitespaceSplit: splitRuns(bytes, range, body)
    }
  }

  @inline(__always)
  private func splitBert(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, _ body: (Int, Int) -> Void) {
    Self.asciiKinds.withUnsafeBufferPointer { kinds in
      var start = range.lowerBound
      var index = start
      while index < range.upperBound {
        var kind = kinds[Int(bytes[index])]
        var width = 1
        if kind == 0 {
          index &+= 1
          continue
        }
        if kind == 3 {
          let decoded = decodeScalar(bytes + index)
          width = decoded.width
          kind = BertCharacters.isWhitespace(decoded.scalar) ? 1 : BertCharacters.isPunctuation(decoded.scalar) ? 2 : 0
          if kind == 0 {
            index &+= width
            continue
          }
        }
        if start < index { body(start, index) }
        if kind == 2 { body(index, index &+ width) }
        index &+= width
        start = index
      }
      if start < range.upperBound { body(start, range.upperBound) }
    }
  }

  private func splitRuns(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, _ body: (Int, Int) -> Void) {
    var start = range.lowerBound
    var index = start
    var current = Kind.space
    while index < range.upperBound {
      let (scalar, width) = decodeScalar(bytes + index)
      let kind: Kind =
        if BertCharacters.isWhitespace(scalar) { .space } else if self == .whitespaceSplit || BertCharacters.isWord(scalar) { .word } else { .mark }
      if kind != current {
        if current != .space { body(start, index) }
        start = index
        current = kind
      }
      index += width
    }
    if current != .space { body(start, index) }
  }

  /// 0 part of a word, 1 white space, 2 punctuation, 3 not ASCII.
  private static let asciiKinds: [UInt8] = (0...255 as ClosedRange<UInt8>).map { byte in
    let scalar = Unicode.Scalar(byte)
    if byte >= 0x80 { return 3 }
    return BertCharacters.isWhitespace(scalar) ? 1 : BertCharacters.isPunctuation(scalar) ? 2 : 0
  }
}
