internal import Files

extension UnigramTokenizer {
  /// Reads a sentencepiece model of type Unigram: T5's `spiece.model`, DeBERTa's `spm.model`.
  ///
  /// The stages are those that transformers makes of these files for its `tokenizers` library. For DeBERTa they are those of transformers 4,
  /// which apply the model's table of replacements as in its training; transformers 5 leaves the table out.
  /// - Throws: `InputError` naming the byte, the piece or the token.
  init(sentencePiece source: SentencePieceModel, file: String, settings: TokenizerSettings, files: TokenizerFiles) throws(InputError) {
    let isDeberta = settings.className.map { $0.hasPrefix("Deberta") } ?? file.hasSuffix("/spm.model")
    let map = source.characterMap.isEmpty ? [] : [Stage.characterMap(try CharacterMap(source.characterMap, file: file))]
    var added: [AddedToken] = []
    for token in settings.addedTokens {
      try AddedTokens.check(token, against: source.table, and: added, JSONNode(.null, file: file, path: "added tokens"))
      added.append(token)
    }
    func add(_ content: String, _ id: Int32) {
      if !added.contains(where: { $0.id == id || $0.content.utf8.elementsEqual(content.utf8) }) {
        added.append(AddedToken(content: content, id: id, isSpecial: true))
      }
    }
    for (id, piece) in source.pieces.enumerated() where piece.kind != .normal && piece.kind != .byte && piece.kind != .unused { add(piece.text, Int32(id)) }
    let count = Int32(source.pieces.count)
    if isDeberta {
      add(settings.mask ?? "[MASK]", added.map(\.id).max().map { max($0 + 1, count) } ?? count)
    } else if settings.className.map({ $0.hasPrefix("T5") }) ?? file.hasSuffix("/spiece.model") {
      let extra = settings.extraIDs ?? 100
      guard 0...65_000 ~= extra else { throw InputError(file, "found extra_ids \(extra) in tokenizer_config.json, expected 0 to 65000") }
      for index in 0..<Int32(extra) { add("<extra_id_\(index)>", count + Int32(extra) - 1 - index) }
    }
    func role(_ name: String?, _ usual: String?) -> Int32? {
      guard let name = name ?? usual else { return nil }
      return added.first { $0.content.utf8.elementsEqual(name.utf8) }?.id ?? source.table.id(of: name)
    }
    let special = SpecialTokens(
      unknown: role(settings.unknown, nil) ?? source.unknown, padding: role(settings.padding, isDeberta ? "[PAD]" : "<pad>"),
      classifier: role(settings.classifier, isDeberta ? "[CLS]" : nil), separator: role(settings.separator, isDeberta ? "[SEP]" : nil),
      mask: role(settings.mask, isDeberta ? "[MASK]" : nil), beginOfSequence: role(settings.beginOfSequence, nil) ?? source.beginOfSequence,
      endOfSequence: role(settings.endOfSequence, nil) ?? source.endOfSequence)
    let template: Template
    if isDeberta {
      guard let classifier = special.classifier, let separator = special.separator else {
        throw InputError(file, "found no [CLS] or no [SEP] among the pieces", advice: "Fetch the file again")
      }
      template = .bert(classifier: classifier, separator: separator)
    } else {
      template = .t5(end: special.endOfSequence)
    }
    self.init(
      model: UnigramModel(
        source.pieces.map { ($0.text, Double($0.score)) }, table: source.table, unknown: source.unknown, fallsBackToBytes: source.fallsBackToBytes),
      normalizer: UnigramNormalizer(
        stages: isDeberta
          ? (settings.lowercases == true ? [.lowercase] : []) + [.strip(left: true, right: true)] + map + [.spaceRuns(anySpace: false, replacement: " ")]
          : map, marksSpaces: isDeberta),
      words: UnigramWords(
        cutsAtSpaces: !isDeberta, isolatesPunctuation: isDeberta && settings.splitsPunctuation,
        prefix: settings.addsPrefixSpace == false ? .first : .always, cutsAtMarks: true),
      template: template, decoder: .metaspace(dropsFirst: true), addedTokens: added, specialTokens: special,
      maximumLength: settings.maximumLength, files: files)
  }

  private typealias Stage = UnigramNormalizer.Stage
}

extension Template {
  /// `A </s>`, `A </s> B </s>`; all of segment 0.
  static func t5(end: Int32?) -> Template {
    let single: [Piece] = [.text(isPair: false, type: 0)] + (end.map { [.special([$0], type: 0)] } ?? [])
    return Template(single: single, pair: single + [.text(isPair: true, type: 0)] + single.dropFirst())
  }
}
