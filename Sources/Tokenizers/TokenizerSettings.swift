internal import Files

/// What `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` say, each role in the first that has it.
struct TokenizerSettings {
  var unknown: String?
  var padding: String?
  var classifier: String?
  var separator: String?
  var mask: String?
  var beginOfSequence: String?
  var endOfSequence: String?
  /// Whether encoding puts these around a text; nil when the files do not say.
  var addsBeginOfSequence: Bool?
  var addsEndOfSequence: Bool?
  /// sentencepiece models: every part between added tokens begins with a space, not only the text. True when missing.
  var isLegacy = true
  var addsPrefixSpace: Bool?
  /// Nil when the files do not say.
  var lowercases: Bool?
  var spacesChinese = true
  /// Nil: accents are stripped when text is lower-cased.
  var stripsAccents: Bool?
  /// DeBERTa: every punctuation character is a word of its own.
  var splitsPunctuation = false
  /// `tokenizer_class`.
  var className: String?
  /// T5: how many `<extra_id_0>`, `<extra_id_1>`, … follow the pieces.
  var extraIDs: Int?
  /// Words that are looked up as they stand.
  var neverSplit: [String] = []
  var maximumLength: Int?
  var addedTokens: [AddedToken] = []

  init(_ files: TokenizerFiles, folder: String) throws(InputError) {
    func node(_ name: String) throws(InputError) -> JSONNode? {
      guard let json = try files.json(name, folder: folder) else { return nil }
      let node = JSONNode(json, file: "\(folder)/\(name)")
      _ = try node.object()
      return node
    }
    let config = try node("tokenizer_config.json")
    for source in [config, try node("special_tokens_map.json")] {
      guard let source else { continue }
      if unknown == nil { unknown = try Self.token(source["unk_token"]) }
      if padding == nil { padding = try Self.token(source["pad_token"]) }
      if classifier == nil { classifier = try Self.token(source["cls_token"]) }
      if separator == nil { separator = try Self.token(source["sep_token"]) }
      if beginOfSequence == nil { beginOfSequence = try Self.token(source["bos_token"]) }
      if endOfSequence == nil { endOfSequence = try Self.token(source["eos_token"]) }
      if mask == nil { mask = try Self.token(source["mask_token"]) }
    }
    if let config {
      addsBeginOfSequence = try config["add_bos_token"]?.bool()
      addsEndOfSequence = try config["add_eos_token"]?.bool()
      isLegacy = try config.flag("legacy", true)
      addsPrefixSpace = try config["add_prefix_space"]?.bool()
      lowercases = try config["do_lower_case"]?.bool()
      splitsPunctuation = try config.flag("split_by_punct", false)
      className = try config["tokenizer_class"]?.string()
      extraIDs = try config["extra_ids"]?.integer()
      spacesChinese = try config.flag("tokenize_chinese_chars", true)
      stripsAccents = try config["strip_accents"]?.bool()
      for word in try config["never_split"]?.elements() ?? [] { neverSplit.append(try word.string()) }
      // Older files say 1e30 for "no limit".
      if let length = config["model_max_length"]?.value.int, 1...1 << 24 ~= length { maximumLength = length }
      for (key, value) in try config["added_tokens_decoder"]?.object() ?? JSONObject() {
        let node = JSONNode(value, file: config.file, path: "added_tokens_decoder.\(key)")
        guard let id = Int32(key), id >= 0 else { throw node.failure("found the id \(JSON.string(key).encoded()), expected a number") }
        addedTokens.append(try AddedToken(node, id: id))
      }
    }
    if let added = try node("added_tokens.json") {
      for (content, value) in try added.object() where !addedTokens.contains(where: { $0.content.utf8.elementsEqual(content.utf8) }) {
        let id = try JSONNode(value, file: added.file, path: content).tokenID()
        addedTokens.append(AddedToken(content: content, id: id, isNormalized: true))
      }
    }
  }

  /// A token is a string, or an object with its text in `content`.
  private static func token(_ node: JSONNode?) throws(InputError) -> String? {
    guard let node else { return nil }
    if let text = node.value.string { return text }
    _ = try node.object()
    return try node.required("content").string()
  }
}

extension AddedToken {
  /// Reads `{"content": …, "special": …, "single_word": …, "lstrip": …, "rstrip": …, "normalized": …}`.
  init(_ node: JSONNode, id: Int32) throws(InputError) {
    _ = try node.object()
    content = try node.required("content").string()
    self.id = id
    isSpecial = try node.flag("special", false)
    isSingleWord = try node.flag("single_word", false)
    stripsLeft = try node.flag("lstrip", false)
    stripsRight = try node.flag("rstrip", false)
    isNormalized = try node.flag("normalized", !isSpecial)
  }
}
