internal import Files

extension UnigramTokenizer {
  /// Reads a `tokenizer.json` whose model is Unigram.
  /// - Throws: `InputError` naming the key: a part that is missing, malformed, or of a kind that is not supported.
  init(json root: JSONNode, settings: TokenizerSettings, files: TokenizerFiles) throws(InputError) {
    let model = try root.required("model")
    let pieces = try Self.pieces(model.required("vocab"))
    let table = try TokenTable(pieces.enumerated().map { ($1.text, $0) }, file: root.file)
    var unknown: Int32?
    if let node = model["unk_id"] {
      unknown = try node.tokenID()
      guard Int(unknown!) < pieces.count else { throw node.failure("found \(unknown!), expected the id of one of the \(pieces.count) pieces") }
    }
    let unigram = UnigramModel(pieces, table: table, unknown: unknown, fallsBackToBytes: try model.flag("byte_fallback", false))

    var added: [AddedToken] = []
    for node in try root["added_tokens"]?.elements() ?? [] {
      let token = try AddedToken(node, id: try node.required("id").tokenID())
      try AddedTokens.check(token, against: table, and: added, node)
      added.append(token)
    }
    func id(_ token: String?) -> Int32? {
      guard let token else { return nil }
      return added.first { $0.content.utf8.elementsEqual(token.utf8) }?.id ?? table.id(of: token)
    }
    let stages = try root["normalizer"].map(UnigramNormalizer.Stage.read) ?? []
    let words = try UnigramWords(root["pre_tokenizer"].map(WordStage.read) ?? [], root["pre_tokenizer"] ?? root)
    let processors = try root["post_processor"].map(PostProcessors.init(json:)) ?? PostProcessors()
    let special = SpecialTokens(
      unknown: unknown ?? id(settings.unknown), padding: id(settings.padding), classifier: id(settings.classifier),
      separator: id(settings.separator), mask: id(settings.mask), beginOfSequence: id(settings.beginOfSequence),
      endOfSequence: id(settings.endOfSequence))
    self.init(
      model: unigram, normalizer: UnigramNormalizer(stages: stages, marksSpaces: !words.cutsAtSpaces), words: words,
      template: processors.template ?? .bare, decoder: try root["decoder"].map(TokenDecoder.init(json:)) ?? .spaced, addedTokens: added,
      specialTokens: special, maximumLength: settings.maximumLength, files: files)
  }

  /// Reads `[["▁the", -3.2], …]`, id by id.
  private static func pieces(_ node: JSONNode) throws(InputError) -> [(text: String, score: Double)] {
    guard let elements = node.value.array else { throw node.failure("found \(node.value.kind), expected an array of pieces with scores") }
    var pieces: [(text: String, score: Double)] = []
    pieces.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      guard let pair = element.array, pair.count == 2, let text = pair[0].string, let score = pair[1].double, score.isFinite else {
        throw JSONNode(element, file: node.file, path: "\(node.path)[\(index)]").failure("expected a piece and its score, such as [\"▁the\", -3.2]")
      }
      pieces.append((text, score))
    }
    return pieces
  }
}

extension UnigramNormalizer.Stage {
  static func read(_ node: JSONNode) throws(InputError) -> [Self] {
    switch try node.type() {
    case "Sequence":
      var stages: [Self] = []
      for part in try node.required("normalizers").elements() { stages += try read(part) }
      return stages
    case "Precompiled":
      let map = try node.required("precompiled_charsmap")
      guard let bytes = Base64.decode(try map.string()) else { throw map.failure("found text that is not base64", advice: "Fetch the file again") }
      return bytes.isEmpty ? [] : [.characterMap(try CharacterMap(bytes, file: node.file))]
    case "Lowercase": return [.lowercase]
    case "NFC": return [.canonical(composes: true)]
    case "NFD": return [.canonical(composes: false)]
    case "Strip": return [.strip(left: try node.flag("strip_left", true), right: try node.flag("strip_right", true))]
    case "Replace": return [try replacement(node)]
    case let type:
      throw node.failure(
        "found the normalizer \(JSON.string(type).encoded()) for Unigram; supported: Precompiled, Lowercase, NFC, NFD, Strip, Replace, a Sequence of these, null")
    }
  }

  private static func replacement(_ node: JSONNode) throws(InputError) -> Self {
    let pattern = try node.required("pattern")
    let content = Array(try node.required("content").string().unicodeScalars)
    if let text = pattern.value["String"]?.string { return .replace(Array(text.unicodeScalars), with: content) }
    switch (pattern.value["Regex"]?.string, content.count) {
    case (" {2,}", 1): return .spaceRuns(anySpace: false, replacement: content[0])
    case (#"\s{2,}|[\n\r\t]"#, 1): return .spaceRuns(anySpace: true, replacement: content[0])
    default:
      throw node.failure(
        "found the pattern \(pattern.value.encoded()); supported: a string, and the runs of spaces of T5's and DeBERTa's tokenizers",
        advice: "Use a model of the T5 or DeBERTa families")
    }
  }
}

extension UnigramWords {
  init(_ stages: [WordStage], _ node: JSONNode) throws(InputError) {
    var stages = stages[...]
    var (cutsAtSpaces, isolatesPunctuation) = (false, false)
    if case .splitter(.whitespaceSplit)? = stages.first {
      cutsAtSpaces = true
      stages.removeFirst()
    }
    if case .punctuation? = stages.first {
      isolatesPunctuation = true
      stages.removeFirst()
    }
    guard stages.count == 1, case .metaspace(let prefix, let splits)? = stages.first else {
      throw node.failure("found pre-tokenizers that are not supported for Unigram; supported: WhitespaceSplit, Punctuation, Metaspace, in this order")
    }
    self.init(cutsAtSpaces: cutsAtSpaces, isolatesPunctuation: isolatesPunctuation, prefix: prefix, cutsAtMarks: splits)
  }
}
