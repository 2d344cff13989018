import Glibc

/// Unigram: T5's and DeBERTa's tokenizers, from `tokenizer.json` or a sentencepiece model.
///
/// Ids, offsets and masks are those of the `tokenizers` library for the same `tokenizer.json`. It differs from sentencepiece itself
/// where white space or special tokens are unusual; `UnigramTokenizer+SentencePiece` says how a model file is read.
public struct UnigramTokenizer: TokenPipeline {
  let model: UnigramModel
  let normalizer: UnigramNormalizer
  let words: UnigramWords
  let template: Template
  let decoder: TokenDecoder
  let added: AddedTokens
  public let specialTokens: SpecialTokens
  public let maximumLength: Int?
  public let vocabularySize: Int
  let files: TokenizerFiles
  let workspaces = WorkspacePool()

  init(
    model: UnigramModel, normalizer: UnigramNormalizer, words: UnigramWords, template: Template, decoder: TokenDecoder,
    addedTokens: [AddedToken], specialTokens: SpecialTokens, maximumLength: Int?, files: TokenizerFiles
  ) {
    self.model = model
    self.normalizer = normalizer
    self.words = words
    self.template = template
    self.decoder = decoder
    added = AddedTokens(addedTokens, normalize: normalizer.normalized)
    self.specialTokens = specialTokens
    self.maximumLength = maximumLength
    self.files = files
    vocabularySize = max(model.table.size, added.size)
  }

  func vocabularyID(of token: String) -> Int32? { model.table.id(of: token) }
  func vocabularyToken(of id: Int32) -> String? { model.table.token(of: id) }

  public func streamingDecoder(skipSpecialTokens: Bool) -> StreamingDecoder {
    StreamingDecoder(decoder) { id in skipSpecialTokens && added.isSpecial(id) ? nil : token(of: id).map { ($0, .normal) } }
  }

  func capacity(for count: Int) -> Int { count + SpaceNormalizer.margin }

  func normalize(_ part: UnsafeBufferPointer<UInt8>, into output: TextBuffer, position: inout Int32) {
    normalizer.normalize(part, into: output, position: &position)
  }

  func appendTokens(of range: Range<Int>, startsText: Bool, _ workspace: Workspace, to run: inout TokenRun) {
    words.forEachWord(workspace.buffer, range, startsText: startsText) { start, end in
      let word = UnsafePointer(workspace.buffer.bytes + start)
      let count = end - start
      if count <= WordCache.longestWord, !run.wantsOffsets {
        let key = WordCache.Key(word, count)
        if workspace.cache.append(key, to: &run.ids) { return }
        let first = run.ids.count
        appendPieces(word, count, workspace, &run)
        workspace.cache.insert(key, run.ids[first...])
      } else {
        appendPieces(word, count, workspace, &run, start: start)
      }
    }
  }

  private func appendPieces(_ word: UnsafePointer<UInt8>, _ count: Int, _ workspace: Workspace, _ run: inout TokenRun, start: Int = 0) {
    model.segment(word, count, workspace.path)
    for piece in workspace.path.pieces where piece.id >= 0 {
      run.ids.append(piece.id)
      run.appendOffset((start + piece.start)..<(start + piece.start + piece.length), workspace.buffer.positions)
    }
  }
}

/// How normalised text is cut into the words that are segmented one by one: at white space, around punctuation, and at "▁",
/// which stands for a space and begins a word.
///
/// Source: the pre-tokenizers `WhitespaceSplit`, `Punctuation` and `Metaspace` of the `tokenizers` library, in this order.
struct UnigramWords: Sendable {
  let cutsAtSpaces: Bool
  let isolatesPunctuation: Bool
  /// Where a part that does not begin with a space gets one.
  let prefix: BPEWords.SpacePrefix
  /// Each space begins a word; else the part is one word.
  let cutsAtMarks: Bool

  /// Calls `body` with the bounds of every word, in order. Writes into bytes that were visited.
  func forEachWord(_ buffer: TextBuffer, _ range: Range<Int>, startsText: Bool, _ body: (_ start: Int, _ end: Int) -> Void) {
    func visit(_ start: Int, _ end: Int) {
      cut(buffer, start, cutsAtSpaces ? replaceMarks(buffer, start, end) : end, startsText: startsText && start == range.lowerBound, body)
    }
    let splitter: WordSplitter = cutsAtSpaces ? .whitespaceSplit : .none
    splitter.forEachWord(buffer.bytes, range) { start, end in
      guard isolatesPunctuation else { return visit(start, end) }
      var first = start
      var index = start
      while index < end {
        let (scalar, width) = decodeScalar(buffer.bytes + index)
        if BertCharacters.isPunctuation(scalar) {
          if first < index { visit(first, index) }
          visit(index, index + width)
          first = index + width
        }
        index += width
      }
      if first < end { visit(first, end) }
    }
  }

  private func cut(_ buffer: TextBuffer, _ start: Int, _ end: Int, startsText: Bool, _ body: (Int, Int) -> Void) {
    var start = start
    if buffer.bytes[start] != 0x20, prefix == .always || prefix == .first && startsText {
      // The byte in front is free: it is the buffer's margin, or was visited, or belongs to an added token that was taken.
      start -= 1
      buffer.bytes[start] = 0x20
      if buffer.recordsPositions { buffer.positions[start] = buffer.positions[start + 1] }
    }
    guard cutsAtMarks else { return body(start, end) }
    var index = start + 1
    while index < end {
      if buffer.bytes[index] == 0x20 {
        body(start, index)
        start = index
      }
      index += 1
    }
    body(start, end)
  }

  /// Makes every "▁" of a part a space, in place, and returns the part's new end.
  private func replaceMarks(_ buffer: TextBuffer, _ start: Int, _ end: Int) -> Int {
    let bytes = buffer.bytes
    guard memchr(bytes + start, 0xE2, end - start) != nil else { return end }
    var (read, written) = (start, start)
    while read < end {
      let isMark = bytes[read] == 0xE2 && end - read >= 3 && bytes[read + 1] == 0x96 && bytes[read + 2] == 0x81
      bytes[written] = isMark ? 0x20 : bytes[read]
      if buffer.recordsPositions { buffer.positions[written] = buffer.positions[read] }
      read += isMark ? 3 : 1
      written += 1
    }
    return written
  }
}
