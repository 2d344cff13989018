import Files
import Metrics
import Scoring
import Torch

/// BERTScore throughput: `attune-bench bertscore MODEL_FOLDER LAYER TEXTS fp32|bf16 PASSES`.
///
/// `TEXTS` holds UTF-8 texts separated by NUL bytes: a reference and its candidate in turn. Prints one JSON line: the seconds of each pass, tokenizing
/// included and loading not, and every pair's precision, recall and F, for comparison.
struct BERTScoreBenchmark {
  static func run(_ arguments: [String]) throws {
    guard arguments.count == 5, let layer = Int(arguments[1]), let passes = Int(arguments[4]), passes > 0 else {
      throw InputError("attune-bench bertscore", "found \(arguments.count) arguments, expected MODEL_FOLDER LAYER TEXTS fp32|bf16 PASSES")
    }
    let texts = try MappedFile.withBytes(of: arguments[2]) { bytes in
      bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }
    let pairs = stride(from: 0, to: texts.count - 1, by: 2).map { TextPair(reference: texts[$0], hypothesis: texts[$0 + 1]) }
    Runtime.keepFreedMemory()
    let scorer = try BERTScorer(arguments[0], options: .init(layer: layer, computeType: arguments[3] == "bf16" ? .bfloat16 : .float32))
    let clock = ContinuousClock()
    var seconds: [JSON] = []
    var scores: [BERTScore.Score] = []
    for _ in 0..<passes {
      let start = clock.now
      scores = try scorer.score(pairs).scores.compactMap { $0 }
      seconds.append(.number((clock.now - start) / .seconds(1)))
    }
    func figures(_ figure: KeyPath<BERTScore.Score, Double>) -> JSON { .array(scores.map { .number($0[keyPath: figure]) }) }
    let result: JSON = [
      "pairs": .integer(pairs.count), "seconds": .array(seconds), "P": figures(\.precision), "R": figures(\.recall), "F": figures(\.f),
      "peak_rss_mb": .number(Double(Runtime.peakResidentMemory) / 1e6),
    ]
    print(result.encoded())
  }
}
