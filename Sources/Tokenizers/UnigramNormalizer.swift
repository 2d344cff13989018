@_spi(_Unicode) internal import Swift  // for String._nfc and _nfd
internal import Files

/// What happens to text before a Unigram model cuts it.
struct UnigramNormalizer: Sendable {
  enum Stage: Sendable {
    case characterMap(CharacterMap)
    case lowercase
    case canonical(composes: Bool)
    case strip(left: Bool, right: Bool)
    /// Runs of two spaces or more become `replacement`; with `anySpace` runs of any white space, and "\n", "\r", "\t" also alone.
    case spaceRuns(anySpace: Bool, replacement: Unicode.Scalar)
    case replace([Unicode.Scalar], with: [Unicode.Scalar])
  }

  let stages: [Stage]
  /// "▁" in the text counts as a space: nothing cuts the text at spaces before `Metaspace` makes them "▁".
  let marksSpaces: Bool

  /// Copies `part` behind a free byte, normalised.
  /// - Parameter position: the code point at which the part begins; afterwards the one behind it.
  func normalize(_ part: UnsafeBufferPointer<UInt8>, into output: TextBuffer, position: inout Int32) {
    output.leaveByte(position: position)
    if stages.allSatisfy({ $0.leaves(part) }) { return output.append(part, replacingMarks: marksSpaces, position: &position) }
    var text: [PlacedScalar] = []
    text.reserveCapacity(part.count)
    var index = 0
    while index < part.count {
      let (scalar, width) = decodeScalar(part.baseAddress! + index)
      text.append(PlacedScalar(scalar: scalar, position: position))
      position += 1
      index += width
    }
    for stage in stages { text = stage.apply(to: text) }
    output.reserve(text.reduce(output.count) { $0 + UTF8.width($1.scalar) })
    for placed in text { output.append(marksSpaces && placed.scalar == "▁" ? " " : placed.scalar, position: placed.position) }
  }

  /// The bytes that an added token's text becomes.
  func normalized(_ text: String) -> [UInt8] {
    let buffer = TextBuffer()
    var text = text
    var position: Int32 = 0
    text.withUTF8 {
      buffer.reset(capacity: $0.count + SpaceNormalizer.margin, recordsPositions: false)
      normalize($0, into: buffer, position: &position)
    }
    return Array(UnsafeBufferPointer(start: buffer.bytes + buffer.start, count: buffer.count - buffer.start))
  }
}

/// A character and the code point of the original text that it came from.
struct PlacedScalar {
  var scalar: Unicode.Scalar
  var position: Int32
}

extension UnigramNormalizer.Stage {
  /// Whether nothing changes; false when that takes a closer look.
  fileprivate func leaves(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    func isSpace(_ byte: UInt8?) -> Bool { byte.map { $0 == 0x20 || 0x09...0x0D ~= $0 || $0 >= 0x80 } ?? false }
    switch self {
    case .characterMap(let map): return map.leaves(text)
    case .lowercase: return text.allSatisfy { $0 < 0x80 && !(0x41...0x5A ~= $0) }
    case .canonical: return text.allSatisfy { $0 < 0x80 }
    case .strip(let left, let right): return !(left && isSpace(text.first) || right && isSpace(text.last))
    case .spaceRuns(let anySpace, _):
      var wasSpace = false
      for byte in text {
        let isSpace = anySpace ? isSpace(byte) : byte == 0x20
        if isSpace && (wasSpace || anySpace && byte != 0x20) { return false }
        wasSpace = isSpace
      }
      return true
    case .replace(let old, _):
      guard let first = old.first.flatMap({ String($0).utf8.first }) else { return true }
      return !text.contains(first)
    }
  }

  fileprivate func apply(to text: [PlacedScalar]) -> [PlacedScalar] {
    switch self {
    case .characterMap(let map): return Self.mapped(text, map)
    case .lowercase:
      return text.flatMap { placed in
        placed.scalar.properties.lowercaseMapping.unicodeScalars.map { PlacedScalar(scalar: $0, position: placed.position) }
      }
    case .canonical(let composes): return Self.canonical(text, composes)
    case .strip(let left, let right):
      var kept = text[...]
      if left { kept = kept.drop { $0.scalar.properties.isWhitespace } }
      if right { while kept.last?.scalar.properties.isWhitespace == true { kept.removeLast() } }
      return Array(kept)
    case .spaceRuns(let anySpace, let replacement): return Self.collapsed(text, anySpace, replacement)
    case .replace(let old, let new): return Self.replaced(text, old, new)
    }
  }

  /// Sequences that belong together (extended grapheme clusters) of less than six bytes are looked up whole, then every character.
  private static func mapped(_ text: [PlacedScalar], _ map: CharacterMap) -> [PlacedScalar] {
    var rewriter = Rewriter(text)
    for cluster in String(String.UnicodeScalarView(text.map(\.scalar))) {
      let scalars = cluster.unicodeScalars
      if cluster.utf8.count < 6, let new = map.replacement(for: cluster.utf8) {
        rewriter.replace(scalars.count, by: new)
      } else {
        for scalar in scalars {
          if let new = map.replacement(for: UTF8.encode(scalar)!) { rewriter.replace(1, by: new) } else { rewriter.keep(scalar) }
        }
      }
    }
    return rewriter.result
  }

  /// Canonical forms of each character with the marks that follow it.
  private static func canonical(_ text: [PlacedScalar], _ composes: Bool) -> [PlacedScalar] {
    var result: [PlacedScalar] = []
    var start = 0
    for cluster in String(String.UnicodeScalarView(text.map(\.scalar))) {
      let source = Array(cluster.unicodeScalars)
      let form = String(cluster)
      let scalars = composes ? Array(form._nfc) : Array(form._nfd)
      for (index, scalar) in scalars.enumerated() {
        result.append(PlacedScalar(scalar: scalar, position: text[start + min(index, source.count - 1)].position))
      }
      start += source.count
    }
    return result
  }

  private static func collapsed(_ text: [PlacedScalar], _ anySpace: Bool, _ replacement: Unicode.Scalar) -> [PlacedScalar] {
    var result: [PlacedScalar] = []
    var index = 0
    while index < text.count {
      var end = index
      while end < text.count, anySpace ? text[end].scalar.properties.isWhitespace : text[end].scalar == " " { end += 1 }
      let isAlone = end == index + 1 && !(anySpace && ["\n", "\r", "\t"].contains(text[index].scalar))
      if end == index || isAlone {
        result.append(text[index])
        index += 1
      } else {
        result.append(PlacedScalar(scalar: replacement, position: text[index].position))
        index = end
      }
    }
    return result
  }

  private static func replaced(_ text: [PlacedScalar], _ old: [Unicode.Scalar], _ new: [Unicode.Scalar]) -> [PlacedScalar] {
    var result: [PlacedScalar] = []
    var index = 0
    while index < text.count {
      if !old.isEmpty, text[index...].prefix(old.count).map(\.scalar) == old {
        result += new.map { PlacedScalar(scalar: $0, position: text[index].position) }
        index += old.count
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return result
  }
}

/// Places replaced characters as the library's `NormalizedString.transform` does: each change says how many characters of the
/// old text go beyond one, and a character that was added is where the one before it is.
private struct Rewriter {
  private let old: [PlacedScalar]
  private var changes: [(scalar: Unicode.Scalar, removed: Int)] = []

  init(_ old: [PlacedScalar]) {
    self.old = old
    changes.reserveCapacity(old.count)
  }

  mutating func keep(_ scalar: Unicode.Scalar) { changes.append((scalar, 0)) }

  mutating func replace(_ count: Int, by new: String) {
    let scalars = new.unicodeScalars
    changes += scalars.map { ($0, 0) }
    let added = scalars.count - count
    if added > 0 {
      for index in changes.indices.suffix(added) { changes[index].removed = -1 }
    } else if added < 0, !changes.isEmpty {
      changes[changes.count - 1].removed -= added
    }
  }

  var result: [PlacedScalar] {
    var next = 0
    return changes.map { change in
      if change.removed < 0 { return PlacedScalar(scalar: change.scalar, position: old[min(max(next, 1), old.count) - 1].position) }
      defer { next += 1 + change.removed }
      return PlacedScalar(scalar: change.scalar, position: old[min(next, old.count - 1)].position)
    }
  }
}
