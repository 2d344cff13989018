import Files
import TestSupport
import Testing

@testable import Tokenizers

/// `tokenizer.model` alone: sentencepiece itself is the reference.
@Suite struct SentencePieceTests {
  static let small = Fixtures.path("a_models/llama_seqcls/tokenizer.model")

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"))
  func idsOfEveryText() throws {
    let golden = try GoldenTokenizer("tok512")
    var wrong = Mismatches()
    for line in try golden.lines("encode.jsonl") {
      let number = line["i"]!.int!
      wrong.note("\(number)", unless: try golden.tokenizer.encode(GoldenTokenizer.inputs[number]).ids == line["ids"]!.ids)
    }
    #expect(wrong.rows.isEmpty, "\(wrong)")
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"))
  func everyPiece() throws {
    let model = try model(Fixtures.path("c_tokenizers/tok512/tokenizer.model"))
    let rows = try GoldenTokenizer.lines("c_tokenizers/tok512/pieces.jsonl")
    #expect(rows.count == model.pieces.count)
    for (row, piece) in zip(rows, model.pieces) {
      #expect(row["piece"]!.string == piece.text && Float(row["score"]!.double!) == piece.score)
      #expect(row["byte"]!.bool == (piece.kind == .byte) && row["control"]!.bool == (piece.kind == .control) && row["unk"]!.bool == (piece.kind == .unknown))
    }
  }

  /// The model as it is read here is the model as the library reads it, and both encode alike.
  @Test(arguments: ["a_models/llama_seqcls", "c_tokenizers/tok512", "c_tokenizers/llama2_legacy"])
  func theLibraryAgrees(_ folder: String) throws {
    guard Fixtures.has("\(folder)/tokenizer.model") else { return }
    let path = Fixtures.path("\(folder)/tokenizer.model")
    let model = try model(path)
    let library = try SentencePieceLibrary(model, file: path)
    #expect(library.pieces.elementsEqual(model.pieces) { $0.text == $1.text && $0.score == $1.score })
    let texts = [
      "Hello world", "  two  spaces ", "naïve café — “quoted” 🙂🙃", "1234567 and 3.14", "a▁b ▁ c", "\n\n\ttabs\r\n", "心配しないで、大丈夫です。", "", " ", "ﬁne\u{200d}",
      String(repeating: "ab", count: 300), String(repeating: " ", count: 100),
    ]
    let tokenizer = try BPETokenizer(sentencePiece: model, file: path, settings: try settings("{}"), files: try TokenizerFiles(folder: "/nonexistent"))
    for text in texts {
      var expected: [Int32] = []
      var copy = text
      copy.withUTF8 { bytes in bytes.baseAddress.map { library.forEachToken($0, bytes.count) { id, _ in expected.append(id) } } }
      #expect(tokenizer.ids(of: text) == expected, "\(text.debugDescription)")
    }
  }

  @Test func legacyTokenizersPutASpaceBeforeEveryPart() throws {
    let text = "</s>a</s> b"
    let old = try tokenizer(#"{"legacy": true}"#)
    let new = try tokenizer(#"{"legacy": false}"#)
    let pieces = { (tokenizer: any Tokenizer, text: String) in tokenizer.ids(of: text).map { tokenizer.token(of: $0)! }.joined() }
    #expect(pieces(old, text) == "</s>▁a</s>▁▁b")
    #expect(pieces(new, text) == "</s>a</s>▁b")
    #expect(pieces(old, " a") == "▁▁a")
    #expect(pieces(new, " a") == "▁a")
    #expect(pieces(new, "a") == "▁a")
  }

  @Test func beginAndEndTokensAreAsConfigured() throws {
    func row(_ config: String) throws -> [Int32] { try tokenizer(config).encode("a", pair: nil).ids }
    let text = try tokenizer("{}").ids(of: "a")
    #expect(try row("{}") == [1] + text)
    #expect(try row(#"{"add_bos_token": false}"#) == text)
    #expect(try row(#"{"add_bos_token": true, "add_eos_token": true}"#) == [1] + text + [2])
    let pair = try tokenizer(#"{"add_eos_token": true}"#).encode("a", pair: "a")
    #expect(pair.ids == [1] + text + [2, 1] + text + [2])
  }

  @Test func addedTokensHaveTheirIds() throws {
    let tokenizer = try tokenizer(
      #"{"added_tokens_decoder": {"480": {"content": "<pad>", "special": true}, "481": {"content": "[NOTE]", "special": false}}, "pad_token": "<pad>"}"#)
    #expect(tokenizer.vocabularySize == 482 && tokenizer.specialTokens.padding == 480)
    #expect(tokenizer.ids(of: "a[NOTE]<pad>").filter { $0 >= 480 } == [481, 480])
    #expect(tokenizer.decode(tokenizer.ids(of: "a[NOTE]<pad>b")) == "a[NOTE] b")
  }

  @Test func damagedModelsAreRefused() throws {
    let folder = "g_malformed/sentencepiece"
    for name in ["empty", "endless_varint", "huge_len", "random", "unknown_group", "truncated", "piece_not_utf8"] where Fixtures.has("\(folder)/\(name).model") {
      let path = Fixtures.path("\(folder)/\(name).model")
      let error = #expect(throws: InputError.self, "\(name)") { try model(path) }
      #expect(error?.path == path && error?.description.isEmpty == false)
    }
  }

  /// The mutants of the fixtures, and 2,000 of our own: an error that names the file, or a model that the library reads too.
  @Test func mutantsNeverCrash() throws {
    var refused = 0
    let source = try MappedFile.withBytes(of: Self.small) { Array($0) }
    var mutants = (0..<2_000 as Range<UInt64>).map { Corruption.mutate(source, seed: $0) }
    for number in 0..<30 {
      let path = "g_malformed/fuzz/sentencepiece_0\(number < 10 ? "0" : "")\(number).model"
      if Fixtures.has(path) { mutants.append(try MappedFile.withBytes(of: Fixtures.path(path)) { Array($0) }) }
    }
    for (number, bytes) in mutants.enumerated() {
      do {
        let model = try SentencePieceModel(bytes, file: "tokenizer.model")
        if number % 20 == 0 { _ = try? SentencePieceLibrary(model, file: "tokenizer.model") }
        let tokenizer = try Tokenizers.load(files: [("tokenizer.model", bytes)])
        _ = tokenizer.decode(tokenizer.ids(of: "I'm fine — né? 🙂"))
      } catch {
        refused += 1
        #expect(error.path.hasSuffix("tokenizer.model"))
      }
    }
    #expect(refused > 100, "the mutations hardly damage the model")
  }

  /// A model with a table of replacements goes through the library, offsets included.
  @Test func modelsWithReplacementsAreEncodedByTheLibrary() throws {
    let bytes = try SentencePieceTrainer.train(["the ﬁne café ﬂew Ａｂｃ over the fine cafe abc"], options: "--model_type=bpe --vocab_size=30 --character_coverage=1.0 --minloglevel=2")
    let tokenizer = try BPETokenizer(sentencePiece: SentencePieceModel(bytes, file: "tokenizer.model"), file: "tokenizer.model", settings: settings("{}"), files: TokenizerFiles(folder: "/nonexistent"))
    guard case .library = tokenizer.words else {
      Issue.record("the model was taken for one without replacements")
      return
    }
    #expect(tokenizer.ids(of: "ﬁne Ａbc") == tokenizer.ids(of: "fine Abc"))
    let encoding = try tokenizer.encode("ﬁne", pair: nil, options: EncodingOptions(offsets: true))
    #expect(encoding.offsets.last?.upperBound == 3)
  }

  @Test func theSmallestTrainedModelEncodesItsText() throws {
    let text = "I feel fine today. I felt tired yesterday, and I slept for 10 hours."
    let bytes = try SentencePieceTrainer.trainBPE([text], vocabularySize: 300)
    let tokenizer = try BPETokenizer(sentencePiece: SentencePieceModel(bytes, file: "tokenizer.model"), file: "tokenizer.model", settings: settings("{}"), files: TokenizerFiles(folder: "/nonexistent"))
    #expect(tokenizer.vocabularySize == 300)
    #expect(tokenizer.decode(tokenizer.ids(of: text)) == text)
    #expect(tokenizer.decode(tokenizer.ids(of: "猫 🙂")) == "猫 🙂")
    #expect(try SentencePieceTrainer.trainBPE([text], vocabularySize: 300) == bytes)
    #expect(throws: InputError.self) { try SentencePieceTrainer.trainBPE([text], vocabularySize: 32_000) }
  }

  private func model(_ path: String) throws -> SentencePieceModel {
    try SentencePieceModel(MappedFile.withBytes(of: path) { Array($0) }, file: path)
  }

  private func settings(_ config: String) throws -> TokenizerSettings {
    var files = try TokenizerFiles(folder: "/nonexistent")
    files.add("tokenizer_config.json", Array(config.utf8))
    return try TokenizerSettings(files, folder: "")
  }

  private func tokenizer(_ config: String) throws -> any Tokenizer {
    try BPETokenizer(
      sentencePiece: model(Self.small), file: "tokenizer.model", settings: settings(config),
      files: TokenizerFiles(folder: "/nonexistent"))
  }
}
