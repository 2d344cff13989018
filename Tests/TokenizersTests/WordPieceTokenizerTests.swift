import Files
import TestSupport
import Testing

@testable import Tokenizers

@Suite struct WordPieceTokenizerTests {
  /// A tokenizer of a few tokens; expected values are those of `tokenizers` 0.23.3 on the same file.
  static func small(_ addedTokens: String = "", normalizer: String = #"{"type": "BertNormalizer"}"#) throws -> any Tokenizer {
    let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "##b", "c", "<", ">", "x", "##x", "-"]
    let entries = vocabulary.enumerated().map { "\(JSON.string($1).encoded()): \($0)" }.joined(separator: ", ")
    let json = """
      {"added_tokens": [\(addedTokens)], "normalizer": \(normalizer), "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, "decoder": {"type": "WordPiece"},
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {\(entries)}}}
      """
    return try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/tokenizer.json", json)
      return try Tokenizers.load(folder)
    }
  }

  @Test(arguments: [
    // flags, text, ids, offsets
    ("", "a <x> b", [4, 13, 5], [0..<1, 2..<5, 6..<7]),
    (#", "lstrip": true"#, "a  <x> b", [4, 13, 5], [0..<1, 1..<6, 7..<8]),
    (#", "rstrip": true"#, "a <x>  b", [4, 13, 5], [0..<1, 2..<7, 7..<8]),
    (#", "single_word": true"#, "a<x> <x> c", [4, 8, 10, 9, 13, 7], [0..<1, 1..<2, 2..<3, 3..<4, 5..<8, 9..<10]),
    (#", "normalized": false"#, "<X> <x>", [8, 10, 9, 13], [0..<1, 1..<2, 2..<3, 4..<7]),
    (#", "normalized": true"#, "<X> <x>", [13, 13], [0..<3, 4..<7]),
  ])
  func addedTokensAreFoundByTheirRules(_ flags: String, _ text: String, _ ids: [Int32], _ offsets: [Range<Int>]) throws {
    let tokenizer = try Self.small(#"{"id": 13, "content": "<x>""# + flags + (flags.contains("normalized") ? "}" : #", "normalized": false}"#))
    let encoding = try tokenizer.encode(text, pair: nil, options: EncodingOptions(addSpecialTokens: false, offsets: true))
    #expect(encoding.ids == ids)
    #expect(encoding.offsets == offsets)
    #expect(tokenizer.ids(of: text) == ids)
  }

  @Test func theLongestAddedTokenWins() throws {
    let tokenizer = try Self.small(
      #"{"id": 13, "content": "<x", "normalized": false}, {"id": 14, "content": "<x>", "normalized": false}"#)
    #expect(tokenizer.ids(of: "<x><x b") == [14, 13, 5])
    #expect(tokenizer.vocabularySize == 15)
  }

  @Test(arguments: [
    (#"{"id": 4, "content": "[PAD]"}"#, "the token \"[PAD]\" has id 4 here and 0 in the vocabulary"),
    (#"{"id": 4, "content": "new"}"#, "the token \"new\" has id 4, which is that of \"a\""),
    (#"{"id": 13, "content": "n"}, {"id": 13, "content": "m"}"#, "is there twice"),
    (#"{"id": 2000000000, "content": "n"}"#, "far beyond the vocabulary"),
    (#"{"id": 13, "content": ""}"#, "found an empty added token"),
  ])
  func addedTokensThatContradictTheVocabularyAreRefused(_ token: String, _ words: String) {
    let error = #expect(throws: InputError.self) { try Self.small(token) }
    #expect(error?.description.contains(words) == true)
    #expect(error?.location?.hasPrefix("key \"added_tokens[") == true)
  }

  @Test func aWordOfMoreThanAHundredCharactersIsUnknown() throws {
    let tokenizer = try Self.small()
    #expect(tokenizer.ids(of: "a" + String(repeating: "b", count: 99)) == [4] + Array(repeating: 6, count: 99))
    #expect(tokenizer.ids(of: "a" + String(repeating: "b", count: 100)) == [1])
    #expect(tokenizer.ids(of: "abz b") == [1, 5])
  }

  @Test func wordsNeverSplitKeepTheirForm() throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nA-b\na\n-\nb\n")
      try AtomicWrite.file("\(folder)/tokenizer_config.json", #"{"never_split": ["A-b"], "model_max_length": 1000000000000000019884624838656}"#)
      let tokenizer = try Tokenizers.load(folder)
      #expect(tokenizer.ids(of: "A-b a-b A-ba A-b") == [4, 5, 6, 7, 5, 6, 1, 4])
      #expect(tokenizer.maximumLength == nil)
    }
  }

  @Test func truncationThatCannotBeDoneIsAnError() throws {
    let tokenizer = try Self.small()
    func encode(_ truncation: Truncation, pair: String? = nil) throws -> Encoding {
      try tokenizer.encode("a b c a b c", pair: pair, options: EncodingOptions(truncation: truncation))
    }
    #expect(throws: TokenizationError.noSecondText) { try encode(Truncation(maximumLength: 5, strategy: .onlySecond)) }
    #expect(throws: TokenizationError.textTooShortToTruncate(tokens: 1, toRemove: 4)) {
      try encode(Truncation(maximumLength: 6, strategy: .onlySecond), pair: "a")
    }
    #expect(throws: TokenizationError.noRoom(maximumLength: 1, specialTokens: 2, stride: 0)) { try encode(Truncation(maximumLength: 1)) }
    #expect(throws: TokenizationError.noRoom(maximumLength: 4, specialTokens: 2, stride: 2)) { try encode(Truncation(maximumLength: 4, stride: 2)) }
    #expect(try encode(Truncation(maximumLength: 2)).ids == [2, 3])
  }

  /// Windows of both texts, in the order of the library: each further window of the first with all of the second, then the rest.
  @Test func overflowOfAPairCombinesTheWindows() throws {
    let tokenizer = try Self.small()
    let encoding = try tokenizer.encode(
      "a b c", pair: "x - a", options: EncodingOptions(addSpecialTokens: false, truncation: Truncation(maximumLength: 4, stride: 0)))
    #expect(([encoding] + encoding.overflow).map(\.ids) == [[4, 5, 10, 12], [7, 10, 12], [7, 4], [4, 5, 4]])
  }

  @Test func whatIsWrittenReadsBack() throws {
    for files in [["tokenizer.json", "tokenizer_config.json"], ["vocab.txt", "tokenizer_config.json"]] {
      try withTemporaryFolder { folder in
        try AtomicWrite.createFolder("\(folder)/in")
        try AtomicWrite.createFolder("\(folder)/out")
        for name in files {
          let file = try MappedFile(Fixtures.path("a_models/bert_seqcls/\(name)"))
          try withExtendedLifetime(file) { try AtomicWrite.file("\(folder)/in/\(name)", file.bytes) }
        }
        let original = try Tokenizers.load("\(folder)/in")
        try original.writeFiles(to: "\(folder)/out")
        let copy = try Tokenizers.load("\(folder)/out")
        let text = "I can't sleep — né ☺ [MASK] 50%"
        #expect(try copy.encode(text) == original.encode(text))
        #expect(copy.maximumLength == 128)
        for name in files { #expect(try TokenizerFiles(folder: "\(folder)/out")[name] == TokenizerFiles(folder: "\(folder)/in")[name]) }
      }
    }
  }

  @Test func threadsMayShareOneTokenizer() async throws {
    let tokenizer = try Tokenizers.load(Fixtures.path("a_models/bert_seqcls"))
    let texts = (0..<200).map { "the \($0) times I could not sleep, unhappily \($0 * 7)" }
    let expected = texts.map { tokenizer.ids(of: $0) }
    await withTaskGroup(of: [[Int32]].self) { group in
      for _ in 0..<8 { group.addTask { texts.map { tokenizer.ids(of: $0) } } }
      for await ids in group { #expect(ids == expected) }
    }
  }
}
