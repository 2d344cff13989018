import Files
import TestSupport
import Testing

@testable import Tokenizers

/// The tokenizers of whole model folders, as transformers writes them.
@Suite struct ModelFolderTests {
  /// Texts and ids of the model fixtures, made with transformers 5.23.
  @Test(
    .enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"),
    arguments: ["bert_seqcls", "bert_pooler", "roberta_seqcls", "llama_mha", "llama_gqa", "llama_seqcls", "mistral_swa", "deberta_v3", "bart", "t5_v10"])
  func textsOfTheModelFixtures(_ name: String) throws {
    let folder = "\(Fixtures.all!)/a_models/\(name)"  // the embedded copies have no texts
    let tokenizer = try Tokenizers.load(folder)
    let arrays = try GoldenTensors("\(folder)/expected.safetensors")
    var compared = 0
    for (name, test) in try JSON.read("\(folder)/expected.json")["cases"]!.object! {
      guard let texts = test["texts"]?.array else { continue }
      let pairs = test["pairs"]?.array
      let truncation = Truncation(maximumLength: test["max_length"]!.int!)
      let rows = try texts.enumerated().map { index, text in
        try tokenizer.encode(text.string!, pair: pairs?[index].string, options: EncodingOptions(truncation: truncation))
      }
      let mask = arrays.names.contains("\(name)/attention_mask") ? arrays["\(name)/attention_mask"].integers : nil
      for (key, found) in [("input_ids", \Encoding.ids), ("token_type_ids", \.typeIDs)] where arrays.names.contains("\(name)/\(key)") {
        let all = arrays["\(name)/\(key)"].integers
        let expected = mask.map { zip(all, $0).filter { $0.1 == 1 }.map(\.0) } ?? all
        #expect(rows.flatMap { $0[keyPath: found].map(Int.init) } == expected, "\(name)/\(key)")
        compared += 1
      }
    }
    #expect(compared > 0)
  }

  @Test func robertaPutsItsTokensAroundTexts() throws {
    let tokenizer = try Tokenizers.load(Fixtures.path("a_models/roberta_seqcls"))
    let special = tokenizer.specialTokens
    #expect((special.classifier, special.separator, special.padding, special.unknown, special.mask) == (0, 2, 1, 3, 4))
    let (a, b) = (tokenizer.ids(of: "I am"), tokenizer.ids(of: "tired"))
    let pair = try tokenizer.encode("I am", pair: "tired")
    #expect(pair.ids == [0] + a + [2, 2] + b + [2])
    #expect(pair.typeIDs.allSatisfy { $0 == 0 })
    #expect(tokenizer.ids(of: "a <mask>").last == 4)
  }
}
