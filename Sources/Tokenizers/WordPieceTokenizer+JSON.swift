internal import Files

extension WordPieceTokenizer {
  /// Reads a `tokenizer.json` whose model is WordPiece.
  /// - Throws: `InputError` naming the key: a part that is missing, malformed, or of a kind that is not supported.
  init(json root: JSONNode, settings: TokenizerSettings, files: TokenizerFiles) throws(InputError) {
    let model = try root.required("model")
    var tokens: [(token: String, id: Int)] = []
    let entries = try model.required("vocab")
    for (token, id) in try entries.object() {
      tokens.append((token, Int(try JSONNode(id, file: root.file, path: "\(entries.path).\(token)").tokenID())))
    }
    let vocabulary = try WordPieceVocabulary(
      tokens, unknownToken: try model["unk_token"]?.string() ?? "[UNK]",
      continuation: try model["continuing_subword_prefix"]?.string() ?? "##",
      longestWord: try model["max_input_chars_per_word"]?.integer() ?? 100, file: root.file)

    var added: [AddedToken] = []
    for node in try root["added_tokens"]?.elements() ?? [] {
      let token = try AddedToken(node, id: try node.required("id").tokenID())
      try AddedTokens.check(token, against: vocabulary.table, and: added, node)
      added.append(token)
    }
    func id(_ token: String?) -> Int32? {
      guard let token else { return nil }
      return added.first { $0.content.utf8.elementsEqual(token.utf8) }?.id ?? vocabulary.id(of: token)
    }
    self.init(
      vocabulary: vocabulary,
      normalizer: try root["normalizer"].map(BertNormalizer.init(json:)) ?? .identity,
      splitter: try root["pre_tokenizer"].map(WordSplitter.init(json:)) ?? .none,
      template: try root["post_processor"].map(Template.init(json:)) ?? .bare,
      decoder: try root["decoder"].map(WordPieceDecoder.init(json:)),
      addedTokens: added,
      specialTokens: SpecialTokens(
        unknown: vocabulary.unknown, padding: id(settings.padding ?? "[PAD]"), classifier: id(settings.classifier ?? "[CLS]"),
        separator: id(settings.separator ?? "[SEP]"), mask: id(settings.mask ?? "[MASK]")),
      maximumLength: settings.maximumLength, files: files)
  }
}

extension BertNormalizer {
  init(json node: JSONNode) throws(InputError) {
    let type = try node.type()
    guard type == "BertNormalizer" else {
      throw node.failure("found the normalizer \(JSON.string(type).encoded()); supported: BertNormalizer, null")
    }
    let lowercases = try node.flag("lowercase", true)
    self.init(
      cleansText: try node.flag("clean_text", true), spacesChinese: try node.flag("handle_chinese_chars", true),
      stripsAccents: try node.flag("strip_accents", lowercases), lowercases: lowercases)
  }
}

extension WordSplitter {
  init(json node: JSONNode) throws(InputError) {
    let type = try node.type()
    switch type {
    case "BertPreTokenizer": self = .bert
    case "Whitespace": self = .whitespace
    case "WhitespaceSplit": self = .whitespaceSplit
    default:
      throw node.failure(
        "found the pre-tokenizer \(JSON.string(type).encoded()); supported: BertPreTokenizer, Whitespace, WhitespaceSplit, null")
    }
  }
}

extension WordPieceDecoder {
  init(json node: JSONNode) throws(InputError) {
    let type = try node.type()
    guard type == "WordPiece" else { throw node.failure("found the decoder \(JSON.string(type).encoded()); supported: WordPiece, null") }
    self.init(prefix: try node["prefix"]?.string() ?? "##", cleansUp: try node.flag("cleanup", true))
  }
}
