package import Files
package import NN

/// The ids that an encoder-decoder's configuration names.
public struct SequenceIDs: Sendable, Equatable {
  /// `pad_token_id`
  public let padding: Int
  /// `decoder_start_token_id`: what every target is preceded by.
  public let decoderStart: Int
  /// `eos_token_id`: one id or several.
  public let endOfSequence: [Int]

  /// - Throws: `InputError` for an id that the vocabulary does not have.
  package init(_ reader: ConfigReader, vocabulary: Int, pad: Int, start: Int, end: Int) throws(InputError) {
    let ids = 0...(vocabulary - 1)
    func id(_ key: String, _ fallback: Int) throws(InputError) -> Int {
      reader.isNull(key) ? fallback : try reader.integer(key, in: ids)
    }
    padding = try id("pad_token_id", pad)
    decoderStart = try id("decoder_start_token_id", start)
    let ends = try reader.integers("eos_token_id", in: ids)
    endOfSequence = ends.isEmpty ? [end] : ends
  }

  // Bounds far beyond any published encoder-decoder: a file outside them is damaged or hostile, and is refused before anything is
  // allocated.
  static let vocabulary = 1...(1 << 24)
  static let width = 1...(1 << 17)
  static let layers = 1...1024

  static func requirePlausible(_ parameters: Int, _ reader: ConfigReader) throws(InputError) {
    guard parameters > 1 << 38 else { return }
    throw InputError(
      reader.path, "its sizes add up to \(parameters) parameters, expected at most \(1 << 38)", advice: "Fetch the config.json that belongs to the weights")
  }
}

extension ConfigReader {
  /// An activation function by its name.
  package func activation(_ key: String, default fallback: Activation) throws(InputError) -> Activation {
    let name = try string(key) ?? fallback.rawValue
    if let activation = Activation(rawValue: name) { return activation }
    throw wrong(key, .string(name), "one of \(Activation.allCases.map(\.rawValue).joined(separator: ", "))")
  }
}
