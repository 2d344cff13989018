internal import Files

extension BPETokenizer {
  /// Reads a sentencepiece `tokenizer.model` of type BPE.
  ///
  /// With `legacy` in `tokenizer_config.json` (as when it says nothing) a space goes before every part of the text between
  /// special tokens, as in transformers' original `LlamaTokenizer`; without, only before a text that does not begin with one, as in
  /// transformers 5.
  /// - Throws: `InputError` naming the token.
  init(sentencePiece source: SentencePieceModel, file: String, settings: TokenizerSettings, files: TokenizerFiles) throws(InputError) {
    var added: [AddedToken] = []
    for var token in settings.addedTokens {
      token.isNormalized = false  // sentencepiece sees only what is between added tokens
      try AddedTokens.check(token, against: source.table, and: added, JSONNode(.null, file: file, path: "added tokens"))
      added.append(token)
    }
    func role(_ token: String?, _ fallback: Int32?) -> Int32? {
      guard let content = token ?? fallback.flatMap(source.table.token(of:)) else { return nil }
      if let known = added.first(where: { $0.content.utf8.elementsEqual(content.utf8) }) { return known.id }
      guard let id = source.table.id(of: content) else { return nil }
      added.append(AddedToken(content: content, id: id, isSpecial: true))
      return id
    }
    let special = SpecialTokens(
      unknown: role(settings.unknown, source.unknown), padding: role(settings.padding, source.padding), classifier: role(settings.classifier, nil),
      separator: role(settings.separator, nil), mask: role(settings.mask, nil),
      beginOfSequence: role(settings.beginOfSequence, source.beginOfSequence), endOfSequence: role(settings.endOfSequence, source.endOfSequence))
    let adds = (begin: settings.addsBeginOfSequence ?? true, end: settings.addsEndOfSequence ?? false)

    let merges = source.nativeMerges()
    let prefix = source.addsDummyPrefix && settings.addsPrefixSpace != false
    let words: BPEWords
    if merges == nil {
      let whole = try SentencePieceLibrary(source, addsDummyPrefix: prefix, file: file)
      words = .library(first: whole, later: settings.isLegacy || !prefix ? whole : try SentencePieceLibrary(source, addsDummyPrefix: false, file: file))
    } else {
      words = .marked(prefix: prefix && !settings.isLegacy ? .first : .never, cut: source.keepsWordsApart ? .beforeRuns : nil)
    }
    self.init(
      model: BPEModel(
        table: source.table, merges: merges ?? BPEMerges(expected: 0), isByteLevel: false, marksSpaces: true, ignoresMerges: false,
        unknown: source.unknown, fusesUnknown: true, fallsBackToBytes: source.fallsBackToBytes),
      normalizer: merges == nil
        ? .identity : SpaceNormalizer(prepends: prefix && settings.isLegacy, marksSpaces: true, removesExtraSpaces: source.removesExtraSpaces),
      words: words, template: .language(start: adds.begin ? special.beginOfSequence : nil, end: adds.end ? special.endOfSequence : nil),
      decoder: .sentencePiece(dropsFirst: source.addsDummyPrefix, dropsAllLeading: source.removesExtraSpaces), trimming: nil, addedTokens: added,
      specialTokens: special, maximumLength: settings.maximumLength, files: files, pieces: source)
  }
}

extension SentencePieceModel {
  /// The merges that sentencepiece would make, ranked by score; nil when the model does something that is left to the library:
  /// replacements, user-defined or unused pieces, spaces after words, or pieces of characters that are no pieces.
  func nativeMerges() -> BPEMerges? {
    guard characterMap.isEmpty, escapesSpaces, !treatsSpaceAsSuffix,
      !pieces.contains(where: { $0.kind == .userDefined || $0.kind == .unused })
    else { return nil }
    let normal = pieces.indices.filter { pieces[$0].kind == .normal }
    let scores = Set(normal.map { pieces[$0].score }).sorted(by: >)
    let ranks = Dictionary(uniqueKeysWithValues: scores.enumerated().map { ($1, UInt32($0)) })
    var merges = BPEMerges(expected: 8 * normal.count)
    func id(_ text: ArraySlice<UInt8>) -> Int32? {
      let found = text.withUnsafeBufferPointer { table.find($0.baseAddress!, $0.count) }
      return found.flatMap { pieces[Int($0)].kind == .normal ? $0 : nil }
    }
    for piece in normal {
      let bytes = Array(pieces[piece].text.utf8)
      let starts = bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 }
      guard starts.count > 1 else { continue }
      for (start, end) in zip(starts, starts.dropFirst() + [bytes.count]) where id(bytes[start..<end]) == nil { return nil }
      for cut in starts.dropFirst() {
        guard let left = id(bytes[..<cut]), let right = id(bytes[cut...]) else { continue }
        merges.add(left, right, BPEMerges.Merge(rank: ranks[pieces[piece].score]!, id: Int32(piece)))
      }
    }
    return merges
  }

  /// Whether no piece has a "▁" behind another character: then words can be merged one by one.
  var keepsWordsApart: Bool {
    table.id(of: BPEModel.mark) != nil
      && pieces.allSatisfy { piece in
        guard piece.kind == .normal else { return true }
        let inner = piece.text.unicodeScalars.drop { $0 == "▁" }
        return !inner.contains("▁")
      }
  }

  /// How sentencepiece decodes the piece of `id`; nil for an id that is no piece.
  func role(of id: Int32) -> SentencePieceRole? {
    guard pieces.indices.contains(Int(id)) else { return nil }
    switch pieces[Int(id)].kind {
    case .normal, .userDefined, .unused: return .normal
    case .byte: return .byte
    case .control: return .control
    case .unknown: return .unknown(surface: unknownSurface)
    }
  }
}
