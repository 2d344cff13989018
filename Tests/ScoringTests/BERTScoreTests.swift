import Files
import Metrics
import TestSupport
import Testing

@testable import Scoring

/// BERTScore against the bert_score package with the same folders.
@Suite struct BERTScoreTests {
  static let miniLM = Fixtures.repository + "/checkpoints/all-MiniLM-L6-v2"

  /// Pairs of IMHI explanations, scored by bert_score 0.3.13.
  @Test(
    .enabled(if: Fixtures.hasAll && FileSystem.exists("\(Self.miniLM)/model.safetensors"), "set ATTUNE_FIXTURES, and run scripts/setup"),
    arguments: ["minilm_noidf", "minilm_idf", "minilm_l4_noidf", "minilm_l4_idf", "tiny_noidf", "tiny_idf"])
  func thePackageGivesTheSame(_ name: String) throws {
    let data = try #require(JSON.read("\(Fixtures.all!)/d_metrics/model_based.json")["data"])
    let expected = try #require(data["bertscore_\(name)"])
    let pairs = data["pairs"]!.array!.map { TextPair(reference: $0["ref"]!.string!, hypothesis: $0["cand"]!.string!) }
    let folder = name.hasPrefix("tiny") ? "\(Fixtures.all!)/a_models/bert_pooler" : Self.miniLM
    let options = BERTScorer.Options(
      layer: expected["num_layers"]!.int!, usesIDF: name.hasSuffix("_idf"), maximumLength: expected["tokenizer_model_max_length"]!.int!)
    let scorer = try BERTScorer(folder, options: options)
    let scores = try scorer.score(pairs).scores.map { try #require($0) }
    for (key, figure) in [("P", \BERTScore.Score.precision), ("R", \.recall), ("F", \.f)] {
      expectClose(scores.map { $0[keyPath: figure] }, expected[key]!.array!.map { $0.double! }, relative: 0, absolute: 1e-5, "\(name) \(key)")
    }
  }
}
