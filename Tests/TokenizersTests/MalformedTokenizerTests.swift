import Files
import Glibc
import TestSupport
import Testing

@testable import Tokenizers

/// Damaged tokenizer files: an error that names the file, or a tokenizer that works; never a crash or a hang.
@Suite struct MalformedTokenizerTests {
  static let rows: [JSON] =
    (try? GoldenTokenizer.lines("g_malformed/tokenizers.jsonl")) ?? []

  @Test func everyMalformedFileIsRefusedByName() throws {
    #expect(Self.rows.count == 36)
    for row in Self.rows {
      let file = row["file"]!.string!
      let folder = String(Fixtures.path("g_malformed/\(file)").split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))
      do {
        let tokenizer = try Tokenizers.load(folder)
        #expect(row["expect"] != "error", "\(file) was accepted")
        _ = try tokenizer.encode(String(repeating: "a", count: 40) + "! ab hello", pair: "b", options: EncodingOptions(offsets: true))
      } catch let error as InputError {
        #expect(row["expect"] != "ok", "\(file) was refused: \(error)")
        #expect(error.path.hasSuffix(file), "\(error)")
      }
    }
  }

  @Test(arguments: [
    ("tokenizer/truncated", "line 1, column 412: the file ends inside a string"),
    ("tokenizer/unknown_model", "key \"model\": found a tokenizer of type \"Quantum\"; supported: WordPiece, BPE, Unigram"),
    ("tokenizer/bpe_merge_three", "key \"model.merges[0]\": found 3 parts, expected a merge of two tokens"),
    ("tokenizer/bpe_merge_missing_piece", "the token \"c\" of this merge is not in the vocabulary"),
    ("tokenizer/bpe_merge_missing_result", "the token \"ba\" of this merge is not in the vocabulary"),
    ("tokenizer/bpe_merge_number", "key \"model.merges[0]\": found an array, expected a merge"),
    ("tokenizer/unigram_bad_unk", "key \"model.unk_id\": found 99, expected the id of one of the 2 pieces"),
    ("tokenizer/no_model", "the key \"model\" is missing"),
    ("tokenizer/vocab_negative_id", "key \"model.vocab.a\": found -1, expected an id from 0 to 2147483647"),
    ("tokenizer/vocab_duplicate_ids", "token \"b\": found id 1, which another token has"),
    ("tokenizer/vocab_string_id", "expected an integer"),
    ("tokenizer/unk_missing", "the unknown token \"[NOPE]\" is not in the vocabulary"),
    ("tokenizer/template_missing_special", "key \"post_processor.single[0].SpecialToken\": the template names \"[CLS]\""),
    ("tokenizer/bad_regex", "found the pre-tokenizer \"Split\"; supported: BertPreTokenizer, Whitespace, WhitespaceSplit, null"),
    ("tokenizer/deep", "found nesting deeper than 256"),
    ("vocab_txt/missing_unk", "the unknown token \"[UNK]\" is not in the vocabulary"),
    ("vocab_txt/empty", "the file is empty, expected one token a line"),
    ("vocab_txt/not_utf8", "line 9: found bytes that are not UTF-8"),
    ("vocab_txt/bom", "line 1: found a byte-order mark before the first token"),
    ("vocab_txt/duplicate", "token \"hello\": found twice, with ids 5 and 8"),
  ])
  func messageSaysWhatAndWhere(_ folder: String, _ words: String) throws {
    let error = #expect(throws: InputError.self) { try Tokenizers.load(Fixtures.path("g_malformed/\(folder)")) }
    #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
  }

  @Test(arguments: [
    ("valid_control", 8, "hello", 5), ("no_final_newline", 8, "wor", 7), ("crlf", 8, "[PAD]", 0), ("line_separator_token", 11, "\u{85}", 9),
    ("line_separator_token", 11, "end", 10), ("blank_line", 10, "end", 9),
  ])
  func vocabularyFilesNumberTheirLines(_ name: String, _ size: Int, _ token: String, _ id: Int32) throws {
    let tokenizer = try Tokenizers.load(Fixtures.path("g_malformed/vocab_txt/\(name)"))
    #expect(tokenizer.vocabularySize == size)
    #expect(tokenizer.id(of: token) == id)
    #expect(tokenizer.token(of: id) == token)
  }

  @Test func anEmptyFolderSaysWhatIsMissing() throws {
    try withTemporaryFolder { folder in
      let error = #expect(throws: InputError.self) { try Tokenizers.load(folder) }
      #expect(error?.description.hasPrefix("\(folder): found no tokenizer: neither tokenizer.json nor vocab.txt") == true)
    }
  }

  /// 2,000 damaged copies of each kind: loading and using one never crashes, and every error names its file.
  @Test(arguments: ["tokenizer.json", "vocab.txt", "tokenizer_config.json"])
  func randomCorruptionIsAnErrorOrATokenizer(_ name: String) throws {
    let source = Fixtures.path("a_models/bert_seqcls")
    let files = try TokenizerFiles(folder: source)
    try withTemporaryFolder { folder in
      var refused = 0
      for seed in 0..<2_000 as Range<UInt64> {
        // vocab.txt is read when there is no tokenizer.json.
        for other in ["tokenizer.json", "vocab.txt", "tokenizer_config.json"] where other != name && !(name == "vocab.txt" && other == "tokenizer.json") {
          if seed == 0 { try write(files[other]!, "\(folder)/\(other)") }
        }
        try write(Corruption.mutate(files[name]!, seed: seed), "\(folder)/\(name)")
        do {
          let tokenizer = try Tokenizers.load(folder)
          _ = try tokenizer.encode("I'm fine — né?", pair: "[SEP] ok", options: EncodingOptions(offsets: true))
        } catch let error as InputError {
          refused += 1
          #expect(error.path.hasPrefix("\(folder)/") && error.path.hasSuffix(name), "seed \(seed): \(error.path)")
        }
      }
      #expect(refused > 100, "the corruptions of \(name) hardly damage it")
    }
  }

  /// Without the fsync of `AtomicWrite`, which would be most of the time.
  private func write(_ bytes: [UInt8], _ path: String) throws {
    let file = try #require(fopen(path, "w"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
}
