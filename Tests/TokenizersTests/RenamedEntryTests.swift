import Files
import TestSupport
import Testing

@testable import Tokenizers

/// Vocabulary entries under other names: the speakers of dialogue safety.
@Suite struct RenamedEntryTests {
  static let entries = [RenamedEntry("[unused1]", as: "[seeker]"), RenamedEntry("[unused2]", as: "[supporter]")]
  static let vocabulary = ["[PAD]", "[unused1]", "[unused2]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[", "]", "see", "##ker", "support", "##er", "你", "好", "。", "a", ","]

  private func folder(_ name: String, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      if name == "vocab.txt" {
        try AtomicWrite.file("\(folder)/vocab.txt", Self.vocabulary.joined(separator: "\n") + "\n")
      } else {
        let words = JSON.object(JSONObject(Self.vocabulary.enumerated().map { ($1, JSON.integer($0)) }))
        let special = JSON.array([0, 3, 4, 5, 6].map { ["id": .integer($0), "content": .string(Self.vocabulary[$0]), "special": true, "normalized": false] })
        try AtomicWrite.file(
          "\(folder)/tokenizer.json",
          """
          {"added_tokens": \(special.encoded()), "normalizer": {"type": "BertNormalizer", "lowercase": true, "handle_chinese_chars": true, "strip_accents": null, "clean_text": true},
           "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 5], "cls": ["[CLS]", 4]},
           "decoder": {"type": "WordPiece"}, "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": \(words.encoded())}}
          """)
      }
      try body(folder)
    }
  }

  // The right column is what transformers 4's Python tokenizer gives with never_split: spaces go around Chinese characters first, and what
  // then stands alone is kept; worked out with its published rules.
  @Test(arguments: ["vocab.txt", "tokenizer.json"], [
    ("[seeker]你好", [1, 13, 14], [1, 13, 14]), ("你好[supporter]你", [13, 14, 2, 13], [13, 14, 2, 13]),
    ("你好。[supporter]你", [13, 14, 15, 2, 13], [13, 14, 15, 7, 11, 12, 8, 13]), ("[seeker]a", [1, 16], [7, 9, 10, 8, 16]),
    ("[seeker] a", [1, 16], [1, 16]), ("[seeker]", [1], [1]), ("[seeker],", [1, 17], [7, 9, 10, 8, 17]), ("[SEEKER]你", [7, 9, 10, 8, 13], [7, 9, 10, 8, 13]),
    ("[seeker][supporter]", [1, 2], [7, 9, 10, 8, 7, 11, 12, 8]), ("你[seeker]\u{200B}你", [13, 1, 13], [13, 1, 13]),
  ])
  func tagsAreWholeOrAsUpstreamSplitsThem(_ file: String, _ test: (text: String, whole: [Int32], pieces: [Int32])) throws {
    try folder(file) { folder in
      for (isDelimited, ids) in [(false, test.whole), (true, test.pieces)] {
        let tokenizer = try Tokenizers.load(folder, renaming: Self.entries, isDelimited: isDelimited)
        #expect(tokenizer.ids(of: test.text) == ids, "delimited: \(isDelimited)")
        #expect(tokenizer.vocabularySize == Self.vocabulary.count && tokenizer.token(of: 1) == "[seeker]")
      }
    }
  }

  @Test(arguments: ["vocab.txt", "tokenizer.json"], [false, true])
  func whatIsWrittenKeepsTheNames(_ file: String, _ isDelimited: Bool) throws {
    try folder(file) { folder in
      let tokenizer = try Tokenizers.load(folder, renaming: Self.entries, isDelimited: isDelimited)
      try AtomicWrite.createFolder("\(folder)/out")
      try tokenizer.writeFiles(to: "\(folder)/out")
      #expect(FileSystem.isFile("\(folder)/out/tokenizer.json") == (file == "tokenizer.json" && !isDelimited))
      // Read as it is, and read with the names again, which it has already.
      for again in [try Tokenizers.load("\(folder)/out"), try Tokenizers.load("\(folder)/out", renaming: Self.entries, isDelimited: isDelimited)] {
        for text in ["[seeker]你好。[supporter]a", "A, [supporter] 你"] { #expect(again.ids(of: text) == tokenizer.ids(of: text)) }
        #expect(again.id(of: "[seeker]") == 1 && again.id(of: "[unused1]") == nil)
      }
    }
  }

  @Test func aVocabularyWithoutTheEntriesIsRefused() throws {
    #expect { try Tokenizers.load(Fixtures.path("a_models/bert_seqcls"), renaming: Self.entries, isDelimited: false) } throws: {
      "\($0)".contains("has no entry [unused1] that [seeker] could take")
    }
    #expect { try Tokenizers.load(Fixtures.path("a_models/roberta_seqcls"), renaming: Self.entries, isDelimited: false) } throws: { "\($0)".contains("found no WordPiece vocabulary") }
  }

  /// Of 5,147 tags in the public rows upstream splits 3,591; its ids, all of them, are those of `scripts/reference/dialogue_tokens.py`.
  @Test(.enabled(if: Fixtures.hasAll && Fixtures.hasData, "set ATTUNE_FIXTURES and ATTUNE_DATA"))
  func thePublicRowsHaveTheKnownNumberOfPieces() throws {
    let folder = Fixtures.path("c_tokenizers/bert_base_chinese")
    let rows = try #require(try JSON.read("\(Fixtures.data ?? "")/DialogueSafety/data/test.json").array)
    let texts = rows.flatMap { [$0["context"]?.string ?? "", $0["response"]?.string ?? ""] }
    for (isDelimited, expected) in [(false, 5_147), (true, 5_147 - 3_591)] {
      let tokenizer = try Tokenizers.load(folder, renaming: Self.entries, isDelimited: isDelimited)
      let ids = texts.map(tokenizer.ids)
      #expect(ids.reduce(0) { $0 + $1.count { $0 == 1 || $0 == 2 } } == expected)
      guard isDelimited else { continue }
      let lines = Array(ids.map { $0.map(String.init).joined(separator: " ") + "\n" }.joined().utf8)
      #expect(lines.withUnsafeBytes(SHA256.digest) == "cc8ecc0c1a427c1c0e9f19eaced3ffdfd464d492387dfa6bb0d10de72180d1c1")
    }
  }
}
