internal import Glibc

/// An explanation taken apart: `Yes, the poster suffers from stress. Reasoning: The post …`.
///
/// Gold explanations always have both parts. Generated ones come in every form: verdict and reasoning, `Reasoning:` alone, a
/// verdict that opens the reasoning, options to choose from, or prose without either.
public struct Explanation: Sendable {
  static let marker = Array("Reasoning:".utf8)

  /// The whole text.
  public let text: String
  /// What precedes the first `Reasoning:`; nil when the marker is absent.
  public let prefix: Substring?
  /// What follows the first `Reasoning:`, or the whole text when it is absent.
  public let body: Substring

  public init(_ text: String) {
    self.text = text
    if let start = text.utf8.firstOffset(of: Self.marker) {
      let index = text.utf8.index(text.startIndex, offsetBy: start)
      prefix = text[..<index]
      body = text[text.utf8.index(index, offsetBy: Self.marker.count)...]
    } else {
      prefix = nil
      body = text[...]
    }
  }

  /// Where the corrected rules look: the prefix, or the whole text when there is no marker.
  public var verdictZone: Substring { prefix ?? body }
}

extension LabelTable {
  /// The label that an explanation states outright, nil when it states none: a rule that prefers silence to a guess.
  ///
  /// In this order: the text before `Reasoning:` when exactly one label occurs in it; the last line there that opens with a
  /// lead-in (`Correct answer: …`, after a list of options); the sentence that opens the reasoning, or the whole text when there
  /// is no marker, if it is a verdict (`Yes, …`, `No. …`, `This post shows …`). A cause that is merely mentioned is not a verdict.
  public func verdict(of explanation: String) -> Int? {
    let parts = Explanation(explanation)
    if let prefix = parts.prefix?.trimmed, !prefix.isEmpty {
      if let label = read(prefix.withoutEnumerator).label { return label }
      for line in prefix.split(whereSeparator: \.isNewline).reversed() {
        if let label = statedLabel(line.trimmed) { return label }
      }
      return nil
    }
    return statedLabel(parts.body.trimmed.firstSentence)
  }

  /// The explanation without what gives the label away: the text after the first `Reasoning:`, and without an opening verdict
  /// sentence there (or at the beginning, when there is no marker). Trimmed. Text that is nothing but a verdict is kept.
  public func strippedReasoning(_ explanation: String) -> String {
    let parts = Explanation(explanation)
    let body = parts.body.trimmed
    let sentence = body.firstSentence
    let rest = statedLabel(sentence) == nil ? body : body[sentence.endIndex...].trimmed
    return String(!rest.isEmpty ? rest : !body.isEmpty ? body : parts.text[...].trimmed)
  }

  /// The label of one sentence if the sentence is a verdict: an anchored phrase (`yes`), or a lead-in and then one label.
  private func statedLabel(_ sentence: Substring) -> Int? {
    let sentence = sentence.withoutEnumerator
    let folded = Folded(sentence)
    let anchored = labels.filter { $0.phrases.contains { $0.isAnchored && $0.matches(folded) } }
    if anchored.count == 1 { return anchored[0].id }
    guard leadIns.contains(where: { folded.bytes.starts(with: $0.utf8) }) else { return nil }
    return read(sentence).label
  }
}

extension Substring {
  /// Without white space at either end.
  var trimmed: Substring {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else { return self[endIndex...] }
    return self[first...last]
  }

  /// Through the first `.`, `!` or `?` that ends a sentence, or through the line.
  var firstSentence: Substring {
    var index = startIndex
    while index < endIndex {
      let next = self.index(after: index)
      if self[index].isNewline { return self[..<index] }
      if ".!?".contains(self[index]), next == endIndex || self[next].isWhitespace { return self[..<next] }
      index = next
    }
    return self
  }

  /// Without a leading `Answer:` or option letter (`A.`, `B)`), which generations put before a verdict.
  var withoutEnumerator: Substring {
    for lead in ["Answer:", "answer:"] where hasPrefix(lead) { return dropFirst(lead.count).trimmed }
    let head = prefix(3).utf8
    if head.count == 3, let letter = head.first, (0x41...0x5A).contains(letter), let mark = head.dropFirst().first,
      mark == UInt8(ascii: ".") || mark == UInt8(ascii: ")"), head.last == 0x20
    {
      return dropFirst(3)
    }
    return self
  }
}

extension String.UTF8View {
  /// The byte offset of the first occurrence of `needle`.
  func firstOffset(of needle: [UInt8]) -> Int? {
    if let found = withContiguousStorageIfAvailable({ $0.firstOffset(of: needle) }) { return found }
    return Array(self).withUnsafeBufferPointer { $0.firstOffset(of: needle) }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The offset of the first occurrence of `needle` at or after `from`.
  func firstOffset(of needle: [UInt8], from: Int = 0) -> Int? {
    guard let base = baseAddress, !needle.isEmpty else { return nil }
    var start = from
    while start + needle.count <= count {
      guard let hit = memchr(base + start, Int32(needle[0]), count - needle.count - start + 1) else { return nil }
      start = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
      if memcmp(hit, needle, needle.count) == 0 { return start }
      start += 1
    }
    return nil
  }
}
