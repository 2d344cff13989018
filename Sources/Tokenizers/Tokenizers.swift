public import Files
import Glibc

/// Reads the tokenizer of a model folder.
public enum Tokenizers {
  /// Reads `tokenizer.json` if `folder` has one, else `vocab.txt`; `tokenizer_config.json` and `special_tokens_map.json`
  /// complete them. Where they disagree, `tokenizer.json` is right, as for the `tokenizers` library.
  ///
  /// The truncation and padding that some `tokenizer.json` carry are not applied: every call says its own.
  /// - Throws: `InputError` naming the file and the key, when the folder has no tokenizer or one that cannot be used.
  public static func load(_ folder: String) throws(InputError) -> any Tokenizer {
    let files = try TokenizerFiles(folder: folder)
    let settings = try TokenizerSettings(files, folder: folder)
    if let json = try files.json("tokenizer.json", folder: folder) {
      return try WordPieceTokenizer(json: JSONNode(json, file: "\(folder)/tokenizer.json"), settings: settings, files: files)
    }
    if let bytes = files["vocab.txt"] {
      return try WordPieceTokenizer(vocabulary: bytes, file: "\(folder)/vocab.txt", settings: settings, files: files)
    }
    throw InputError(
      folder, "found no tokenizer: neither tokenizer.json nor vocab.txt",
      advice: "Give the folder of a model with a WordPiece tokenizer (BERT), with all its files")
  }
}
