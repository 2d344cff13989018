public import Files
internal import Synchronization

/// BERT's tokenizer: normalise, cut into words, and cover each word with the longest pieces of the vocabulary.
///
/// Ids, offsets and masks are those of the `tokenizers` library for the same files.
public struct WordPieceTokenizer: Tokenizer {
  let vocabulary: WordPieceVocabulary
  let normalizer: BertNormalizer
  let splitter: WordSplitter
  let template: Template
  let decoder: WordPieceDecoder?
  let addedTokens: [AddedToken]
  public let specialTokens: SpecialTokens
  public let maximumLength: Int?
  public let vocabularySize: Int
  /// What `writeFiles` writes.
  let files: TokenizerFiles

  private let rawFinder: AddedTokenFinder
  private let normalizedFinder: AddedTokenFinder
  private let workspaces = WorkspacePool()

  init(
    vocabulary: WordPieceVocabulary, normalizer: BertNormalizer, splitter: WordSplitter, template: Template,
    decoder: WordPieceDecoder?, addedTokens: [AddedToken], specialTokens: SpecialTokens, maximumLength: Int?, files: TokenizerFiles
  ) {
    self.vocabulary = vocabulary
    self.normalizer = normalizer
    self.splitter = splitter
    self.template = template
    self.decoder = decoder
    self.addedTokens = addedTokens
    self.specialTokens = specialTokens
    self.maximumLength = maximumLength
    self.files = files
    vocabularySize = max(vocabulary.size, (addedTokens.map { Int($0.id) }.max() ?? -1) + 1)
    rawFinder = AddedTokenFinder(addedTokens.filter { !$0.isNormalized }.map { (Array($0.content.utf8), $0) })
    normalizedFinder = AddedTokenFinder(
      addedTokens.filter(\.isNormalized).map { (normalizer.normalized($0.content), $0) })
  }

  public func id(of token: String) -> Int32? {
    addedTokens.first { $0.content.utf8.elementsEqual(token.utf8) }?.id ?? vocabulary.id(of: token)
  }

  public func token(of id: Int32) -> String? {
    addedTokens.first { $0.id == id }?.content ?? vocabulary.token(of: id)
  }

  public func ids(of text: String) -> [Int32] { tokens(of: text, offsets: false).ids }

  public func encode(_ text: String, pair: String?, options: EncodingOptions) throws(TokenizationError) -> Encoding {
    let (firstIDs, firstOffsets) = tokens(of: text, offsets: options.offsets)
    let first = Tokens(ids: firstIDs[...], offsets: firstOffsets[...])
    let second = pair.map { pair in
      let (ids, offsets) = tokens(of: pair, offsets: options.offsets)
      return Tokens(ids: ids[...], offsets: offsets[...])
    }
    func row(_ first: Tokens, _ second: Tokens?) -> Encoding {
      template.apply(first, second, addSpecialTokens: options.addSpecialTokens, offsets: options.offsets)
    }
    guard let truncation = options.truncation else { return row(first, second) }
    let added = options.addSpecialTokens ? template.specialCount(isPair: pair != nil) : 0
    let windows = try truncation.windows(first: first.ids.count, second: second?.ids.count, specialTokens: added)
    // The order of the library: every further window of the first text with all of the second, then the rest.
    let seconds = windows.second.map { $0.map { second?[$0] } } ?? [nil]
    var rows = windows.first.dropFirst().flatMap { range in seconds.map { row(first[range], $0) } }
    rows += seconds.dropFirst().map { row(first[windows.first[0]], $0) }
    var result = row(first[windows.first[0]], seconds[0])
    result.overflow = rows
    return result
  }

  public func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
    let skipped = skipSpecialTokens ? Set(addedTokens.filter(\.isSpecial).map(\.id)) : []
    let tokens = ids.compactMap { skipped.contains($0) ? nil : token(of: $0) }
    return decoder.map { $0.text(tokens) } ?? tokens.joined(separator: " ")
  }

  public func writeFiles(to folder: String) throws(InputError) { try files.write(to: folder) }

  // MARK: Encoding

  private func tokens(of text: String, offsets: Bool) -> (ids: [Int32], offsets: [Range<Int>]) {
    workspaces.withWorkspace { workspace in
      var text = text
      return text.withUTF8 { bytes in
        var run = Run(tokenizer: self, workspace: workspace, wantsOffsets: offsets)
        run.ids.reserveCapacity(bytes.count / 4 + 8)
        var start = 0
        for match in rawFinder.matches(in: bytes) {
          run.appendText(UnsafeBufferPointer(rebasing: bytes[start..<match.range.lowerBound]))
          run.appendAdded(match.token, UnsafeBufferPointer(rebasing: bytes[match.range]))
          start = match.range.upperBound
        }
        run.appendText(UnsafeBufferPointer(rebasing: bytes[start...]))
        return (run.ids, run.offsets)
      }
    }
  }

  /// One text on its way through the stages.
  private struct Run {
    let tokenizer: WordPieceTokenizer
    let workspace: Workspace
    let wantsOffsets: Bool
    var ids: [Int32] = []
    var offsets: [Range<Int>] = []
    /// Code points of the text before the part at hand.
    var position: Int32 = 0

    mutating func appendAdded(_ token: AddedToken, _ bytes: UnsafeBufferPointer<UInt8>) {
      ids.append(token.id)
      guard wantsOffsets else { return }
      let length = Int32(bytes.count { $0 & 0xC0 != 0x80 })
      offsets.append(Int(position)..<Int(position + length))
      position += length
    }

    mutating func appendText(_ bytes: UnsafeBufferPointer<UInt8>) {
      guard !bytes.isEmpty else { return }
      let buffer = workspace.buffer
      buffer.reset(capacity: bytes.count * BertNormalizer.growth, recordsPositions: wantsOffsets)
      tokenizer.normalizer.normalize(bytes, into: buffer, position: &position)
      var start = 0
      for match in tokenizer.normalizedFinder.matches(in: UnsafeBufferPointer(start: buffer.bytes, count: buffer.count)) {
        appendWords(start..<match.range.lowerBound)
        ids.append(match.token.id)
        appendOffset(match.range)
        start = match.range.upperBound
      }
      appendWords(start..<buffer.count)
    }

    private mutating func appendWords(_ range: Range<Int>) {
      let bytes = UnsafePointer(workspace.buffer.bytes)
      tokenizer.splitter.forEachWord(bytes, range) { start, end in
        let first = ids.count
        appendWord(bytes + start, end &- start)
        if wantsOffsets { appendOffsets(of: first, start..<end) }
      }
    }

    @inline(__always)
    private mutating func appendWord(_ word: UnsafePointer<UInt8>, _ count: Int) {
      guard count <= WordCache.longestWord else { return tokenizer.vocabulary.appendPieces(word, count, to: &ids) }
      let key = WordCache.Key(word, count)
      if let entry = workspace.cache.find(key) {
        ids.append(entry.pointee.pieces.0)
        if entry.pointee.count > 1 { ids.append(entry.pointee.pieces.1) }
        if entry.pointee.count > 2 { ids.append(entry.pointee.pieces.2) }
      } else {
        let first = ids.count
        tokenizer.vocabulary.appendPieces(word, count, to: &ids)
        workspace.cache.insert(key, ids[first...])
      }
    }

    /// Offsets of the pieces of one word, which are `ids[first...]`.
    private mutating func appendOffsets(of first: Int, _ word: Range<Int>) {
      if ids.count == first + 1 { return appendOffset(word) }  // one piece or unknown: the whole word
      var start = word.lowerBound
      for index in first..<ids.count {
        let end = start + tokenizer.vocabulary.length(of: ids[index], isFirst: index == first)
        appendOffset(start..<end)
        start = end
      }
    }

    private mutating func appendOffset(_ range: Range<Int>) {
      guard wantsOffsets else { return }
      let positions = workspace.buffer.positions
      offsets.append(Int(positions[range.lowerBound])..<Int(positions[range.upperBound - 1]) + 1)
    }
  }
}

extension BertNormalizer {
  /// The normalised bytes of a short text.
  func normalized(_ text: String) -> [UInt8] {
    let buffer = TextBuffer()
    var text = text
    var position: Int32 = 0
    text.withUTF8 {
      buffer.reset(capacity: $0.count * Self.growth, recordsPositions: false)
      normalize($0, into: buffer, position: &position)
    }
    return Array(UnsafeBufferPointer(start: buffer.bytes, count: buffer.count))
  }
}

/// The memory that one encoding at a time works in.
private final class Workspace {
  let buffer = TextBuffer()
  let cache = WordCache()
}

/// Lends each caller a workspace of its own, so that threads share caches over time but never at once.
private final class WorkspacePool: Sendable {
  private struct Idle: ~Copyable, @unchecked Sendable {  // a workspace is in this list or lent to one caller, never both
    var workspaces: [Workspace] = []
  }
  private let idle = Mutex(Idle())

  func withWorkspace<Result>(_ body: (Workspace) -> Result) -> Result {
    let workspace = idle.withLock { Transfer(value: $0.workspaces.popLast()) }.value ?? Workspace()
    defer {
      let returned = Transfer(value: workspace)
      idle.withLock { $0.workspaces.append(returned.value!) }
    }
    return body(workspace)
  }

  private struct Transfer: @unchecked Sendable {  // carries a workspace across the lock, between one owner and the next
    let value: Workspace?
  }
}
