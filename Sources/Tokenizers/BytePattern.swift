/// How byte-level BPE cuts text into words: the published regular expressions, written out as scanners.
enum BytePattern: Sendable {
  /// GPT-2's and RoBERTa's.
  case gpt2
  /// Llama 3's.
  case llama3
  /// The whole text is one word.
  case whole

  static let gpt2Source = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  static let llama3Source =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Calls `body` with the bounds of every word of `bytes[range]`, in order; the words cover the range.
  @inline(__always)
  func forEachWord(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, _ body: (_ start: Int, _ end: Int) -> Void) {
    CharacterClass.Reader.with { classes in
      let scanner = Scanner(bytes: bytes, end: range.upperBound, classes: classes)
      var index = range.lowerBound
      switch self {
      case .whole: if !range.isEmpty { body(range.lowerBound, range.upperBound) }
      case .gpt2:
        while index < range.upperBound {
          let end = scanner.endOfGPT2Word(from: index)
          body(index, end)
          index = end
        }
      case .llama3:
        while index < range.upperBound {
          let end = scanner.endOfLlama3Word(from: index)
          body(index, end)
          index = end
        }
      }
    }
  }

  private struct Scanner {
    let bytes: UnsafePointer<UInt8>
    let end: Int
    let classes: CharacterClass.Reader

    /// The alternatives in the order of the pattern.
    @inline(__always)
    func endOfGPT2Word(from start: Int) -> Int {
      if bytes[start] == 0x27, let end = endOfContraction(start, foldsCase: false) { return end }
      let (first, width) = classes.read(bytes + start)
      var word = start &+ width  // behind the character that decides the class
      var kind = first
      if bytes[start] == 0x20, word < end {  // " ?": a space joins what follows
        let (following, width) = classes.read(bytes + word)
        if following != .space {
          kind = following
          word &+= width
        }
      }
      return kind == .space ? endOfSpaces(start) : endOfRun(kind, word)
    }

    @inline(__always)
    func endOfLlama3Word(from start: Int) -> Int {
      if bytes[start] == 0x27, let end = endOfContraction(start, foldsCase: true) { return end }
      let (first, width) = classes.read(bytes + start)
      let second = start &+ width
      switch first {
      case .letter: return endOfRun(.letter, second)
      case .number: return endOfNumber(second)
      case .space, .other:
        let following = second < end ? classes.read(bytes + second) : (class: CharacterClass.space, width: 0)
        // [^\r\n\p{L}\p{N}]?\p{L}+
        if following.class == .letter, !isLineEnd(bytes[start]) { return endOfRun(.letter, second &+ following.width) }
        //  ?[^\s\p{L}\p{N}]+[\r\n]*
        if first == .other { return endOfLineEnds(endOfRun(.other, second)) }
        if bytes[start] == 0x20, following.class == .other { return endOfLineEnds(endOfRun(.other, second &+ following.width)) }
        // \s*[\r\n]+
        if let end = endOfLastLine(start) { return end }
        return endOfSpaces(start)
      }
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d` at the apostrophe `start`.
    private func endOfContraction(_ start: Int, foldsCase: Bool) -> Int? {
      guard start + 1 < end else { return nil }
      func lower(_ byte: UInt8) -> UInt8 { foldsCase && 0x41...0x5A ~= byte ? byte | 0x20 : byte }
      let second = start + 2 < end ? lower(bytes[start + 2]) : 0
      switch lower(bytes[start + 1]) {
      case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
      case UInt8(ascii: "r"), UInt8(ascii: "v"): return second == UInt8(ascii: "e") ? start + 3 : nil
      case UInt8(ascii: "l"): return second == UInt8(ascii: "l") ? start + 3 : nil
      case 0xC5 where foldsCase && start + 2 < end && bytes[start + 2] == 0xBF: return start + 3  // ſ folds to s
      default: return nil
      }
    }

    @inline(__always)
    private func endOfRun(_ kind: CharacterClass, _ start: Int) -> Int {
      var index = start
      while index < end {
        let (found, width) = classes.read(bytes + index)
        if found != kind { break }
        index &+= width
      }
      return index
    }

    /// Up to two more numerals.
    private func endOfNumber(_ start: Int) -> Int {
      var index = start
      for _ in 0..<2 where index < end {
        let (found, width) = classes.read(bytes + index)
        if found != .number { break }
        index += width
      }
      return index
    }

    /// `\s+(?!\S)|\s+`: white space up to the end of the text, else all but its last character, which the next word may take.
    private func endOfSpaces(_ start: Int) -> Int {
      var index = start
      var last = start
      while index < end {
        let (found, width) = classes.read(bytes + index)
        if found != .space { return last > start ? last : index }
        last = index
        index += width
      }
      return index
    }

    /// Behind the last line end of the white space at `start`; nil when there is none.
    private func endOfLastLine(_ start: Int) -> Int? {
      var index = start
      var result: Int?
      while index < end {
        let (found, width) = classes.read(bytes + index)
        if found != .space { break }
        index += width
        if isLineEnd(bytes[index - 1]) { result = index }
      }
      return result
    }

    private func endOfLineEnds(_ start: Int) -> Int {
      var index = start
      while index < end, isLineEnd(bytes[index]) { index += 1 }
      return index
    }

    @inline(__always)
    private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
  }
}
