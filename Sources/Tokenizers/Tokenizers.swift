public import Files
import Glibc

/// Reads the tokenizer of a model folder.
public enum Tokenizers {
  /// Reads `tokenizer.json` if `folder` has one, else `vocab.json` with `merges.txt`, a sentencepiece model (`tokenizer.model`, `spiece.model`, `spm.model`) or
  /// `vocab.txt`; `tokenizer_config.json` and `special_tokens_map.json` complete them. Where they disagree, `tokenizer.json` is right, as for the `tokenizers` library.
  ///
  /// The truncation and padding that some `tokenizer.json` carry are not applied: every call says its own.
  /// - Throws: `InputError` naming the file and the key, when the folder has no tokenizer or one that cannot be used.
  public static func load(_ folder: String) throws(InputError) -> any Tokenizer {
    try load(TokenizerFiles(folder: folder), folder)
  }

  /// The tokenizer that `files`, contents by name, would make in a folder.
  public static func load(files: [(name: String, bytes: [UInt8])]) throws(InputError) -> any Tokenizer {
    try load(TokenizerFiles(files), "tokenizer")
  }

  /// Contents by name of the tokenizer's files in `folder`.
  public static func files(of folder: String) throws(InputError) -> [(name: String, bytes: [UInt8])] { try TokenizerFiles(folder: folder).contents }

  private static func load(_ files: TokenizerFiles, _ folder: String) throws(InputError) -> any Tokenizer {
    let settings = try TokenizerSettings(files, folder: folder)
    if let json = try files.json("tokenizer.json", folder: folder) {
      return try read(JSONNode(json, file: "\(folder)/tokenizer.json"), settings, files)
    }
    if let vocabulary = try files.json("vocab.json", folder: folder), let merges = files["merges.txt"] {
      return try BPETokenizer(
        vocabulary: JSONNode(vocabulary, file: "\(folder)/vocab.json"), merges: merges, file: "\(folder)/merges.txt", settings: settings,
        files: files)
    }
    for name in ["tokenizer.model", "spiece.model", "spm.model", "sentencepiece.bpe.model"] {
      if let bytes = files[name] { return try read(SentencePieceModel(bytes, file: "\(folder)/\(name)"), "\(folder)/\(name)", settings, files) }
    }
    if let bytes = files["vocab.txt"] {
      return try WordPieceTokenizer(vocabulary: bytes, file: "\(folder)/vocab.txt", settings: settings, files: files)
    }
    throw InputError(
      folder, "found no tokenizer: neither tokenizer.json nor vocab.txt, tokenizer.model, spiece.model, spm.model, vocab.json with merges.txt",
      advice: "Give the folder of a BERT, RoBERTa, DeBERTa, T5, BART, LLaMA or Mistral model, with all its files")
  }

  private static func read(
    _ model: SentencePieceModel, _ file: String, _ settings: TokenizerSettings, _ files: TokenizerFiles
  ) throws(InputError) -> any Tokenizer {
    switch model.algorithm {
    case .unigram: return try UnigramTokenizer(sentencePiece: model, file: file, settings: settings, files: files)
    case .bpe: return try BPETokenizer(sentencePiece: model, file: file, settings: settings, files: files)
    case .word, .char: throw InputError(file, "found a sentencepiece model of type \(model.algorithm), supported: bpe, unigram")
    }
  }

  private static func read(_ root: JSONNode, _ settings: TokenizerSettings, _ files: TokenizerFiles) throws(InputError) -> any Tokenizer {
    _ = try root.object()
    let model = try root.required("model")
    _ = try model.object()
    // Files of 2020 and before do not name the type; each has a key of its own.
    let type = try model["type"]?.string() ?? (model["max_input_chars_per_word"] != nil ? "WordPiece" : model["merges"] != nil ? "BPE" : model["unk_id"] != nil ? "Unigram" : "none")
    switch type {
    case "WordPiece": return try WordPieceTokenizer(json: root, settings: settings, files: files)
    case "BPE": return try BPETokenizer(json: root, settings: settings, files: files)
    case "Unigram": return try UnigramTokenizer(json: root, settings: settings, files: files)
    default:
      throw model.failure(
        "found a tokenizer of type \(JSON.string(type).encoded()); supported: WordPiece, BPE, Unigram",
        advice: "Choose a model of the BERT, RoBERTa, DeBERTa, T5, BART, LLaMA or Mistral families")
    }
  }
}
