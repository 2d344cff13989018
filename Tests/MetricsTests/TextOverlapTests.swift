import Files
@testable import Metrics
import TestSupport
import Testing

/// The shared golden file: real posts, so it is not embedded.
@Suite(.enabled(if: Fixtures.has("d_metrics/text_overlap.json"), "set ATTUNE_FIXTURES"))
struct TextOverlapTests {
  let file = golden("d_metrics/text_overlap.json")

  private func pairs(_ name: String) -> [TextPair] {
    file[name]!.array!.map { TextPair(reference: $0["ref"]!.string!, hypothesis: $0["cand"]!.string!) }
  }

  /// Every row with the next row's reference as its second.
  private var twoReferences: [TextPair] {
    let pairs = pairs("pairs")
    return pairs.indices.map { row in
      TextPair(references: [pairs[row].references[0], pairs[(row + 1) % pairs.count].references[0]], hypothesis: pairs[row].hypothesis)
    }
  }

  @Test func wordsAreThoseOfMteval13a() {
    var tokenizer = BLEUTokenizer(.mteval13a)
    for item in file["tok13a"]!.array! { #expect(tokenizer.strings(item["text"]!.string!) == item["tokens"]!.strings) }
  }

  @Test func bleuEqualsEvaluate() throws {
    let pairs = pairs("pairs")
    for (name, bleu) in [("corpus", EvaluateBLEU()), ("corpus_smooth", EvaluateBLEU(smooth: true)), ("corpus_max_order2", EvaluateBLEU(maximumOrder: 2))] {
      check(try bleu.score(bleu.statistics(of: pairs).compactMap(\.self)), file["evaluate_bleu"]![name]!, name)
    }
    check(try EvaluateBLEU().score(EvaluateBLEU().statistics(of: twoReferences).compactMap(\.self)), file["evaluate_bleu"]!["corpus_two_refs"]!, "two references")
    let each = try EvaluateBLEU().statistics(of: pairs).map { try EvaluateBLEU().score([$0!]).score }
    expectClose(each, file["evaluate_bleu"]!["per_pair"], "per pair")
    for (pair, expected) in zip(self.pairs("edge_pairs"), file["evaluate_bleu"]!["edge"]!.array!) {
      let rows = EvaluateBLEU().statistics(of: [pair]).compactMap(\.self)
      if expected["error"] != nil {
        #expect(throws: MetricError.self) { try EvaluateBLEU().score(rows) }
      } else {
        check(try EvaluateBLEU().score(rows), expected, "edge")
      }
    }
  }

  private func check(_ score: BLEUScore, _ expected: JSON, _ what: String) {
    expectClose(score.score, expected["bleu"], what)
    expectClose(score.precisions, expected["precisions"], "\(what) precisions")
    expectClose(score.brevityPenalty, expected["brevity_penalty"], "\(what) penalty")
    #expect(score.hypothesisLength == expected["translation_length"]!.int! && score.referenceLength == expected["reference_length"]!.int!)
  }

  @Test func bleuEqualsSacrebleu() {
    let variants: [(String, BLEU, String)] = [
      ("bleu_default", BLEU(), "pairs"), ("bleu_intl", BLEU(tokenization: .international), "pairs"), ("bleu_none", BLEU(tokenization: .none), "pairs"),
      ("bleu_char", BLEU(tokenization: .characters), "pairs"), ("bleu_lowercase", BLEU(lowercase: true), "pairs"),
      ("bleu_floor", BLEU(smoothing: .floor(0.1)), "pairs"), ("bleu_addk", BLEU(smoothing: .add(1)), "pairs"),
      ("bleu_nosmooth", BLEU(smoothing: .none), "pairs"), ("bleu_zh", BLEU(tokenization: .chinese), "zh_pairs"),
    ]
    for (name, bleu, set) in variants {
      let expected = file["sacrebleu"]![name]!
      let pairs = pairs(set)
      let score = bleu.score(bleu.statistics(of: pairs).compactMap(\.self))
      expectClose(score.score, expected["score"], name)
      expectClose(score.precisions, expected["precisions"], "\(name) precisions")
      #expect(bleu.signature(of: pairs) == expected["signature"]!.string!)
    }
    let two = BLEU().score(BLEU().statistics(of: twoReferences).compactMap(\.self))
    expectClose(two.score, file["sacrebleu"]!["bleu_two_refs"]!["score"], "two references")
    for (name, set) in [("sentence_bleu", "pairs"), ("edge_sentence_bleu", "edge_pairs")] {
      let rows = BLEU().statistics(of: pairs(set))
      expectClose(BLEU().sentenceScores(rows).map { $0! }, file["sacrebleu"]![name], name)
    }
  }

  @Test func chrFAndTEREqualSacrebleu() {
    for (name, chrf, set) in [
      ("chrf", CHRF(), "pairs"), ("chrf_pp", CHRF.plusPlus, "pairs"), ("chrf_lower_ws", CHRF(lowercase: true, whiteSpace: true), "pairs"),
      ("chrf_zh", CHRF(), "zh_pairs"),
    ] {
      let pairs = pairs(set)
      expectClose(chrf.score(chrf.statistics(of: pairs).compactMap(\.self)), file["sacrebleu"]![name]!["score"], name)
      #expect(chrf.signature(of: pairs) == file["sacrebleu"]![name]!["signature"]!.string!)
    }
    for (name, set) in [("sentence_chrf", "pairs"), ("edge_sentence_chrf", "edge_pairs")] {
      expectClose(CHRF().sentenceScores(CHRF().statistics(of: pairs(set))).map { $0! }, file["sacrebleu"]![name], name)
    }
    expectClose(CHRF().score(CHRF().statistics(of: twoReferences).compactMap(\.self)), file["sacrebleu"]!["chrf_two_refs"]!["score"], "two references")
    let ter = TER()
    let first = Array(pairs("pairs").prefix(15))  // what the golden number is over
    expectClose(ter.score(ter.statistics(of: first).compactMap(\.self)), file["sacrebleu"]!["ter"]!["score"], "TER")
  }

  @Test(arguments: [false, true])
  func rougeEqualsRougeScore(stemming: Bool) {
    let rouge = ROUGE(stemming: stemming)
    let expected = file["rouge"]![stemming ? "stem_True" : "stem_False"]!
    for (key, set) in [("per_pair", "pairs"), ("edge", "edge_pairs"), ("zh", "zh_pairs")] {
      let rows = rouge.scores(of: pairs(set))
      for (row, values) in zip(rows, expected[key]!.array!) {
        for (kind, score) in zip(rouge.kinds, row!) {
          expectClose([score.precision, score.recall, score.f], values[kind.rawValue], "\(key) \(kind)")
        }
      }
    }
    let means = rouge.means(rouge.scores(of: pairs("pairs")))
    for (kind, mean) in zip(rouge.kinds, means) { expectClose(mean, expected["mean_f"]![kind.rawValue], "mean \(kind)") }
  }
}
