internal import Files

extension BPETokenizer {
  /// Reads a `tokenizer.json` whose model is BPE.
  /// - Throws: `InputError` naming the key: a part that is missing, malformed, or of a kind that is not supported.
  init(json root: JSONNode, settings: TokenizerSettings, files: TokenizerFiles) throws(InputError) {
    let model = try root.required("model")
    let table = try TokenTable(json: model.required("vocab"))
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let node = model[key], try node.string() != "" { throw node.failure("found a BPE with affixes, which is not supported") }
    }
    if let dropout = model["dropout"], dropout.value.double != 0 {
      throw dropout.failure("found BPE dropout \(dropout.value.encoded()), which would make ids random; expected null")
    }
    let normalizer = try root["normalizer"].map(SpaceNormalizer.init(json:)) ?? .identity
    let merges = try MergeList(model.required("merges"))
    let stages = try root["pre_tokenizer"].map(WordStage.read) ?? []
    let isByteLevel = stages.contains { if case .byteLevel = $0 { true } else { false } }
    let metaspace = stages.compactMap { if case .metaspace(let prefix, let splits) = $0 { (prefix, splits) } else { nil } }.first
    let marksSpaces = normalizer.marksSpaces || metaspace != nil

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
    var unknown: Int32?
    if let node = model["unk_token"], case let name = try node.string() {
      unknown = table.id(of: name)
      if unknown == nil { throw node.failure("the unknown token \(JSON.string(name).encoded()) is not in the vocabulary") }
    }
    let bpe = BPEModel(
      table: table, merges: try merges.ranked(in: table), isByteLevel: isByteLevel, marksSpaces: marksSpaces,
      ignoresMerges: try model.flag("ignore_merges", false), unknown: unknown, fusesUnknown: try model.flag("fuse_unk", false),
      fallsBackToBytes: try model.flag("byte_fallback", false))
    let words = try BPEWords(stages, marksSpaces: marksSpaces, cutsAtSpaces: bpe.keepsWordsApart(merges), root["pre_tokenizer"] ?? root)
    let special = SpecialTokens(
      unknown: unknown ?? id(settings.unknown), padding: id(settings.padding), classifier: id(settings.classifier),
      separator: id(settings.separator), mask: id(settings.mask), beginOfSequence: id(settings.beginOfSequence),
      endOfSequence: id(settings.endOfSequence))
    let processors = try root["post_processor"].map(PostProcessors.init(json:)) ?? PostProcessors()
    self.init(
      model: bpe, normalizer: SpaceNormalizer(prepends: normalizer.prepends, marksSpaces: marksSpaces), words: words,
      template: (processors.template ?? .bare).adjusted(to: settings, special),
      decoder: try root["decoder"].map(TokenDecoder.init(json:)) ?? .spaced, trimming: processors.trimming, addedTokens: added,
      specialTokens: special, maximumLength: settings.maximumLength, files: files)
  }
}

extension TokenTable {
  /// Reads `{"token": id, …}`.
  init(json node: JSONNode) throws(InputError) {
    var tokens: [(token: String, id: Int)] = []
    for (token, id) in try node.object() {
      tokens.append((token, Int(try JSONNode(id, file: node.file, path: "\(node.path).\(token)").tokenID())))
    }
    try self.init(tokens, file: node.file)
  }
}

/// The merges of a file, as pairs of tokens.
struct MergeList {
  /// A merge and where it stands in its file.
  private(set) var pairs: [(left: String, right: String)] = []
  private let place: (Int) -> String
  private let file: String

  /// Reads `["a b", …]` or `[["a", "b"], …]`.
  init(_ node: JSONNode) throws(InputError) {
    file = node.file
    place = { [path = node.path] in "key \"\(path)[\($0)]\"" }
    guard let elements = node.value.array else { throw node.failure("found \(node.value.kind), expected an array of merges") }
    pairs.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      if let text = element.string {
        try add(text.utf8, index)
      } else if let parts = element.array, parts.count == 2, let left = parts[0].string, let right = parts[1].string {
        pairs.append((left, right))
      } else {
        throw InputError(file, at: place(index), "found \(element.kind), expected a merge: \"a b\" or [\"a\", \"b\"]")
      }
    }
  }

  /// Reads a `merges.txt`: one merge a line, after a first line `#version: …` if there is one.
  init(text: [UInt8], file: String) throws(InputError) {
    self.file = file
    place = { "line \($0)" }
    for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if line.isEmpty || index == 0 && line.starts(with: "#version".utf8) { continue }
      guard String(validating: line, as: UTF8.self) != nil else {
        throw InputError(file, at: place(index + 1), "found bytes that are not UTF-8", advice: "Fetch the file again")
      }
      try add(line, index + 1)
    }
  }

  private mutating func add(_ text: some Collection<UInt8>, _ index: Int) throws(InputError) {
    let parts = text.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw InputError(file, at: place(index), "found \(parts.count) parts, expected a merge of two tokens with a space between them")
    }
    pairs.append((String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self)))
  }

  /// The merges by ids, ranked in the order of the file.
  func ranked(in table: TokenTable) throws(InputError) -> BPEMerges {
    var merges = BPEMerges(expected: pairs.count)
    for (rank, (left, right)) in pairs.enumerated() {
      func id(_ token: String) throws(InputError) -> Int32 {
        guard let id = table.id(of: token) else {
          throw InputError(file, at: place(rank), "the token \(JSON.string(token).encoded()) of this merge is not in the vocabulary")
        }
        return id
      }
      merges.add(try id(left), try id(right), BPEMerges.Merge(rank: UInt32(rank), id: try id(left + right)))
    }
    return merges
  }
}

extension BPEModel {
  /// Whether no merge joins the end of a word with the space before the next: then every word can be merged alone.
  func keepsWordsApart(_ merges: MergeList) -> Bool {
    let mark = Array(Self.mark.utf8)
    return marksSpaces && table.id(of: Self.mark) != nil && !ignoresMerges
      && merges.pairs.allSatisfy { left, right in !right.utf8.starts(with: mark) || left.utf8.suffix(mark.count).elementsEqual(mark) }
  }
}
