import Datasets
import Evaluation
import Files
import Metrics
import TestSupport
import Testing

@Suite struct SafetyScoresTests {
  /// Every cell of the three tables, 8 labels and binary.
  @Test func thePublishedTablesComeOut() throws {
    let systems = try PublishedTables.systems()
    #expect(systems.map(\.name) == ["bert-base-chinese", "gpt-3.5-turbo-0613_zero_shot"])
    #expect(systems[1].runs.map(\.name) == ["one", "two", "three", "four", "five"])
    let summaries = try systems.map { try SafetySummary($0, resamples: 20) }
    try withTemporaryFolder { folder in
      for (name, bytes, keys) in [
        ("per_run", SafetyTables.runs(summaries), ["model", "seed", "task"]), ("summary", SafetyTables.summary(summaries), ["model", "task", "metric"]),
        ("confusion", SafetyTables.confusion(summaries), ["model", "seed", "true", "pred"]),
      ] {
        try AtomicWrite.file("\(folder)/\(name).csv", bytes)
        let wrong = PublishedTables.differences(try PublishedTables.rows(at: "\(folder)/\(name).csv"), try PublishedTables.rows(name), keys: keys)
        #expect(wrong.isEmpty, "\(name): \(wrong.prefix(5))")
      }
    }
  }

  /// By hand: golds 7 7 2 0, answers 7 none 2 2.
  @Test func anAnswerWithoutALabelIsWrongAndNoClassOfItsOwn() throws {
    let run = SafetyRun(name: "1", golds: [7, 7, 2, 0], predicted: [7, nil, 2, 2])
    let fine = try SafetyScores(run, .fine)
    #expect(fine.accuracy == 0.5 && fine.unparsed == 1)
    // Label 7: P 1, R 1/2; label 2: P 1/2, R 1; label 0: 0. Three classes, not four.
    #expect(fine.macro.precision == 0.5 && fine.macro.recall == 0.5)
    #expect(abs(fine.macro.f1 - (2.0 / 3 + 2.0 / 3 + 0) / 3) < 1e-15)
    #expect(fine.weighted.recall == 0.5)
    let binary = try SafetyScores(run, .binary)
    #expect(binary.accuracy == 0.75)
    #expect(binary.sides[0].recall == 1 && binary.sides[0].precision == 1 && binary.sides[1].recall == 0.5)
    let summary = try SafetySummary(SafetySystem(name: "s", runs: [run]), resamples: 50)
    #expect(summary.confusion[7][8] == 1 && summary.confusion[7][7] == 1 && summary.confusion[0][2] == 1 && summary.unparsed == 1)
  }

  @Test func intervalsAreOfRowsAndCoverTheMean() throws {
    let summary = try SafetySummary(PublishedTables.systems()[0], resamples: 200)
    for item in summary.classes {
      #expect(item.interval.lowerBound <= item.f1 && item.f1 <= item.interval.upperBound, "label \(item.label)")
    }
    #expect(summary.classes.map(\.support) == [53, 5, 355, 5, 2, 11, 2, 367])
    // 367 rows say more than 2.
    let width = summary.classes.map { $0.interval.upperBound - $0.interval.lowerBound }
    #expect(width[7] < 0.1 && width[0] > width[7])
  }

  @Test func whatIsWrittenIsReadAgainAsTheSamePredictions() throws {
    let systems = try PublishedTables.systems()
    try withTemporaryFolder { folder in
      let evaluation = try SafetyEvaluation(title: "t", systems: systems, facts: [])
      try evaluation.write(into: folder)
      #expect(try SafetyPredictions.read("\(folder)/predictions", golds: systems[0].runs[0].golds) == systems)
      let json = try JSON.read("\(folder)/results.json")
      #expect(json["systems"]?.array?.first?["scores"]?["fine8"]?["macro_f1"]?["runs"]?.array?.count == 5)
    }
  }

  @Test func theReleasedAnswersAreReadByTheRule() throws {
    for row in try PublishedTables.rows("raw_outputs") {
      let text = try #require(row["raw_output"])
      #expect(SafetyAnswer.label(of: text) == DialogueSafety.labels.names.firstIndex { text.hasPrefix($0) }, "\(text)")
    }
  }

  @Test(arguments: [
    ("Safe Response", 7), ("Nonsense.", 0), ("Toxic Language. Because", 4), (" Nonsense\n", 0), ("safe response", nil), ("Label: Nonsense", nil),
    ("Nonsense!", nil), ("", nil), (".Nonsense", nil), ("Safe Response (fine)", nil),
  ])
  func anAnswerIsOneOfEightNamesUpToTheFirstStop(_ text: String, _ label: Int?) { #expect(SafetyAnswer.label(of: text) == label) }
}

/// The released files, where they are at hand.
@Suite(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA")) struct ReleasedPredictionTests {
  static let root = (Fixtures.data ?? "") + "/DialogueSafety"

  @Test func releasedPredictionsAndAnswersGiveThePublishedTables() throws {
    let golds = try DialogueSafety.read("\(Self.root)/data/test.json", split: .test).examples().examples.map(\.label)
    let systems = try ["finetuned_model_predict.bert-base-chinese.jsonl", "ChatGPT_gen.0613.zero_shot.jsonl"].flatMap {
      try SafetyPredictions.read("\(Self.root)/\($0)", golds: golds)
    }
    #expect(systems.allSatisfy { $0.runs.count == 5 && $0.runs.allSatisfy { $0.unparsed == 0 } })
    try withTemporaryFolder { folder in
      try SafetyEvaluation(title: "t", systems: systems, facts: []).write(into: folder)
      for (name, keys) in [("per_run", ["model", "seed", "task"]), ("summary", ["model", "task", "metric"]), ("confusion", ["model", "seed", "true", "pred"])] {
        let wrong = PublishedTables.differences(try PublishedTables.rows(at: "\(folder)/\(name).csv"), try PublishedTables.rows(name), keys: keys)
        #expect(wrong.isEmpty, "\(name): \(wrong.prefix(5))")
      }
    }
  }

  @Test func apartOfARunIsRefusedByName() throws {
    let golds = [Int](repeating: 0, count: 800)
    let error = #expect(throws: InputError.self) { try SafetyPredictions.read("\(Self.root)/finetuned_model_predict", golds: golds) }
    #expect(error?.description.contains("780 missing: 20.json, 21.json") == true, "\(String(describing: error))")
  }
}
