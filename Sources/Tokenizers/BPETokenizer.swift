/// Byte-pair encoding: byte-level (GPT-2, RoBERTa, Llama 3) or over characters with "▁" for spaces (Llama 2, Mistral), from
/// `tokenizer.json`, `vocab.json` with `merges.txt`, or a sentencepiece `tokenizer.model`.
///
/// Ids, offsets and masks are those of the `tokenizers` library and of sentencepiece for the same files.
public struct BPETokenizer: TokenPipeline {
  let model: BPEModel
  let normalizer: SpaceNormalizer
  let words: BPEWords
  let template: Template
  let decoder: TokenDecoder
  let trimming: OffsetTrimming?
  let added: AddedTokens
  public let specialTokens: SpecialTokens
  public let maximumLength: Int?
  public let vocabularySize: Int
  let files: TokenizerFiles
  /// The sentencepiece model, where that is the source.
  let pieces: SentencePieceModel?
  let workspaces = WorkspacePool()

  init(
    model: BPEModel, normalizer: SpaceNormalizer, words: BPEWords, template: Template, decoder: TokenDecoder,
    trimming: OffsetTrimming?, addedTokens: [AddedToken], specialTokens: SpecialTokens, maximumLength: Int?, files: TokenizerFiles,
    pieces: SentencePieceModel? = nil
  ) {
    self.model = model
    self.normalizer = normalizer
    self.words = words
    self.template = template
    self.decoder = decoder
    self.trimming = trimming
    added = AddedTokens(addedTokens, normalize: normalizer.normalized)
    self.specialTokens = specialTokens
    self.maximumLength = maximumLength
    self.files = files
    self.pieces = pieces
    vocabularySize = max(model.table.size, added.size)
  }

  func vocabularyID(of token: String) -> Int32? { model.table.id(of: token) }
  func vocabularyToken(of id: Int32) -> String? { model.table.token(of: id) }

  public func streamingDecoder(skipSpecialTokens: Bool) -> StreamingDecoder {
    StreamingDecoder(decoder) { id in
      // sentencepiece leaves control pieces out by itself and shows unknown ones.
      if let role = pieces?.role(of: id) { return token(of: id).map { ($0, role == .control && !skipSpecialTokens ? .shown : role) } }
      return skipSpecialTokens && added.isSpecial(id) ? nil : token(of: id).map { ($0, .normal) }
    }
  }

  func capacity(for count: Int) -> Int { count + SpaceNormalizer.margin }

  func normalize(_ part: UnsafeBufferPointer<UInt8>, into output: TextBuffer, position: inout Int32) {
    normalizer.normalize(part, into: output, position: &position)
  }

  var trimsAddedTokens: Bool { trimming != nil }
  func postProcessed(_ tokens: Tokens) -> Tokens { trimming?.trimmed(tokens, token) ?? tokens }

  func appendTokens(of range: Range<Int>, startsText: Bool, _ workspace: Workspace, to run: inout TokenRun) {
    let bytes = workspace.buffer.bytes
    if case .library(let first, let later) = words {
      return (startsText ? first : later).forEachToken(bytes + range.lowerBound, range.count) { id, covered in
        run.ids.append(id)
        let start = covered.lowerBound + range.lowerBound
        if covered.isEmpty {  // the space that was put before the text
          if run.wantsOffsets { run.offsets.append(Int(workspace.buffer.positions[min(start, range.upperBound - 1)])..<Int(workspace.buffer.positions[min(start, range.upperBound - 1)])) }
        } else {
          run.appendOffset(start..<(covered.upperBound + range.lowerBound), workspace.buffer.positions)
        }
      }
    }
    var range = range
    if words.wantsPrefix(startsText: startsText, firstByte: bytes[range.lowerBound]) {
      // The byte in front is free: it is the buffer's margin, or belongs to an added token that was taken.
      bytes[range.lowerBound - 1] = 0x20
      if run.wantsOffsets { workspace.buffer.positions[range.lowerBound - 1] = workspace.buffer.positions[range.lowerBound] }
      range = (range.lowerBound - 1)..<range.upperBound
    }
    words.forEachWord(bytes, range) { start, end in appendWord(start, end &- start, workspace, &run) }
  }

  @inline(__always)
  private func appendWord(_ start: Int, _ count: Int, _ workspace: Workspace, _ run: inout TokenRun) {
    let word = UnsafePointer(workspace.buffer.bytes + start)
    if count <= WordCache.longestWord, !run.wantsOffsets {
      let key = WordCache.Key(word, count)
      if workspace.cache.append(key, to: &run.ids) { return }
      let first = run.ids.count
      appendMerged(start, count, workspace, &run)
      workspace.cache.insert(key, run.ids[first...])
    } else {
      appendMerged(start, count, workspace, &run)
    }
  }

  private func appendMerged(_ start: Int, _ count: Int, _ workspace: Workspace, _ run: inout TokenRun) {
    let space = workspace.merging
    model.merge(workspace.buffer.bytes + start, count, space)
    run.ids.append(contentsOf: UnsafeBufferPointer(start: space.ids, count: space.count))
    guard run.wantsOffsets else { return }
    var start = start
    for index in 0..<space.count {
      let end = start + Int(space.lengths[index])
      run.appendOffset(start..<end, workspace.buffer.positions)
      start = end
    }
  }
}

/// What happens to the text before it is cut: nothing, or Llama 2's legacy rule.
struct SpaceNormalizer: Sendable {
  /// A space goes before every part of the text (`Prepend`).
  let prepends: Bool
  /// "▁" in the text counts as a space, because spaces become "▁" (`Replace`, `Metaspace`).
  let marksSpaces: Bool
  /// Spaces at the ends go, and of several only one stays (sentencepiece's `remove_extra_whitespaces`).
  var removesExtraSpaces = false

  static let identity = SpaceNormalizer(prepends: false, marksSpaces: false)
  /// Free bytes before the text, for a space that is put there.
  static let margin = 2

  /// Copies `part` behind a free byte, with a space for every "▁".
  func normalize(_ part: UnsafeBufferPointer<UInt8>, into output: TextBuffer, position: inout Int32) {
    output.leaveByte(position: position)
    if removesExtraSpaces { return normalizeSpaces(part, into: output, position: &position) }
    if prepends, !part.isEmpty { output.append(" ", position: position) }
    output.append(part, replacingMarks: marksSpaces, position: &position)
  }

  /// The same with single spaces. A "▁" of the text is none of them, but at the end it goes with them.
  private func normalizeSpaces(_ part: UnsafeBufferPointer<UInt8>, into output: TextBuffer, position: inout Int32) {
    guard let bytes = part.baseAddress else { return }
    var index = 0
    var hasSpace = true  // the last thing written or skipped was a space
    var isFirst = true
    while index < part.count {
      let (scalar, width) = decodeScalar(bytes + index)
      if scalar != " " {
        if isFirst, prepends { output.append(" ", position: position) }
        isFirst = false
        output.append(marksSpaces && scalar == "▁" ? " " : scalar, position: position)
        hasSpace = false
      } else if !hasSpace {
        output.append(" ", position: position)
        hasSpace = true
      }
      index += width
      position += 1
    }
    output.dropTrailingSpaces()  }

  /// The bytes that an added token's text becomes.
  func normalized(_ text: String) -> [UInt8] {
    let buffer = TextBuffer()
    var text = text
    var position: Int32 = 0
    text.withUTF8 {
      buffer.reset(capacity: $0.count + Self.margin, recordsPositions: false)
      normalize($0, into: buffer, position: &position)
    }
    return Array(UnsafeBufferPointer(start: buffer.bytes + buffer.start, count: buffer.count - buffer.start))
  }
}

/// How text is cut into the words that merges stay inside.
enum BPEWords: Sendable {
  case bytes(BytePattern, addsPrefixSpace: Bool)
  /// Words begin at runs of spaces, or at each space; nil when merges cross such places, so that the text is one word.
  case marked(prefix: SpacePrefix, cut: SpaceCut?)
  case split(WordSplitter)
  /// sentencepiece does all of it, once with a space before the text and once without.
  case library(first: SentencePieceLibrary, later: SentencePieceLibrary)

  /// Where Metaspace puts a space before text that has none.
  enum SpacePrefix: String, Sendable { case always, first, never }
  enum SpaceCut: Sendable { case beforeRuns, beforeEach }

  @inline(__always)
  func wantsPrefix(startsText: Bool, firstByte: UInt8) -> Bool {
    switch self {
    case .bytes(_, let addsPrefixSpace): addsPrefixSpace && firstByte != 0x20
    case .marked(let prefix, _): firstByte != 0x20 && (prefix == .always || prefix == .first && startsText)
    case .split, .library: false
    }
  }

  @inline(__always)
  func forEachWord(_ bytes: UnsafeMutablePointer<UInt8>, _ range: Range<Int>, _ body: (_ start: Int, _ end: Int) -> Void) {
    switch self {
    case .bytes(let pattern, _): pattern.forEachWord(bytes, range, body)
    case .library: break
    case .split(let splitter): splitter.forEachWord(bytes, range, body)
    case .marked(_, let cut):
      guard let cut else { return body(range.lowerBound, range.upperBound) }
      var start = range.lowerBound
      var wasSpace = true
      for index in range {
        let isSpace = bytes[index] == 0x20
        if isSpace && index > start && (!wasSpace || cut == .beforeEach) {
          body(start, index)
          start = index
        }
        wasSpace = isSpace
      }
      if start < range.upperBound { body(start, range.upperBound) }
    }
  }
}

/// `trim_offsets`: white space at the ends of a token is not part of where it is.
///
/// Source: `process_offsets` in `pre_tokenizers/byte_level.rs` of the `tokenizers` library.
struct OffsetTrimming: Sendable {
  /// The first token may have a space that is not in the text.
  let addsPrefixSpace: Bool

  func trimmed(_ tokens: Tokens, _ token: (Int32) -> String?) -> Tokens {
    var offsets = tokens.offsets
    for (index, id) in zip(offsets.indices, tokens.ids) {
      guard let scalars = token(id)?.unicodeScalars else { continue }
      var leading = scalars.prefix(while: Self.isSpace).count
      let trailing = scalars.reversed().prefix(while: Self.isSpace).count
      guard leading > 0 || trailing > 0 else { continue }
      var (start, end) = (offsets[index].lowerBound, offsets[index].upperBound)
      if addsPrefixSpace && (index == offsets.startIndex || start == 0) { leading = 0 }
      start = min(start + leading, end)
      if end >= trailing { end = max(end - trailing, start) }
      offsets[index] = start..<end
    }
    return Tokens(ids: tokens.ids, offsets: offsets)
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == "Ġ" || scalar.properties.isWhitespace }
}
