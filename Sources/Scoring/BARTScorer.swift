import Checkpoints
import Files
public import Metrics
import Models
import Tokenizers
public import Torch

/// BARTScore (Yuan et al. 2021): the mean log-probability of a text's tokens, special ones included, given another text. Negative; higher is better.
///
/// Equal to neulab/BARTScore with the same folder. Rows do not depend on each other but for the order of float32 sums.
public final class BARTScorer {
  /// What is scored, given what.
  public enum Direction: String, Sendable, CaseIterable {
    /// The reference, given the hypothesis.
    case hypothesisToReference = "hypo-ref"
    /// The hypothesis, given the reference.
    case referenceToHypothesis = "ref-hypo"
    /// The hypothesis, given the source.
    case sourceToHypothesis = "src-hypo"
    /// The mean of the first two.
    case f
  }

  private let model: EncoderDecoderModel
  private let name: String
  private let computeType: DType
  private let maximumLength: Int

  /// - Parameters:
  ///   - maximumLength: tokens each text is cut to, special ones included; nil takes what tokenizer and model allow, at most 1024.
  ///   - computeType: float32 or bfloat16.
  /// - Throws: `InputError` for a folder that cannot be used.
  public init(_ folder: String, maximumLength: Int? = nil, computeType: DType = .float32, device: Device = .cpu) throws {
    model = try EncoderDecoderModel.load(folder, frozen: true, frozenType: computeType, device: device)
    name = FileSystem.name(of: folder)
    self.computeType = computeType
    let limits = [maximumLength ?? 1024, 1024, model.tokenizer.maximumLength ?? .max, model.config.maximumLength]
    self.maximumLength = limits.min() ?? 1024
  }

  /// Model, direction and what else determines the scores.
  public func signature(_ direction: Direction) -> String {
    "\(name)_\(direction.rawValue)_max\(maximumLength)_version=attune-1" + (computeType == .float32 ? "" : "_\(computeType)")
  }

  /// The score of each target, given its source.
  /// - Throws: `TokenizationError` when the length limit leaves no room for special tokens.
  public func score(sources: [String], targets: [String]) throws -> [Double] {
    let options = EncodingOptions(truncation: Truncation(maximumLength: maximumLength))
    func ids(_ texts: [String]) throws -> [[Int32]] {
      var known: [String: [Int32]] = [:]
      return try texts.map { text in
        if let ids = known[text] { return ids }
        let ids = try model.tokenizer.encode(text, pair: nil, options: options).ids
        known[text] = ids
        return ids
      }
    }
    return model.score(try ids(sources), try ids(targets)).map { row in row.reduce(0) { $0 + Double($1) } / Double(max(row.count, 1)) }
  }

  /// One score a pair; nil where the generation is missing. An empty text is scored as the special tokens it consists of. Of several references the best counts.
  /// - Parameter sources: of each pair; only `sourceToHypothesis` reads them.
  public func score(_ pairs: [TextPair], _ direction: Direction, sources: [String] = []) throws -> [Double?] {
    precondition(direction != .sourceToHypothesis || sources.count == pairs.count, "\(sources.count) sources for \(pairs.count) pairs")
    var rows: [(row: Int, hypothesis: String, other: String)] = []
    for (row, pair) in pairs.enumerated() {
      guard let hypothesis = pair.hypothesis else { continue }
      for other in direction == .sourceToHypothesis ? [sources[row]] : pair.references { rows.append((row, hypothesis, other)) }
    }
    let (hypotheses, others) = (rows.map(\.hypothesis), rows.map(\.other))
    let values: [Double] =
      switch direction {
      case .hypothesisToReference: try score(sources: hypotheses, targets: others)
      case .referenceToHypothesis, .sourceToHypothesis: try score(sources: others, targets: hypotheses)
      case .f: try zip(score(sources: hypotheses, targets: others), score(sources: others, targets: hypotheses)).map { ($0 + $1) / 2 }
      }
    var best = [Double?](repeating: nil, count: pairs.count)
    for (entry, value) in zip(rows, values) { best[entry.row] = max(best[entry.row] ?? value, value) }
    return best
  }
}
