internal import Files

extension BPETokenizer {
  /// Reads GPT-2's or RoBERTa's `vocab.json` and `merges.txt`.
  ///
  /// A vocabulary with `<s>`, `</s>`, `<pad>` and `<mask>` is RoBERTa's, whose texts stand between `<s>` and `</s>`; another is
  /// GPT-2's, whose texts stand alone.
  /// - Throws: `InputError` naming the file and the line or key.
  init(vocabulary node: JSONNode, merges bytes: [UInt8], file: String, settings: TokenizerSettings, files: TokenizerFiles) throws(InputError) {
    let table = try TokenTable(json: node)
    let merges = try MergeList(text: bytes, file: file).ranked(in: table)
    let isRoberta = ["<s>", "</s>", "<pad>", "<mask>"].allSatisfy { table.id(of: $0) != nil }
    var added: [AddedToken] = []
    for token in settings.addedTokens {
      try AddedTokens.check(token, against: table, and: added, JSONNode(.null, file: node.file, path: "added tokens"))
      added.append(token)
    }
    func role(_ token: String?, _ fallback: String) -> Int32? {
      let token = token ?? fallback
      if let known = added.first(where: { $0.content.utf8.elementsEqual(token.utf8) }) { return known.id }
      guard let id = table.id(of: token) else { return nil }
      // RoBERTa's mask takes the space before it along.
      let isMask = isRoberta && token == "<mask>"
      added.append(AddedToken(content: token, id: id, isSpecial: true, stripsLeft: isMask, isNormalized: !isMask))
      return id
    }
    let end = "<|endoftext|>"
    let special = SpecialTokens(
      unknown: role(settings.unknown, isRoberta ? "<unk>" : end), padding: isRoberta || settings.padding != nil ? role(settings.padding, "<pad>") : nil,
      classifier: isRoberta ? role(settings.classifier, "<s>") : nil, separator: isRoberta ? role(settings.separator, "</s>") : nil,
      mask: isRoberta ? role(settings.mask, "<mask>") : nil, beginOfSequence: role(settings.beginOfSequence, isRoberta ? "<s>" : end),
      endOfSequence: role(settings.endOfSequence, isRoberta ? "</s>" : end))
    let addsPrefixSpace = settings.addsPrefixSpace ?? false
    var template = Template.bare
    if isRoberta, let start = special.classifier, let end = special.separator { template = .roberta(start: start, end: end) }
    self.init(
      model: BPEModel(
        table: table, merges: merges, isByteLevel: true, marksSpaces: false, ignoresMerges: false, unknown: nil, fusesUnknown: false,
        fallsBackToBytes: false),
      normalizer: .identity, words: .bytes(.gpt2, addsPrefixSpace: addsPrefixSpace),
      template: isRoberta ? template : template.adjusted(to: settings, special), decoder: .bytes,
      trimming: isRoberta ? OffsetTrimming(addsPrefixSpace: addsPrefixSpace) : nil, addedTokens: added, specialTokens: special,
      maximumLength: settings.maximumLength, files: files)
  }
}
