public import Checkpoints
public import Files

/// What an encoder-decoder's folder says of its answers: where they start and end, and what may stand in them.
/// `generation_config.json` says it, in older folders `config.json`.
public struct SequenceRules: Sendable, Equatable {
  /// `decoder_start_token_id`
  public let start: Int32
  /// `eos_token_id`: one or several.
  public let ends: [Int32]
  /// `forced_bos_token_id`: the first token of every answer.
  public let forcedFirst: Int32?
  /// `forced_eos_token_id`: one of them is the last token where an answer is cut.
  public let forcedLast: [Int32]
  /// `min_length`: tokens before an end, the start token included.
  public let minimumLength: Int
  /// `no_repeat_ngram_size`: no run of this many tokens occurs twice; 0 allows it.
  public let noRepeatNgramSize: Int

  /// `length_penalty` of beam search.
  public let lengthPenalty: Double
  /// `early_stopping` of beam search: false, true or "never".
  public let earlyStopping: EarlyStopping

  /// When a beam search with enough finished answers ends.
  public enum EarlyStopping: Sendable { case heuristic, always, never }

  /// - Throws: `InputError` for a value that is no id of the model, or no number.
  public init(folder: String, config: ModelConfig) throws(InputError) {
    let own = "\(folder)/generation_config.json"
    let path = FileSystem.isFile(own) ? own : "\(folder)/config.json"
    let json = try JSON.read(path)
    func ids(_ key: String) throws(InputError) -> [Int32] {
      guard let value = json[key], !value.isNull else { return [] }
      let given = value.array?.map(\.int) ?? [value.int]
      let known = given.compactMap { $0 }.filter { (0..<config.vocabularySize).contains($0) }
      guard known.count == given.count else {
        throw InputError(
          path, at: "key \"\(key)\"", "found \(value.encoded()), expected ids below \(config.vocabularySize)", advice: "Fetch the file that belongs to the model")
      }
      return known.map { Int32($0) }
    }
    func count(_ key: String) throws(InputError) -> Int {
      guard let value = json[key], !value.isNull else { return 0 }
      guard let count = value.int, count >= 0 else {
        throw InputError(path, at: "key \"\(key)\"", "found \(value.encoded()), expected a number from 0", advice: "Correct the value")
      }
      return count
    }
    let ends = try ids("eos_token_id")
    start = try ids("decoder_start_token_id").first ?? Int32(config.sequenceIDs.decoderStart)
    self.ends = ends.isEmpty ? config.sequenceIDs.endOfSequence.map { Int32($0) } : ends
    forcedFirst = try ids("forced_bos_token_id").first
    forcedLast = try ids("forced_eos_token_id")
    minimumLength = try count("min_length")
    noRepeatNgramSize = try count("no_repeat_ngram_size")
    lengthPenalty = json["length_penalty"]?.double ?? 1
    earlyStopping = json["early_stopping"]?.bool == true ? .always : json["early_stopping"]?.string == "never" ? .never : .heuristic
  }
}
