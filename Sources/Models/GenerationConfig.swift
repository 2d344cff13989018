internal import Checkpoints
public import Files

/// What `generation_config.json` says about where an answer ends. Its sampling defaults are left aside: what is drawn, and how, is
/// said by whoever asks.
public enum GenerationConfig {
  /// Every id that ends an answer: the file's `eos_token_id`, one or a list; where the file or the key is missing, the
  /// configuration's, then the tokenizer's.
  /// - Throws: `InputError` for a value that is no id of the model.
  public static func endIDs(folder: String, model: CausalModel) throws(InputError) -> [Int32] {
    let path = "\(folder)/generation_config.json"
    if FileSystem.isFile(path), let value = try JSON.read(path)["eos_token_id"], !value.isNull {
      let ids = value.array?.map(\.int) ?? [value.int]
      let known = ids.compactMap { $0 }.filter { (0..<model.config.vocabularySize).contains($0) }
      guard known.count == ids.count else {
        throw InputError(
          path, at: "key \"eos_token_id\"", "found \(value.encoded()), expected ids below \(model.config.vocabularySize)", advice: "Fetch the file that belongs to the model")
      }
      return known.map { Int32($0) }
    }
    return model.config.decoder.endOfSequence.map { Int32($0) }
  }
}
