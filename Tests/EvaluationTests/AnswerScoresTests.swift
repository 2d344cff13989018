import Datasets
@testable import Evaluation
import Files
import TestSupport
import Testing

@Suite struct AnswerScoresTests {
  @Test func anAnswerWithoutALabelIsWrongAndNoClass() throws {
    let scores = try AnswerScores(golds: [0, 0, 1, 1], answers: [0, nil, 1, 0], classes: 3, resamples: 20)
    #expect(scores.rows == 4 && scores.covered == 3 && scores.accuracy == 0.5)
    // Label 0: one hit, two answers, two golds; label 1: one hit, one answer, two golds. Label 2 does not occur.
    #expect(scores.classes.map(\.f1) == [0.5, 2.0 / 3, 0])
    #expect(abs(scores.weightedF1 - (0.5 + 2.0 / 3) / 2) < 1e-15 && abs(scores.macroF1 - (0.5 + 2.0 / 3) / 2) < 1e-15)
    #expect(scores.confusion == [[1, 0, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0]])
    #expect(scores.interval.contains(scores.weightedF1) && scores.classes[2].interval == 0...0)
  }

  @Test func aLabelThatIsOnlyAnsweredLowersTheMacroMean() throws {
    // scikit-learn: f1_score([0, 0, 1, 2], [0, 1, 1, 3], average="macro") is 0.3333.
    let scores = try AnswerScores(golds: [0, 0, 1, 2], answers: [0, 1, 1, 3], classes: 4, resamples: 5)
    #expect(abs(scores.macroF1 - 1.0 / 3) < 1e-12)
  }

  @Test func exchangedRowsAreCountedFromTheOtherSystem() {
    let golds = [0, 1, 1]
    var one = LabelTally(golds: golds, answers: [0, 1, 1], classes: 2)
    let two = LabelTally(golds: golds, answers: [1, nil, 0], classes: 2)
    one.count(against: two, [false, false, false])
    #expect(one.weightedF1 == 1)
    one.count(against: two, [true, true, true])
    #expect(one.weightedF1 == 0)
  }

  /// What a model that always answers the most frequent label gets on every published test set: scikit-learn's numbers.
  @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA"))
  func theMajorityClassGetsThePublishedScores() throws {
    let table = try CSVReader.read("\(Fixtures.embedded)/imhi/imhi_rule_ceiling_and_majority.csv")
    let forms = ["test_instruction": IMHIForm.instruction, "test_complete": .completion, "test_instruction_expert": .expert]
    let catalog = try Catalog(root: "\(Fixtures.data ?? "")/MentalLLaMA")
    var seen = 0
    for fields in table.rows {
      let row = Dictionary(uniqueKeysWithValues: zip(table.header, fields))
      let (split, name) = (try #require(row["split"]), try #require(row["dataset"]))
      guard let form = forms[split], let entry = catalog.entries().first(where: { $0.name == name && $0.form == form }) else { continue }
      let labels = try catalog.labels(of: entry)
      let prompts = try PromptFile.read(try #require(entry.files[.test]))
      let golds = prompts.rows.map(\.gold)
      let file = GenerationRows(dataset: name, path: name, rows: golds.enumerated().map { .init(number: $0 + 1, references: [$1], generated: $1) })
      let set = try IMHISet(
        IMHIScoring.samples(file, labels, nil, [:]), name: name, labels: labels.names, isLabelled: false, texts: .init(values: [], signatures: [:]), notes: [])
      let majority = try #require(set.majority)
      for (value, column) in [(majority.accuracy, "majority_acc"), (majority.weightedF1, "majority_weighted_f1"), (majority.macroF1, "majority_macro_f1")] {
        let expected = try #require(row[column].flatMap(Double.init))
        #expect(abs(value - expected) < 1e-12, "\(split) \(name) \(column): found \(value), expected \(expected)")
      }
      // The corrected rules read a perfect answer perfectly.
      #expect(String(set.rows) == row["n"] && set.rules?.accuracy == 1 && set.rules?.covered == set.rows)
      seen += 1
    }
    #expect(seen >= 21)
  }
}
