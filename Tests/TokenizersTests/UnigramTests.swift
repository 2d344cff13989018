import Files
import TestSupport
import Testing

@testable import Tokenizers

/// Unigram models: the search, what happens to text before it, and sentencepiece models without a `tokenizer.json`.
@Suite struct UnigramTests {
  static let replacing = "--model_type=unigram --vocab_size=36 --character_coverage=1.0 --minloglevel=2 --normalization_rule_name=nmt_nfkc"
  static let texts = ["the fine café flew over a fine cafe", "abc the Abc they over them there", "tired of the day, 10 hours of sleep. fine!"]

  /// The best path by trying every one.
  @Test func theBestPathIsFound() {
    let pieces: [(text: String, score: Double)] = [
      ("<unk>", 0), ("a", -1.5), ("b", -2), ("ab", -3.2), ("aba", -4.1), ("▁", -2.5), ("▁a", -2.6), ("ba", -2.9), ("é", -5), ("bé", -9),
    ]
    let table = try! TokenTable(pieces.enumerated().map { ($1.text, $0) }, file: "test")
    let model = UnigramModel(pieces, table: table, unknown: 0, fallsBackToBytes: false)
    func best(_ text: Substring) -> (score: Double, ids: [Int32]) {
      if text.isEmpty { return (0, []) }
      var found: (score: Double, ids: [Int32]) = (-.infinity, [])
      for (id, piece) in pieces.enumerated().dropFirst() where text.hasPrefix(piece.text) {
        let rest = best(text.dropFirst(piece.text.count))
        if piece.score + rest.score > found.score { found = (piece.score + rest.score, [Int32(id)] + rest.ids) }
      }
      return found
    }
    let path = UnigramPath()
    for text in ["▁aba", "abab", "▁a", "bébaé", "aaaabbbb", "▁▁ab", "ba"] {
      let word = Array(text.replacing("▁", with: " ").utf8)
      model.segment(word, word.count, path)
      #expect(path.pieces.map(\.id) == best(text[...]).ids, "\(text)")
    }
    model.segment(Array(" xyéz".utf8), 6, path)
    #expect(path.pieces.map(\.id) == [5, 0, 8, 0] && path.pieces.map(\.length) == [1, 2, 2, 1])
  }

  /// Models that the library trains are read alike by the library and here, replacements included.
  @Test(arguments: ["spm.model", "spiece.model"])
  func theLibraryAgrees(_ name: String) throws {
    let bytes = try SentencePieceTrainer.train(Self.texts, options: Self.replacing + (name == "spm.model" ? Self.debertaRoles : ""))
    let tokenizer = try Tokenizers.load(files: [(name, bytes)])
    #expect(tokenizer is UnigramTokenizer)
    let library = try SentencePieceLibrary(SentencePieceModel(bytes, file: name), file: name)
    for text in Self.texts + ["ﬁne Ａbc", "  they  ｆlew\tover\u{3000}them ", "xyz Zürich 🙂 né", "½ of ①", "", "  "] {
      var expected: [Int32] = []
      var copy = text
      copy.withUTF8 { bytes in bytes.baseAddress.map { library.forEachToken($0, bytes.count) { id, _ in expected.append(id) } } }
      #expect(tokenizer.ids(of: text) == expected, "\(text.debugDescription)")
    }
  }

  private static let debertaRoles = " --pad_id=0 --bos_id=1 --eos_id=2 --unk_id=3 --pad_piece=[PAD] --bos_piece=[CLS] --eos_piece=[SEP] --unk_piece=[UNK]"

  /// `spm.model` alone, against the `tokenizers` library with the stages of transformers 4 (scripts/reference/deberta_tokenizer.py).
  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["plain", "punctuation"])
  func debertaModelFilesAreReadAsTransformersReadsThem(_ kind: String) throws {
    let expected = try #require(JSON.read(Fixtures.path("deberta/tokens.json"))[kind]?.array)
    #expect(expected.count == GoldenTokenizer.inputs.count)
    let bytes = try MappedFile.withBytes(of: Fixtures.path("a_models/deberta_v3/spm.model")) { Array($0) }
    let config = #"{"split_by_punct": \#(kind == "punctuation")}"#
    let tokenizer = try Tokenizers.load(files: [("spm.model", bytes), ("tokenizer_config.json", Array(config.utf8))])
    var wrong = Mismatches()
    for (number, text) in GoldenTokenizer.inputs.enumerated() {
      let hash = try tokenizer.encode(text).ids.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
      wrong.note("\(number)", unless: Int(hash) == expected[number].int)
    }
    #expect(wrong.rows.isEmpty, "\(wrong)")
  }

  @Test func debertaModelFilesHaveTheRolesOfTheModel() throws {
    let bytes = try SentencePieceTrainer.train(Self.texts, options: Self.replacing + Self.debertaRoles)
    let tokenizer = try Tokenizers.load(files: [("spm.model", bytes), ("tokenizer_config.json", Array(#"{"do_lower_case": false, "vocab_type": "spm"}"#.utf8))])
    let special = tokenizer.specialTokens
    #expect((special.padding, special.classifier, special.separator, special.unknown, special.mask) == (0, 1, 2, 3, 36))
    #expect(tokenizer.vocabularySize == 37)
    let (a, b) = (tokenizer.ids(of: "the day"), tokenizer.ids(of: "fine"))
    let pair = try tokenizer.encode("the day", pair: "fine")
    #expect(pair.ids == [1] + a + [2] + b + [2])
    #expect(pair.typeIDs == Array(repeating: 0, count: a.count + 2) + Array(repeating: 1, count: b.count + 1))
    #expect(tokenizer.ids(of: "the [MASK]").last == 36)
    #expect(tokenizer.decode(a) == "the day")
  }

  @Test func debertaSplitsPunctuationWhereItsConfigurationSays() throws {
    let bytes = try SentencePieceTrainer.train(Self.texts, options: Self.replacing + Self.debertaRoles)
    func pieces(_ config: String) throws -> [String] {
      let tokenizer = try Tokenizers.load(files: [("spm.model", bytes), ("tokenizer_config.json", Array(config.utf8))])
      return tokenizer.ids(of: "day, T!").map { tokenizer.token(of: $0)! }
    }
    let whole = try pieces("{}").joined()
    #expect(whole == "▁day,▁[UNK]!")
    #expect(try pieces(#"{"split_by_punct": true}"#).joined() == "▁day▁,▁[UNK]▁!")
    #expect(try pieces(#"{"do_lower_case": true}"#).joined() == "▁day,▁t!")
  }

  @Test func extraTokensOfT5FollowThePiecesBackwards() throws {
    let bytes = try SentencePieceTrainer.train(Self.texts, options: Self.replacing + " --pad_id=0 --eos_id=1 --unk_id=2 --bos_id=-1")
    let tokenizer = try Tokenizers.load(files: [("spiece.model", bytes), ("tokenizer_config.json", Array(#"{"extra_ids": 20}"#.utf8))])
    #expect(tokenizer.vocabularySize == 56)
    #expect(tokenizer.id(of: "<extra_id_0>") == 55 && tokenizer.id(of: "<extra_id_19>") == 36)
    let row = try tokenizer.encode("the <extra_id_3>", pair: "day")
    #expect(row.ids == tokenizer.ids(of: "the ") + [52, 1] + tokenizer.ids(of: "day") + [1])
    #expect(row.typeIDs.allSatisfy { $0 == 0 })
    #expect(tokenizer.decode(row.ids) == "the day")
    #expect(throws: InputError.self) { try Tokenizers.load(files: [("spiece.model", bytes), ("tokenizer_config.json", Array(#"{"extra_ids": -1}"#.utf8))]) }
  }

  @Test(arguments: [
    (#"{"type": "NFKC"}"#, "key \"normalizer\": found the normalizer \"NFKC\" for Unigram"),
    (#"{"type": "Precompiled", "precompiled_charsmap": "!"}"#, "key \"normalizer.precompiled_charsmap\": found text that is not base64"),
    (#"{"type": "Precompiled", "precompiled_charsmap": "/////w=="}"#, "precompiled_charsmap: found a trie that does not fit its 4 bytes"),
    (#"{"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": " "}"#, "key \"normalizer\": found the pattern"),
  ])
  func unknownNormalizersAreRefused(_ normalizer: String, _ words: String) {
    let json = #"{"normalizer": \#(normalizer), "pre_tokenizer": {"type": "Metaspace"}, "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0]]}}"#
    let error = #expect(throws: InputError.self) { try Tokenizers.load(files: [("tokenizer.json", Array(json.utf8))]) }
    #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
  }

  /// Damaged copies of a small tokenizer with every part: an error that names the file, or a tokenizer that works.
  @Test func damagedFilesNeverCrash() throws {
    let bytes = try SentencePieceTrainer.train(Self.texts, options: Self.replacing)
    var refused = 0
    for seed in 0..<1_000 as Range<UInt64> {
      do {
        let tokenizer = try Tokenizers.load(files: [("spiece.model", Corruption.mutate(bytes, seed: seed))])
        _ = try tokenizer.encode("ﬁne — né? 🙂 ▁a", pair: "<extra_id_1> b", options: EncodingOptions(offsets: true))
      } catch let error as InputError {
        refused += 1
        #expect(error.path.hasSuffix("spiece.model"))
      }
    }
    #expect(refused > 50)
  }
}
