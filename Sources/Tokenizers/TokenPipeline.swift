internal import Files
import Glibc

/// What every tokenizer here does the same way: find added tokens, hand the text between them to the model, then cut
/// rows and put special tokens around them. Source of the order: the `tokenizers` library.
protocol TokenPipeline: Tokenizer {
  var added: AddedTokens { get }
  var template: Template { get }
  /// What `writeFiles` writes.
  var files: TokenizerFiles { get }
  var workspaces: WorkspacePool { get }

  func vocabularyID(of token: String) -> Int32?
  func vocabularyToken(of id: Int32) -> String?

  /// Appends a part of the text between added tokens to `output`, as the vocabulary spells it.
  /// - Parameter position: the code point at which the part begins; afterwards the one behind it.
  func normalize(_ part: UnsafeBufferPointer<UInt8>, into output: TextBuffer, position: inout Int32)
  /// Room that `normalize` needs for a part of `count` bytes.
  func capacity(for count: Int) -> Int
  /// Appends the tokens of `workspace.buffer`'s bytes in `range`.
  /// - Parameter startsText: whether the range begins where the whole text does.
  func appendTokens(of range: Range<Int>, startsText: Bool, _ workspace: Workspace, to run: inout TokenRun)
  /// Whether the offsets of added tokens leave out the white space that they take along.
  var trimsAddedTokens: Bool { get }
  /// The tokens with offsets as the post-processor reports them.
  func postProcessed(_ tokens: Tokens) -> Tokens
}

/// The tokens of one text as they are found.
struct TokenRun {
  var ids: [Int32] = []
  /// Empty unless `wantsOffsets`.
  var offsets: [Range<Int>] = []
  let wantsOffsets: Bool

  /// Appends the code points that the bytes in `range` came from.
  mutating func appendOffset(_ range: Range<Int>, _ positions: [Int32]) {
    guard wantsOffsets else { return }
    offsets.append(Int(positions[range.lowerBound])..<Int(positions[range.upperBound - 1]) + 1)
  }
}

extension TokenPipeline {
  var trimsAddedTokens: Bool { false }
  func postProcessed(_ tokens: Tokens) -> Tokens { tokens }

  public func id(of token: String) -> Int32? { added.id(of: token) ?? vocabularyID(of: token) }
  public func token(of id: Int32) -> String? { added.byID[id]?.content ?? vocabularyToken(of: id) }
  public func addedTokenID(of token: String) -> Int32? { added.id(of: token) }
  public func ids(of text: String) -> [Int32] { tokens(of: text, offsets: false).ids }
  public func writeFiles(to folder: String) throws(InputError) { try files.write(to: folder) }

  public func encode(_ text: String, pair: String?, options: EncodingOptions) throws(TokenizationError) -> Encoding {
    func tokens(_ text: String) -> Tokens {
      let run = self.tokens(of: text, offsets: options.offsets)
      return Tokens(ids: run.ids[...], offsets: run.offsets[...])
    }
    let first = tokens(text)
    let second = pair.map(tokens)
    func row(_ first: Tokens, _ second: Tokens?) -> Encoding {
      template.apply(
        options.offsets ? postProcessed(first) : first, options.offsets ? second.map(postProcessed) : second,
        addSpecialTokens: options.addSpecialTokens, offsets: options.offsets)
    }
    guard let truncation = options.truncation else { return row(first, second) }
    let special = options.addSpecialTokens ? template.specialCount(isPair: pair != nil) : 0
    let windows = try truncation.windows(first: first.ids.count, second: second?.ids.count, specialTokens: special)
    // The order of the library: every further window of the first text with all of the second, then the rest.
    let seconds = windows.second.map { $0.map { second?[$0] } } ?? [nil]
    var rows = windows.first.dropFirst().flatMap { range in seconds.map { row(first[range], $0) } }
    rows += seconds.dropFirst().map { row(first[windows.first[0]], $0) }
    var result = row(first[windows.first[0]], seconds[0])
    result.overflow = rows
    return result
  }

  func tokens(of text: String, offsets: Bool) -> TokenRun {
    workspaces.withWorkspace { workspace in
      var text = text
      return text.withUTF8 { bytes in
        var run = TokenRun(wantsOffsets: offsets)
        run.ids.reserveCapacity(bytes.count / 4 + 8)
        var start = 0
        var position: Int32 = 0
        for match in added.raw.matches(in: bytes) {
          append(UnsafeBufferPointer(rebasing: bytes[start..<match.range.lowerBound]), isFirst: start == 0, &position, workspace, &run)
          run.ids.append(match.token.id)
          if offsets {
            func length(_ range: Range<Int>) -> Int { bytes[range].count { $0 & 0xC0 != 0x80 } }
            let place = trimsAddedTokens ? match.content : match.range
            let first = Int(position) + length(match.range.lowerBound..<place.lowerBound)
            run.offsets.append(first..<(first + length(place)))
            position += Int32(length(match.range))
          }
          start = match.range.upperBound
        }
        append(UnsafeBufferPointer(rebasing: bytes[start...]), isFirst: start == 0, &position, workspace, &run)
        return run
      }
    }
  }

  public func plainTokens(of text: String, startsText: Bool) -> (ids: [Int32], offsets: [Range<Int>]) {
    workspaces.withWorkspace { workspace in
      var text = text
      return text.withUTF8 { bytes in
        var run = TokenRun(wantsOffsets: true)
        var position: Int32 = 0
        append(bytes, isFirst: startsText, findsAdded: false, &position, workspace, &run)
        return (run.ids, run.offsets)
      }
    }
  }

  private func append(
    _ part: UnsafeBufferPointer<UInt8>, isFirst: Bool, findsAdded: Bool = true, _ position: inout Int32, _ workspace: Workspace,
    _ run: inout TokenRun
  ) {
    guard !part.isEmpty else { return }
    let buffer = workspace.buffer
    buffer.reset(capacity: capacity(for: part.count), recordsPositions: run.wantsOffsets)
    normalize(part, into: buffer, position: &position)
    let textStart = buffer.start
    var start = textStart
    func appendTokens(upTo end: Int) {
      guard start < end else { return }
      self.appendTokens(of: start..<end, startsText: isFirst && start == textStart, workspace, to: &run)
    }
    let text = UnsafeBufferPointer(start: buffer.bytes + textStart, count: buffer.count - textStart)
    for match in findsAdded ? added.normalized.matches(in: text) : [] {
      appendTokens(upTo: match.range.lowerBound + textStart)
      run.ids.append(match.token.id)
      let place = trimsAddedTokens ? match.content : match.range
      run.appendOffset((place.lowerBound + textStart)..<(place.upperBound + textStart), buffer.positions)
      start = match.range.upperBound + textStart
    }
    appendTokens(upTo: buffer.count)
  }
}
