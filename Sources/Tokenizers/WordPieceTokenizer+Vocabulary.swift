internal import Files

extension WordPieceTokenizer {
  /// Reads a `vocab.txt`: one token a line, whose number from 0 is its id.
  ///
  /// A line ends at `\n` or `\r\n` and nowhere else; an empty line is a token and keeps the numbering.
  /// - Throws: `InputError` naming the line: not UTF-8, a token twice, or no `[UNK]`, `[CLS]`, `[SEP]`, `[PAD]`.
  init(vocabulary bytes: [UInt8], file: String, settings: TokenizerSettings, files: TokenizerFiles) throws(InputError) {
    guard !bytes.isEmpty else { throw InputError(file, "the file is empty, expected one token a line", advice: "Fetch it again") }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw InputError(file, at: "line 1", "found a byte-order mark before the first token", advice: "Save the file as UTF-8 without it")
    }
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var tokens: [(token: String, id: Int)] = []
    tokens.reserveCapacity(lines.count)
    for (id, line) in lines.enumerated() {
      let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let token = String(validating: content, as: UTF8.self) else {
        throw InputError(file, at: "line \(id + 1)", "found bytes that are not UTF-8", advice: "Fetch the file again")
      }
      tokens.append((token, id))
    }
    let vocabulary = try WordPieceVocabulary(
      tokens, unknownToken: settings.unknown ?? "[UNK]", continuation: "##", longestWord: 100, file: file)

    var added: [AddedToken] = []
    for token in settings.addedTokens {
      try AddedTokens.check(token, against: vocabulary.table, and: added, JSONNode(.null, file: file, path: "added tokens"))
      added.append(token)
    }
    func role(_ token: String, required: Bool = true) throws(InputError) -> Int32? {
      if let known = added.first(where: { $0.content.utf8.elementsEqual(token.utf8) }) { return known.id }
      guard let id = vocabulary.id(of: token) else {
        if !required { return nil }
        throw InputError(
          file, "the special token \(JSON.string(token).encoded()) is not in the vocabulary",
          advice: "Name the right one in special_tokens_map.json, or use the vocabulary of a BERT model")
      }
      added.append(AddedToken(content: token, id: id, isSpecial: true))
      return id
    }
    let special = SpecialTokens(
      unknown: try role(settings.unknown ?? "[UNK]"), padding: try role(settings.padding ?? "[PAD]"),
      classifier: try role(settings.classifier ?? "[CLS]"), separator: try role(settings.separator ?? "[SEP]"),
      mask: try role(settings.mask ?? "[MASK]", required: false))
    for word in settings.neverSplit where !added.contains(where: { $0.content.utf8.elementsEqual(word.utf8) }) {
      let id = vocabulary.id(of: word) ?? vocabulary.unknown
      added.append(AddedToken(content: word, id: id, isDelimited: true, isDelimitedByChinese: settings.spacesChinese))
    }
    self.init(
      vocabulary: vocabulary,
      normalizer: BertNormalizer(
        cleansText: true, spacesChinese: settings.spacesChinese, stripsAccents: settings.stripsAccents ?? settings.lowercases ?? true,
        lowercases: settings.lowercases ?? true),
      splitter: .bert, template: .bert(classifier: special.classifier!, separator: special.separator!),
      decoder: WordPieceDecoder(prefix: "##", cleansUp: true), addedTokens: added, specialTokens: special,
      maximumLength: settings.maximumLength, files: files)
  }
}
