public import Files

/// A vocabulary entry that takes another name, `[unused1]` that becomes `[seeker]`: its id and embedding stay, no vocabulary grows.
public struct RenamedEntry: Sendable, Hashable {
  public let old: String
  public let new: String

  public init(_ old: String, as new: String) { (self.old, self.new) = (old, new) }
}

extension Tokenizers {
  /// Reads a WordPiece tokenizer with renamed entries; what it writes, transformers and `load` read with the same names.
  /// - Parameter isDelimited: false finds the new names wherever they stand in a text, as special tokens are found. True finds them only between
  ///   white space or Chinese characters and splits them like words elsewhere, as `never_split` of transformers' Python tokenizer does.
  /// - Throws: `InputError` when the folder has no WordPiece tokenizer, or its vocabulary lacks an old name or has a new one.
  public static func load(_ folder: String, renaming entries: [RenamedEntry], isDelimited: Bool) throws(InputError) -> any Tokenizer {
    var files = try TokenizerFiles(folder: folder)
    if isDelimited { try files.dropFastTokenizer(folder) }
    let words = try files.vocabulary(folder)
    for entry in entries {
      guard words.contains(entry.old) || words.contains(entry.new) else {
        throw InputError(
          folder, "its vocabulary has no entry \(entry.old) that \(entry.new) could take", advice: "Choose a BERT model with unused entries, bert-base-chinese for instance")
      }
    }
    let open = entries.filter { words.contains($0.old) && !words.contains($0.new) }  // a folder that was written here has them already
    try files.renameVocabulary(open, folder)
    try files.declare(entries, folder, isDelimited: isDelimited)
    return try load(files: files.contents)
  }
}

extension TokenizerFiles {
  /// Replaces or adds a file.
  private mutating func set(_ name: String, _ json: JSON) { replace(name, Array((json.encoded(indent: 2) + "\n").utf8)) }

  /// The tokens of `vocab.txt` or of `tokenizer.json`.
  fileprivate func vocabulary(_ folder: String) throws(InputError) -> Set<String> {
    if let json = try json("tokenizer.json", folder: folder), let words = json["model"]?["vocab"]?.object, json["model"]?["merges"] == nil { return Set(words.keys) }
    if let bytes = self["vocab.txt"] { return Set(Self.lines(bytes)) }
    throw InputError(folder, "found no WordPiece vocabulary: neither vocab.txt nor a tokenizer.json with one", advice: "Give the folder of a BERT model")
  }

  fileprivate mutating func renameVocabulary(_ entries: [RenamedEntry], _ folder: String) throws(InputError) {
    let names = Dictionary(entries.map { ($0.old, $0.new) }, uniquingKeysWith: { first, _ in first })
    if let bytes = self["vocab.txt"] {
      replace("vocab.txt", Array(Self.lines(bytes).map { names[$0] ?? $0 }.joined(separator: "\n").utf8) + [0x0A])
    }
    guard var root = try json("tokenizer.json", folder: folder)?.object, var model = root["model"]?.object, let words = model["vocab"]?.object else { return }
    model["vocab"] = .object(JSONObject(words.map { (names[$0.key] ?? $0.key, $0.value) }))
    root["model"] = .object(model)
    set("tokenizer.json", .object(root))
  }

  /// Says in the files that the new names are found before anything else: as special tokens, or as words that are never split.
  fileprivate mutating func declare(_ entries: [RenamedEntry], _ folder: String, isDelimited: Bool) throws(InputError) {
    var config = try json("tokenizer_config.json", folder: folder)?.object ?? JSONObject()
    if isDelimited {
      let words = (config["never_split"]?.array ?? []).compactMap(\.string)
      config["never_split"] = .array((words + entries.map(\.new).filter { !words.contains($0) }).map(JSON.string))
      return set("tokenizer_config.json", .object(config))
    }
    var decoder = config["added_tokens_decoder"]?.object ?? JSONObject()
    var root = try json("tokenizer.json", folder: folder)?.object
    var added = (root?["added_tokens"]?.array ?? []).filter { token in !entries.contains { $0.old == token["content"]?.string || $0.new == token["content"]?.string } }
    for entry in entries {
      let id = root?["model"]?["vocab"]?[entry.new]?.int ?? self["vocab.txt"].flatMap { Self.lines($0).firstIndex(of: entry.new) }
      guard let id else { continue }  // `load` has found it
      let token: JSONObject = ["content": .string(entry.new), "lstrip": false, "normalized": false, "rstrip": false, "single_word": false, "special": true]
      decoder["\(id)"] = .object(token)
      added.append(.object(JSONObject([("id", .integer(id))] + token.map { ($0.key, $0.value) })))
    }
    config["added_tokens_decoder"] = .object(decoder)
    set("tokenizer_config.json", .object(config))
    guard root != nil else { return }
    root?["added_tokens"] = .array(added.sorted { ($0["id"]?.int ?? 0) < ($1["id"]?.int ?? 0) })
    set("tokenizer.json", .object(root ?? [:]))
  }

  /// The `tokenizers` library has no `never_split`: leaves `vocab.txt` and settings, made from `tokenizer.json` where they are missing.
  fileprivate mutating func dropFastTokenizer(_ folder: String) throws(InputError) {
    guard let root = try json("tokenizer.json", folder: folder) else { return }
    guard root["model"]?["merges"] == nil, let words = root["model"]?["vocab"]?.object else { return remove("tokenizer.json") }
    if self["vocab.txt"] == nil {
      let tokens = words.map { (id: $0.value.int ?? -1, token: $0.key) }.sorted { $0.id < $1.id }
      guard tokens.map(\.id) == Array(tokens.indices) else {
        throw InputError("\(folder)/tokenizer.json", at: "key \"model.vocab\"", "the ids are not 0 to \(tokens.count - 1), each once", advice: "Use a folder with vocab.txt")
      }
      replace("vocab.txt", Array(tokens.map(\.token).joined(separator: "\n").utf8) + [0x0A])
    }
    if let normalizer = root["normalizer"], normalizer["type"]?.string == "BertNormalizer" {
      var config = try json("tokenizer_config.json", folder: folder)?.object ?? JSONObject()
      for (key, source) in [("do_lower_case", "lowercase"), ("tokenize_chinese_chars", "handle_chinese_chars"), ("strip_accents", "strip_accents")] {
        if let value = normalizer[source], !value.isNull { config[key] = value }
      }
      set("tokenizer_config.json", .object(config))
    }
    remove("tokenizer.json")
  }

  /// As `WordPieceTokenizer` reads `vocab.txt`.
  private static func lines(_ bytes: [UInt8]) -> [String] {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { String(decoding: $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0, as: UTF8.self) }
  }
}
