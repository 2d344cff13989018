import Datasets
import Evaluation
import Files
import Metrics
import TestSupport
import Testing

/// Upstream's published examples, scored by sacrebleu 2.6, rouge_score 0.1.2 and `evaluate`'s algorithms.
@Suite(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA"))
struct ExampleScoreTests {
  static let folder = "\(Fixtures.data ?? "")/MentalLLaMA/examples/response_generation_examples"
  static let rougeKinds = ["rouge1", "rouge2", "rougeL", "rougeLsum"]

  private func expectNear(_ found: Double?, _ expected: String?, _ what: String) {
    guard let found, let value = expected.flatMap(Double.init) else {
      Issue.record("\(what): found \(String(describing: found)), expected \(expected ?? "nothing")")
      return
    }
    #expect(abs(found - value) <= 1e-9 * max(1, abs(value)), "\(what): found \(found), expected \(value)")
  }

  @Test func scoresOfTheExamplesAreThePublishedOnes() throws {
    let files = try GenerationRows.readAll(Self.folder)
    let table = try CSVReader.read("\(Fixtures.embedded)/imhi/example_text_metrics.csv")
    #expect(files.count == table.rows.count && files.count == 5)
    for fields in table.rows {
      let expected = Dictionary(uniqueKeysWithValues: zip(table.header, fields))
      let file = try #require(files.first { $0.dataset == expected["dataset"] })
      func scores(_ scorer: TextScorer) throws -> [String: Double] {
        Dictionary(uniqueKeysWithValues: try scorer.score(file).scores.map { ($0.name, $0.value) })
      }
      let bleu = try scores(TextScorer(method: .bleu))
      expectNear(bleu["bleu"], expected["sacrebleu_exp"], "\(file.dataset) BLEU")
      expectNear(bleu["brevity_penalty"], expected["sacrebleu_bp"], "\(file.dataset) penalty")
      expectNear(bleu["hf_bleu"], expected["hf_bleu"], "\(file.dataset) BLEU of evaluate")
      expectNear(try scores(TextScorer(method: .bleu, smoothing: .none))["bleu"], expected["sacrebleu_none"], "\(file.dataset) without smoothing")
      let means = try scores(TextScorer(method: .rouge))
      for kind in Self.rougeKinds { expectNear(means[kind], expected["\(kind)_mean_f"], "\(file.dataset) \(kind)") }
      for seed in [UInt32(0), 42] {
        let middles = try scores(TextScorer(method: .rouge, compatibility: .hfMid, seed: seed))
        for kind in Self.rougeKinds { expectNear(middles[kind], expected["\(kind)_mid_f_seed\(seed)"], "\(file.dataset) \(kind), seed \(seed)") }
      }
      let pairs = file.rows.map { TextPair(references: $0.references, hypothesis: $0.generated) }
      for (bleu, suffix) in [(EvaluateBLEU(), ""), (EvaluateBLEU(smooth: true), "_smooth_true")] {
        let score = try bleu.score(bleu.statistics(of: pairs).compactMap(\.self))
        expectNear(score.score, expected["hf_bleu\(suffix)"], "\(file.dataset) evaluate\(suffix)")
        guard suffix.isEmpty else { continue }
        for order in 1...4 { expectNear(score.precisions[order - 1], expected["hf_bleu_p\(order)"], "\(file.dataset) precision \(order)") }
        expectNear(score.brevityPenalty, expected["hf_bp"], "\(file.dataset) penalty of evaluate")
        #expect(String(score.hypothesisLength) == expected["hf_len"] && String(score.referenceLength) == expected["hf_ref_len"])
      }
    }
  }

  @Test func scoresOfEachRowAreThePublishedOnes() throws {
    let table = try CSVReader.read("\(Fixtures.embedded)/imhi/example_text_metrics_per_row.csv")
    for file in try GenerationRows.readAll(Self.folder) {
      let pairs = file.rows.map { TextPair(references: $0.references, hypothesis: $0.generated) }
      let rouge = ROUGE()
      let rows = rouge.scores(of: pairs)
      let sentences = try TextScorer(method: .bleu).score(file).rows
      for fields in table.rows where fields[0] == file.dataset {
        let expected = Dictionary(uniqueKeysWithValues: zip(table.header, fields))
        let row = try #require(Int(fields[1]))
        for (kind, score) in zip(Self.rougeKinds, try #require(rows[row])) {
          expectNear(score.precision, expected["\(kind)_precision"], "\(file.dataset) \(row) \(kind) precision")
          expectNear(score.recall, expected["\(kind)_recall"], "\(file.dataset) \(row) \(kind) recall")
          expectNear(score.f, expected["\(kind)_fmeasure"], "\(file.dataset) \(row) \(kind) F")
        }
        expectNear(sentences[row].values[0], expected["sacrebleu_sentence"], "\(file.dataset) \(row) sentence BLEU")
      }
    }
  }

  @Test func theHumanAnnotationsAreReadAndCorrelated() throws {
    let annotations = try HumanAnnotations.readFolder("\(Fixtures.data ?? "")/MentalLLaMA/human_evaluation/DR_annotation")
    #expect(annotations.map(\.dataset) == ["chatgpt_data", "chatgpt_false_data", "gpt3_data"] && annotations.map(\.ratings.count) == [121, 43, 121])
    #expect(annotations.allSatisfy { file in file.ratings.allSatisfy { $0.count == 4 && $0.allSatisfy { $0.count == 3 && $0.allSatisfy { (0...3).contains($0) } } } })
    // A score that is the human rating itself, on the files of two systems.
    let rows = annotations.filter { $0.dataset != "chatgpt_false_data" }.flatMap { file in
      file.ratings.indices.map { ScoreTable.Row(dataset: file.dataset, number: $0 + 1, values: [file.score(row: $0, aspect: 3)]) }
    }
    let study = try CorrelationStudy(ScoreTable(metrics: ["rating"], rows: rows), path: "scores.csv", annotations, bootstrap: Bootstrap(resamples: 50, seed: 1))
    #expect(study.groups.map(\.name) == ["all", "chatgpt_data", "gpt3_data"] && study.onlyAnnotated == 43 && study.onlyScored == 0)
    let overall = try #require(study.groups[0].pairs.first { $0.second == "overall" })
    #expect(overall.rows == 242 && overall.results.allSatisfy { abs($0.test.statistic - 1) < 1e-12 })
    #expect(study.aspects.count == 6 && study.agreement.allSatisfy { $0.alpha > 0 && $0.alpha < 1 })
  }
}
