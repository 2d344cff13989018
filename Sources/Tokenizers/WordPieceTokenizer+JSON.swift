internal import Files

extension WordPieceTokenizer {
  /// Reads a `tokenizer.json` whose model is WordPiece.
  /// - Throws: `InputError` naming the key: a part that is missing, malformed, or of a kind that is not supported.
  init(json root: JSONNode, settings: TokenizerSettings, files: TokenizerFiles) throws(InputError) {
    _ = try root.object()
    let model = try root.required("model")
    _ = try model.object()
    // Files of 2020 and before do not name the type; only WordPiece has this key.
    let type = try model["type"]?.string() ?? (model["max_input_chars_per_word"] == nil ? "none" : "WordPiece")
    guard type == "WordPiece" else {
      throw model.failure("found a tokenizer of type \(JSON.string(type).encoded()); supported: WordPiece", advice: "Choose a BERT-style model")
    }
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
      try Self.check(token, against: vocabulary, and: added, node)
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

  /// An added token is one of the vocabulary under the same id, or a new one under a free id.
  static func check(
    _ token: AddedToken, against vocabulary: WordPieceVocabulary, and others: [AddedToken], _ node: JSONNode
  ) throws(InputError) {
    let name = JSON.string(token.content).encoded()
    guard !token.content.isEmpty else { throw node.failure("found an empty added token") }
    guard token.id < vocabulary.size + 65_536 else {
      throw node.failure("the token \(name) has id \(token.id), far beyond the vocabulary of \(vocabulary.size)")
    }
    if let id = vocabulary.id(of: token.content) {
      guard id == token.id else { throw node.failure("the token \(name) has id \(token.id) here and \(id) in the vocabulary") }
    } else if let other = vocabulary.token(of: token.id) {
      throw node.failure("the token \(name) has id \(token.id), which is that of \(JSON.string(other).encoded())")
    }
    if others.contains(where: { $0.id == token.id || $0.content.utf8.elementsEqual(token.content.utf8) }) {
      throw node.failure("the token \(name) or its id \(token.id) is there twice")
    }
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

extension Template {
  init(json node: JSONNode) throws(InputError) {
    let type = try node.type()
    switch type {
    case "BertProcessing":
      func id(_ key: String) throws(InputError) -> Int32 {
        let pair = try node.required(key).elements()
        guard pair.count == 2 else { throw node.failure("found \(pair.count) elements in \(key), expected a token and its id") }
        return try pair[1].tokenID()
      }
      self = .bert(classifier: try id("cls"), separator: try id("sep"))
    case "TemplateProcessing":
      var special: [String: [Int32]] = [:]
      if let tokens = node["special_tokens"] {
        for (name, _) in try tokens.object() {
          var ids: [Int32] = []
          for id in try tokens.required(name).required("ids").elements() { ids.append(try id.tokenID()) }
          special[name] = ids
        }
      }
      self.init(single: try Self.pieces(node.required("single"), special), pair: try Self.pieces(node.required("pair"), special))
    default:
      throw node.failure(
        "found the post-processor \(JSON.string(type).encoded()); supported: TemplateProcessing, BertProcessing, null")
    }
  }

  private static func pieces(_ node: JSONNode, _ special: [String: [Int32]]) throws(InputError) -> [Piece] {
    var result: [Piece] = []
    for element in try node.elements() {
      if let text = element["Sequence"] {
        let name = try text.required("id").string()
        guard name == "A" || name == "B" else { throw text.failure("found the text \(JSON.string(name).encoded()), expected \"A\" or \"B\"") }
        result.append(.text(isPair: name == "B", type: try text.required("type_id").tokenID()))
      } else if let token = element["SpecialToken"] {
        let name = try token.required("id").string()
        guard let ids = special[name] else {
          throw token.failure("the template names \(JSON.string(name).encoded()), which special_tokens does not define")
        }
        result.append(.special(ids, type: try token.required("type_id").tokenID()))
      } else {
        throw element.failure("found \(element.value.kind), expected an object with \"Sequence\" or \"SpecialToken\"")
      }
    }
    return result
  }
}
