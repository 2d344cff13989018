import Glibc

/// The substitutions of mteval-v13a, on bytes, and Tercom's, which are nearly the same. Every character they look for is ASCII, so UTF-8 passes
/// through whole. Holds two buffers; not for sharing between threads.
final class MTEvalRules {
  private var first: [UInt8] = []
  private var second: [UInt8] = []

  /// All of them: `<skipped>` and hyphens at line ends go, line ends become spaces, four entities are read, then `apply(punctuation:)` with a space at both ends.
  func apply(mteval line: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    guard holds(line, 60) || holds(line, 10) || holds(line, 38) else { return apply(punctuation: line, padded: true, body) }
    var text = Array(line)
    replace(&text, "<skipped>", "")
    replace(&text, "-\n", "")
    replace(&text, "\n", " ")
    readEntities(&text)
    text.withUnsafeBufferPointer { apply(punctuation: $0, padded: true, body) }
  }

  /// Tercom's `-N`: the same, but a hyphen goes where it begins a line, and `'s` stands apart.
  func apply(tercom line: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    var text = Array(line)
    replace(&text, "\n-", "")
    replace(&text, "\n", " ")
    readEntities(&text)
    text.withUnsafeBufferPointer { apply(punctuation: $0, padded: true, possessives: true, body) }
  }

  private func readEntities(_ text: inout [UInt8]) {
    replace(&text, "&quot;", "\"")
    replace(&text, "&amp;", "&")
    replace(&text, "&lt;", "<")
    replace(&text, "&gt;", ">")
  }

  /// Spaces around most punctuation of ASCII; around a full stop or comma unless digits stand on both sides; after a digit's dash.
  /// Four substitutions one after the other, each from left to right without overlap, as `re.sub` makes them.
  func apply(
    punctuation line: UnsafeBufferPointer<UInt8>, padded: Bool, possessives: Bool = false, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let room = 5 * line.count + 16  // no byte becomes more than five
    if first.count < room {
      first = [UInt8](repeating: 0, count: room)
      second = first
    }
    first.withUnsafeMutableBufferPointer { a in
      second.withUnsafeMutableBufferPointer { b in
        var (from, to) = (a.baseAddress!, b.baseAddress!)
        var count = Self.separateMarks(line, padded, from)
        for substitution in possessives ? [Self.separatePossessives] + Self.substitutions : Self.substitutions {
          count = substitution(from, count, to)
          (from, to) = (to, from)
        }
        body(UnsafeBufferPointer(start: from, count: count))
      }
    }
  }

  private typealias Substitution = @Sendable (UnsafeMutablePointer<UInt8>, Int, UnsafeMutablePointer<UInt8>) -> Int
  private static let substitutions: [Substitution] = [separateStopsAfterOthers, separateStopsBeforeOthers, separateDashesAfterDigits]

  /// `([\{-\~\[-\` -\&\(-\+\:-\@\/])` -> ` \1 `
  private static func separateMarks(_ line: UnsafeBufferPointer<UInt8>, _ padded: Bool, _ out: UnsafeMutablePointer<UInt8>) -> Int {
    var n = 0
    func mark(_ byte: UInt8) {
      out[n] = 32
      out[n + 1] = byte
      out[n + 2] = 32
      n += 3
    }
    if padded { mark(32) }
    for byte in line {
      if isMark(byte) {
        mark(byte)
      } else {
        out[n] = byte
        n += 1
      }
    }
    if padded { mark(32) }
    return n
  }

  @inline(__always) private static func isMark(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x7B...0x7E, 0x5B...0x60, 0x20...0x26, 0x28...0x2B, 0x3A...0x40, 0x2F: true
    default: false
    }
  }

  @inline(__always) private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
  @inline(__always) private static func isStop(_ byte: UInt8) -> Bool { byte == 46 || byte == 44 }

  /// `([^0-9])([\.,])` -> `\1 \2 `
  @Sendable private static func separateStopsAfterOthers(_ line: UnsafeMutablePointer<UInt8>, _ count: Int, _ out: UnsafeMutablePointer<UInt8>) -> Int {
    var (i, n) = (0, 0)
    while i < count {
      out[n] = line[i]
      n += 1
      if i + 1 < count && isStop(line[i + 1]) && !isDigit(line[i]) {
        out[n] = 32
        out[n + 1] = line[i + 1]
        out[n + 2] = 32
        n += 3
        i += 1
      }
      i += 1
    }
    return n
  }

  /// `([\.,])([^0-9])` -> ` \1 \2`
  @Sendable private static func separateStopsBeforeOthers(_ line: UnsafeMutablePointer<UInt8>, _ count: Int, _ out: UnsafeMutablePointer<UInt8>) -> Int {
    var (i, n) = (0, 0)
    while i < count {
      if isStop(line[i]) && i + 1 < count && !isDigit(line[i + 1]) {
        out[n] = 32
        out[n + 1] = line[i]
        out[n + 2] = 32
        out[n + 3] = line[i + 1]
        n += 4
        i += 2
      } else {
        out[n] = line[i]
        n += 1
        i += 1
      }
    }
    return n
  }

  /// `([0-9])(-)` -> `\1 \2 `
  @Sendable private static func separateDashesAfterDigits(_ line: UnsafeMutablePointer<UInt8>, _ count: Int, _ out: UnsafeMutablePointer<UInt8>) -> Int {
    var n = 0
    for i in 0..<count {
      let isDash = line[i] == 45 && i > 0 && isDigit(line[i - 1])
      if isDash {
        out[n] = 32
        n += 1
      }
      out[n] = line[i]
      n += 1
      if isDash {
        out[n] = 32
        n += 1
      }
    }
    return n
  }

  /// `'s ` -> ` 's `
  @Sendable private static func separatePossessives(_ line: UnsafeMutablePointer<UInt8>, _ count: Int, _ out: UnsafeMutablePointer<UInt8>) -> Int {
    var n = 0
    for i in 0..<count {
      if line[i] == 39 && i + 2 < count && line[i + 1] == 115 && line[i + 2] == 32 {
        out[n] = 32
        n += 1
      }
      out[n] = line[i]
      n += 1
    }
    return n
  }

  private func holds(_ line: UnsafeBufferPointer<UInt8>, _ byte: Int32) -> Bool {
    line.baseAddress.map { memchr($0, byte, line.count) != nil } ?? false
  }

  /// Replaces every `needle`, from left to right.
  private func replace(_ text: inout [UInt8], _ needle: StaticString, _ replacement: StaticString) {
    let needle = needle.withUTF8Buffer { Array($0) }
    guard text.contains(needle[0]) else { return }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var i = 0
    while i < text.count {
      if text[i] == needle[0] && text[i...].starts(with: needle) {
        replacement.withUTF8Buffer { result.append(contentsOf: $0) }
        i += needle.count
      } else {
        result.append(text[i])
        i += 1
      }
    }
    text = result
  }
}
