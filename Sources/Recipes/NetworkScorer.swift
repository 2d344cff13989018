import Configuration
import Metrics
import Scoring

/// BERTScore or BARTScore, loaded: what they have in common.
struct NetworkScorer {
  let method: ScoreJob.Method
  /// What a row has.
  let names: [String]
  /// What determines the scores.
  let signature: String
  /// A value for each of `names` and each pair, nil where the generation is missing. Sources, one a pair, are read by `src-hypo` alone.
  typealias Scoring = (_ pairs: [TextPair], _ sources: [String]) throws -> [[Double]?]
  /// How the pairs of a file are scored, all or some of them at a time: where rare tokens weigh more, they are rare in the references of the whole file.
  let scoring: (_ file: [TextPair]) throws -> Scoring

  /// - Throws: `InputError` for a folder that holds no such model.
  static func bertScore(_ folder: String, _ options: BERTScorer.Options, _ compute: ComputeChoice) throws -> NetworkScorer {
    var options = options
    options.computeType = compute.dtype
    let scorer = try BERTScorer(folder, options: options, device: compute.device)
    return NetworkScorer(
      method: .bertScore, names: ["bert_score_precision", "bert_score_recall", "bert_score_f1"], signature: scorer.signature
    ) { file in
      let frequencies = options.usesIDF ? try scorer.frequencies(of: file.flatMap(\.references)) : nil
      return { pairs, _ in try scorer.score(pairs, frequencies: frequencies).scores.map { score in score.map { [$0.precision, $0.recall, $0.f] } } }
    }
  }

  /// - Throws: `InputError` for a folder that holds no such model.
  static func bartScore(_ folder: String, _ direction: ScoreJob.Direction, _ compute: ComputeChoice) throws -> NetworkScorer {
    let scorer = try BARTScorer(folder, computeType: compute.dtype, device: compute.device)
    let direction = BARTScorer.Direction(direction)
    return NetworkScorer(method: .bartScore, names: ["bart_score"], signature: scorer.signature(direction)) { _ in
      { pairs, sources in try scorer.score(pairs, direction, sources: sources).map { $0.map { [$0] } } }
    }
  }
}

extension BARTScorer.Direction {
  fileprivate init(_ direction: ScoreJob.Direction) {
    switch direction {
    case .hypothesisToReference: self = .hypothesisToReference
    case .referenceToHypothesis: self = .referenceToHypothesis
    case .sourceToHypothesis: self = .sourceToHypothesis
    case .f: self = .f
    }
  }
}
