/// BERT's tokenizer: normalise, cut into words, and cover each word with the longest pieces of the vocabulary.
///
/// Ids, offsets and masks are those of the `tokenizers` library for the same files.
public struct WordPieceTokenizer: TokenPipeline {
  let vocabulary: WordPieceVocabulary
  let normalizer: BertNormalizer
  let splitter: WordSplitter
  let template: Template
  let decoder: WordPieceDecoder?
  let added: AddedTokens
  public let specialTokens: SpecialTokens
  public let maximumLength: Int?
  public let vocabularySize: Int
  let files: TokenizerFiles
  let workspaces = WorkspacePool()

  init(
    vocabulary: WordPieceVocabulary, normalizer: BertNormalizer, splitter: WordSplitter, template: Template,
    decoder: WordPieceDecoder?, addedTokens: [AddedToken], specialTokens: SpecialTokens, maximumLength: Int?, files: TokenizerFiles
  ) {
    self.vocabulary = vocabulary
    self.normalizer = normalizer
    self.splitter = splitter
    self.template = template
    self.decoder = decoder
    added = AddedTokens(addedTokens, normalize: normalizer.normalized)
    self.specialTokens = specialTokens
    self.maximumLength = maximumLength
    self.files = files
    vocabularySize = max(vocabulary.size, added.size)
  }

  func vocabularyID(of token: String) -> Int32? { vocabulary.id(of: token) }
  func vocabularyToken(of id: Int32) -> String? { vocabulary.token(of: id) }

  public func streamingDecoder(skipSpecialTokens: Bool) -> StreamingDecoder {
    StreamingDecoder(decoder.map(TokenDecoder.wordPiece) ?? .spaced) { id in
      skipSpecialTokens && added.isSpecial(id) ? nil : token(of: id).map { ($0, .normal) }
    }
  }

  func capacity(for count: Int) -> Int { count * BertNormalizer.growth }

  func normalize(_ part: UnsafeBufferPointer<UInt8>, into output: TextBuffer, position: inout Int32) {
    normalizer.normalize(part, into: output, position: &position)
  }

  func appendTokens(of range: Range<Int>, startsText: Bool, _ workspace: Workspace, to run: inout TokenRun) {
    let bytes = UnsafePointer(workspace.buffer.bytes)
    splitter.forEachWord(bytes, range) { start, end in
      let first = run.ids.count
      appendWord(bytes + start, end &- start, workspace.cache, &run.ids)
      if run.wantsOffsets { appendOffsets(of: first, start..<end, workspace.buffer.positions, &run) }
    }
  }

  @inline(__always)
  private func appendWord(_ word: UnsafePointer<UInt8>, _ count: Int, _ cache: WordCache, _ ids: inout [Int32]) {
    guard count <= WordCache.longestWord else { return vocabulary.appendPieces(word, count, to: &ids) }
    let key = WordCache.Key(word, count)
    if cache.append(key, to: &ids) { return }
    let first = ids.count
    vocabulary.appendPieces(word, count, to: &ids)
    cache.insert(key, ids[first...])
  }

  /// Offsets of the pieces of one word, which are `run.ids[first...]`.
  private func appendOffsets(of first: Int, _ word: Range<Int>, _ positions: [Int32], _ run: inout TokenRun) {
    if run.ids.count == first + 1 { return run.appendOffset(word, positions) }  // one piece or unknown: the whole word
    var start = word.lowerBound
    for index in first..<run.ids.count {
      let end = start + vocabulary.length(of: run.ids[index], isFirst: index == first)
      run.appendOffset(start..<end, positions)
      start = end
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
