import Configuration
import Datasets
import Files
import TestSupport
import Testing
import Tokenizers

@testable import Recipes

extension RecipesTests {
  /// Rows of dialogue safety as the encoder reads them, and how a cross-validation divides them.
  @Suite struct DialogueDataTests {
    private func example(_ row: Int, _ context: String, _ response: String, _ label: Int = 7) -> Example {
      let id = ExampleID(dataset: "d", split: .test, row: row, digest: contentDigest(context, response))
      return Example(id: id, post: context, question: response, text: response, label: label)
    }

    /// By the rule of transformers' `longest_first`: the longer gives way, then both.
    @Test(arguments: [(12, 4, 4), (4, 12, 4), (3, 9, 3), (10, 2, 6)])
    func theLongerOfContextAndResponseGivesWay(_ context: Int, _ response: Int, _ kept: Int) throws {
      let words = { (count: Int) in Array(repeating: "a", count: count).joined(separator: " ") }
      let tokenizer = try Tokenizers.load(Fixtures.path("a_models/bert_seqcls"))
      let rows = [example(1, words(context), words(response))]
      let data = Dataset(name: "d", labels: DialogueSafety.labels, train: rows, validation: rows, test: rows)
      let encoded = try ClassifierData(data, view: .dialogue, tokenizer: tokenizer, maxLength: 11).train[0]
      #expect(encoded.ids.count == 11)
      // [CLS] context [SEP] response [SEP]: segment 0 has two special tokens, segment 1 one.
      #expect(encoded.typeIDs.count { $0 == 0 } - 2 == kept && encoded.typeIDs.count { $0 == 1 } - 1 == 8 - kept, "\(encoded.typeIDs)")
    }

    @Test func everyRowIsJudgedOnceByATrainingThatHasNotSeenItsContext() throws {
      let rows = try DialogueRows(test: "\(Fixtures.repository)/test_data/samples/sample-dialogue.json", root: Fixtures.repository)
      #expect(rows.isCrossValidated && rows.test.count == 40)
      for seed in [42, 43] as [UInt64] {
        let folds = rows.folds(4, seed: seed)
        #expect(folds.flatMap(\.rows).sorted() == Array(0..<40))
        for fold in folds {
          #expect(fold.dataset.test == fold.rows.map { rows.test[$0] })
          let known = Set((fold.dataset.train + fold.dataset.validation).map(\.post))
          #expect(known.isDisjoint(with: fold.dataset.test.map(\.post)))
          #expect(Set(fold.dataset.train.map(\.id)).isDisjoint(with: fold.dataset.validation.map(\.id)))
          #expect(fold.dataset.train.count + fold.dataset.validation.count + fold.rows.count == 40)
        }
      }
      #expect(rows.folds(4, seed: 42).map(\.rows) != rows.folds(4, seed: 43).map(\.rows))
    }

    @Test func shotsAreOneALabelFromTrainingRowsAndOthersWithEverySeed() throws {
      let rows = try DialogueRows(root: Fixtures.repository)
      #expect(!rows.isCrossValidated && rows.train.count == 108 && rows.validation.count == 28)
      let (first, again, other) = (try rows.shots(seed: 1), try rows.shots(seed: 1), try rows.shots(seed: 2))
      #expect(first.map(\.label) == Array(0..<8) && first == again && first != other)
      #expect(Set(first.map(\.id)).isSubset(of: rows.train.map(\.id)))
    }

    @Test func aTrainingFileAloneLendsATenthToTheChoice() throws {
      let folder = "\(Fixtures.repository)/train_data/samples/sample-dialogue"
      let rows = try DialogueRows(train: "\(folder)/train.json", root: Fixtures.repository)
      #expect(rows.train.count + rows.validation.count == 108 && (8...14).contains(rows.validation.count))
      #expect(rows.notes.first?.contains("held out") == true && rows.test.count == 40)
      #expect(Set(rows.train.map(\.post)).isDisjoint(with: rows.validation.map(\.post)))
      #expect { try DialogueRows(validation: "\(folder)/val.json", root: Fixtures.repository) } throws: { "\($0)".contains("none to train on") }
      let same = try DialogueRows(train: "\(folder)/train.json", test: "\(folder)/train.json", root: Fixtures.repository)
      #expect(same.notes.contains { $0.hasPrefix("108 test rows are among the training rows too") })
    }
  }
}
