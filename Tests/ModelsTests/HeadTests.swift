import Checkpoints
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

/// The three heads of a BERT classifier.
@Suite struct HeadTests {
  static let folder = Fixtures.path("a_models/bert_seqcls")

  private func load(_ head: ModelConfig.Head, from folder: String = folder, labels: [String]? = ["a", "b", "c"]) throws -> ClassifierModel {
    try ClassifierModel.load(folder, labels: labels, head: head, seed: 5)
  }

  @Test func eachIsItsFormulaOverTheFirstTokens() throws {
    let golden = try GoldenCase("bert_seqcls", "pair_padded")
    for head in ModelConfig.Head.allCases {
      let model = try load(head)
      let (found, expected) = withoutGradients {
        let hidden = model.network.hiddenStates(golden.packed).last!.indexSelect(0, golden.packed.firsts)
        func linear(_ x: Tensor, _ name: String) -> Tensor { x.matmul(model.parameters["\(name).weight"]!.transposed(0, 1)) + model.parameters["\(name).bias"]! }
        let read = head == .firstToken ? hidden : linear(hidden, "bert.pooler.dense").tanh()
        return (model.network.logits(golden.packed, .evaluation), linear(read, "classifier"))
      }
      expectClose(found.array(Float.self), expected.array(Float.self), "\(head)")
    }
  }

  @Test func whatIsNewReplacedOrUnusedIsSaid() throws {
    let plain = try load(.firstToken)
    #expect(plain.newParameters == ["classifier.weight", "classifier.bias"] && plain.parameters["bert.pooler.dense.weight"] == nil)
    #expect(plain.announcements.contains { $0.contains("not needed by a classifier") && $0.contains("bert.pooler.dense.weight") })
    let dense = try load(.dense)
    #expect(dense.newParameters.sorted() == ["bert.pooler.dense.bias", "bert.pooler.dense.weight", "classifier.bias", "classifier.weight"])
    #expect(try !#require(dense.parameters["bert.pooler.dense.weight"]).isEqual(to: #require(load(.pooler).parameters["bert.pooler.dense.weight"])))
  }

  /// transformers reads the plain head as a token classifier's and the dense one as a pooler's, with the same numbers.
  @Test func aSavedHeadIsReadAgainAndNamedForTransformers() throws {
    let golden = try GoldenCase("bert_seqcls", "pair_padded")
    for (head, architecture) in [(ModelConfig.Head.firstToken, "BertForTokenClassification"), (.dense, "BertForSequenceClassification")] {
      try withTemporaryFolder { folder in
        let model = try load(head)
        try model.save(into: folder)
        let config = try ModelConfig.read(folder: folder)
        #expect(config.head == head && config.architectures == [architecture])
        let again = try ClassifierModel.load(folder)
        #expect(again.announcements.isEmpty)
        let (kept, read) = withoutGradients { (model.network.logits(golden.packed, .evaluation), again.network.logits(golden.packed, .evaluation)) }
        #expect(kept.isEqual(to: read))
      }
    }
  }

  /// In training the dense head drops before its dense layer too, where BERT's own drops nothing. Both have the same weights here.
  @Test func theDenseHeadDropsTwice() throws {
    let golden = try GoldenCase("bert_seqcls", "pair_padded")
    try withTemporaryFolder { folder in
      let dense = try load(.dense)
      try dense.save(into: folder)
      func logits(_ model: ClassifierModel, _ mode: Mode) -> Tensor { withoutGradients { model.network.logits(golden.packed, mode) } }
      var config = try #require(try JSON.read("\(folder)/config.json").object)
      config["classifier_head"] = nil
      try AtomicWrite.file("\(folder)/config.json", JSON.object(config).encoded())
      let pooler = try ClassifierModel.load(folder)
      #expect(pooler.config.head == .pooler && logits(pooler, .evaluation).isEqual(to: logits(dense, .evaluation)))
      #expect(!logits(pooler, .training(Generator(seed: 3))).isEqual(to: logits(dense, .training(Generator(seed: 3)))))
    }
  }

  @Test func aFamilyWithAHeadOfItsOwnRefusesThePlainOne() throws {
    let roberta = Fixtures.path("a_models/roberta_seqcls")
    #expect { try load(.firstToken, from: roberta) } throws: { "\($0)".contains("found roberta, whose head is its own") }
    #expect(try load(.dense, from: roberta).config.head == .pooler)
    try withTemporaryFolder { folder in
      for (family, head, words) in [("bert", "second_token", "one of pooler, first_token, dense"), ("roberta", "dense", "has a head of its own")] {
        var config = try #require(try JSON.read("\(Fixtures.path("a_models/\(family)_seqcls"))/config.json").object)
        config["classifier_head"] = .string(head)
        try AtomicWrite.file("\(folder)/config.json", JSON.object(config).encoded())
        #expect { try ModelConfig.read(folder: folder) } throws: { "\($0)".contains("classifier_head") && "\($0)".contains(words) }
      }
    }
  }
}
