/// BERT's text normalisation: clean, space out Chinese characters, strip accents, lower-case, in this order.
///
/// Source: `BasicTokenizer` of google-research/bert, as the `tokenizers` library implements it (`BertNormalizer`).
struct BertNormalizer: Sendable {
  /// Drop control characters and make every kind of space U+0020.
  let cleansText: Bool
  let spacesChinese: Bool
  let stripsAccents: Bool
  let lowercases: Bool
  /// For each ASCII byte what it becomes, or `removed`.
  private let ascii: [UInt16]
  private static let removed: UInt16 = 0x100
  /// No character becomes more than this many times its bytes.
  static let growth = 5

  init(cleansText: Bool, spacesChinese: Bool, stripsAccents: Bool, lowercases: Bool) {
    self.cleansText = cleansText
    self.spacesChinese = spacesChinese
    self.stripsAccents = stripsAccents
    self.lowercases = lowercases
    ascii = (0..<128 as Range<UInt8>).map { byte in
      let scalar = Unicode.Scalar(byte)
      if cleansText && BertCharacters.isRemoved(scalar) { return Self.removed }
      if cleansText && BertCharacters.isWhitespace(scalar) { return 0x20 }
      return UInt16(lowercases && 0x41...0x5A ~= byte ? byte | 0x20 : byte)
    }
  }

  /// Nothing changes: the tokenizer has no normaliser.
  static let identity = BertNormalizer(cleansText: false, spacesChinese: false, stripsAccents: false, lowercases: false)

  /// Appends the normalised `input` to `output`, whose room is `growth` times the input's bytes.
  /// - Parameter position: the index of the input's first code point in the whole text; afterwards of the one behind it.
  func normalize(_ input: UnsafeBufferPointer<UInt8>, into output: TextBuffer, position: inout Int32) {
    guard let bytes = input.baseAddress else { return }
    var marks = MarkRun()
    var index = 0
    ascii.withUnsafeBufferPointer { ascii in
      while index < input.count {
        let byte = bytes[index]
        if byte < 0x80 {
          if output.recordsPositions || !marks.isEmpty {
            let mapped = ascii[Int(byte)]
            if mapped != Self.removed {
              flush(&marks, to: output)
              output.append(Unicode.Scalar(UInt8(truncatingIfNeeded: mapped)), position: position)
            }
            position += 1
            index += 1
          } else {
            index += copyASCII(bytes + index, input.count - index, ascii, to: output)
          }
        } else {
          let (scalar, width) = decodeScalar(bytes + index)
          clean(scalar, position, &marks, output)
          position += 1
          index += width
        }
      }
    }
    flush(&marks, to: output)
  }

  /// Maps the run of ASCII at `bytes` and returns its length.
  @inline(__always)
  private func copyASCII(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ ascii: UnsafeBufferPointer<UInt16>, to output: TextBuffer) -> Int {
    let target = output.bytes
    var written = output.count
    var index = 0
    while index < count, bytes[index] < 0x80 {
      let mapped = ascii[Int(bytes[index])]
      target[written] = UInt8(truncatingIfNeeded: mapped)
      written &+= Int(mapped >> 8 ^ 1)  // a removed byte is overwritten by the next
      index &+= 1
    }
    output.count = written
    return index
  }

  // MARK: Beyond ASCII

  private func clean(_ scalar: Unicode.Scalar, _ position: Int32, _ marks: inout MarkRun, _ output: TextBuffer) {
    if cleansText {
      if BertCharacters.isRemoved(scalar) { return }
      if BertCharacters.isWhitespace(scalar) { return write(" ", position, &marks, output) }
    }
    if spacesChinese && BertCharacters.isChinese(scalar) {
      write(" ", position, &marks, output)
      decompose(scalar, position, &marks, output)
      write(" ", position, &marks, output)
    } else {
      decompose(scalar, position, &marks, output)
    }
  }

  private func decompose(_ scalar: Unicode.Scalar, _ position: Int32, _ marks: inout MarkRun, _ output: TextBuffer) {
    guard stripsAccents, let parts = BertCharacters.decomposition(scalar) else { return write(scalar, position, &marks, output) }
    for (index, part) in parts.enumerated() { write(part, position, &marks, output, isFirst: index == 0) }
  }

  /// Writes a decomposed character; marks wait until their run is complete and can be put in canonical order.
  private func write(
    _ scalar: Unicode.Scalar, _ position: Int32, _ marks: inout MarkRun, _ output: TextBuffer, isFirst: Bool = true
  ) {
    if stripsAccents {
      let rank = BertCharacters.combiningClass(scalar)
      if rank != 0 { return marks.append(scalar, rank: rank, position: isFirst ? position : nil) }
      flush(&marks, to: output)
      if BertCharacters.isNonspacingMark(scalar) { return }
    }
    lowercase(scalar, position, output)
  }

  private func flush(_ marks: inout MarkRun, to output: TextBuffer) {
    guard !marks.isEmpty else { return }
    marks.forEachInOrder { mark, position in
      if !BertCharacters.isNonspacingMark(mark) { lowercase(mark, position, output) }
    }
    marks.removeAll()
  }

  private func lowercase(_ scalar: Unicode.Scalar, _ position: Int32, _ output: TextBuffer) {
    guard lowercases, scalar.properties.changesWhenLowercased else { return output.append(scalar, position: position) }
    for lower in scalar.properties.lowercaseMapping.unicodeScalars { output.append(lower, position: position) }
  }
}

/// Combining marks since the last character that is none.
private struct MarkRun {
  private var marks: [(scalar: Unicode.Scalar, rank: UInt8, isFirst: Bool)] = []
  private var positions: [Int32] = []

  var isEmpty: Bool { marks.isEmpty }

  /// - Parameter position: nil for the later parts of one decomposed character.
  mutating func append(_ scalar: Unicode.Scalar, rank: UInt8, position: Int32?) {
    marks.append((scalar, rank, position != nil))
    if let position { positions.append(position) }
  }

  mutating func removeAll() {
    marks.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
  }

  /// Visits the marks in canonical order. Positions keep the order of the text, as in the library.
  func forEachInOrder(_ body: (Unicode.Scalar, Int32) -> Void) {
    let order = marks.indices.sorted { (marks[$0].rank, $0) < (marks[$1].rank, $1) }
    var next = 0
    for index in order {
      if marks[index].isFirst { next += 1 }
      body(marks[index].scalar, positions.isEmpty ? 0 : positions[min(max(next, 1), positions.count) - 1])
    }
  }
}
