import Files
import Metrics
import TestSupport
import Testing

@testable import Scoring

/// BARTScore against the published formula with transformers' BART.
@Suite(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES")) struct BARTScoreTests {
  static var folder: String { "\(Fixtures.all!)/a_models/bart" }

  @Test func theReferenceGivesTheSame() throws {
    let data = try #require(JSON.read("\(Fixtures.all!)/d_metrics/model_based.json")["data"])
    let expected = try #require(data["bartscore"])
    let pairs = data["pairs"]!.array!.map { TextPair(reference: $0["ref"]!.string!, hypothesis: $0["cand"]!.string!) }
    let scorer = try BARTScorer(Self.folder, maximumLength: expected["max_length"]!.int!)
    func scores(_ direction: BARTScorer.Direction, sources: [String] = []) throws -> [Double] { try scorer.score(pairs, direction, sources: sources).compactMap { $0 } }
    func golden(_ key: String) -> [Double] { expected[key]!.array!.map { $0.double! } }
    let (recall, precision) = (try scores(.hypothesisToReference), try scores(.referenceToHypothesis))
    expectClose(recall, golden("cand_to_ref"), relative: 0, absolute: 1e-5, "hypo-ref")
    expectClose(precision, golden("ref_to_cand"), relative: 0, absolute: 1e-5, "ref-hypo")
    expectClose(try scores(.f), zip(recall, precision).map { ($0 + $1) / 2 }, relative: 0, absolute: 1e-6, "f")
    expectClose(try scores(.sourceToHypothesis, sources: pairs.map { $0.references[0] }), precision, relative: 0, absolute: 1e-6, "src-hypo")
  }

  @Test func missingRowsHaveNoScoreAndOfSeveralReferencesTheBestCounts() throws {
    let scorer = try BARTScorer(Self.folder)
    let texts = ["the post shows stress", "no sign of stress"]
    let single = try texts.map { try scorer.score([TextPair(reference: $0, hypothesis: "a post about stress")], .hypothesisToReference)[0]! }
    let both = try scorer.score(
      [TextPair(references: texts, hypothesis: "a post about stress"), TextPair(references: texts, hypothesis: nil), TextPair(references: texts, hypothesis: "")],
      .hypothesisToReference)
    expectClose([both[0]!], [single.max()!], relative: 0, absolute: 1e-6)
    #expect(both[1] == nil && both[2]! < 0)
    #expect(scorer.signature(.f).hasPrefix("bart_f_max"))
  }
}
