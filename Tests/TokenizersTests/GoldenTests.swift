import Files
import TestSupport
import Testing

@testable import Tokenizers

/// Every line of the golden files, made with the `tokenizers` library 0.23.3.
@Suite(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES")) struct GoldenTests {
  @Test(arguments: GoldenTokenizer.names)
  func idsAndOffsetsOfEveryText(_ name: String) throws {
    let golden = try GoldenTokenizer(name)
    var wrong = Mismatches()
    for line in try golden.lines("encode.jsonl") {
      let number = line["i"]!.int!
      let text = GoldenTokenizer.inputs[number]
      let expected = line["ids"]!.ids
      let fast = golden.tokenizer.ids(of: text)
      let encoding = try golden.tokenizer.encode(text, pair: nil, options: EncodingOptions(offsets: true))
      wrong.note("\(number) ids", unless: fast == zip(expected, encoding.specialTokensMask).filter { $0.1 == 0 }.map(\.0))
      wrong.note("\(number) encoded ids", unless: encoding.ids == expected)
      if let offsets = line["off"] { wrong.note("\(number) offsets", unless: encoding.offsets == offsets.ranges) }
    }
    #expect(wrong.rows.isEmpty, "\(wrong)")
  }

  @Test(arguments: GoldenTokenizer.names)
  func everyMode(_ name: String) throws {
    let golden = try GoldenTokenizer(name)
    var wrong = Mismatches()
    for (number, line) in try golden.lines("modes.jsonl").enumerated() {
      let mode = line["mode"]!.string!
      if line["error"] != nil {
        #expect(throws: TokenizationError.self, "line \(number + 1)") { try row(golden.tokenizer, line, mode) }
        continue
      }
      let encoding = try row(golden.tokenizer, line, mode)
      func same(_ key: String, _ found: [Int32]) { wrong.note("\(number + 1) \(mode) \(key)", unless: line[key]!.ids == found) }
      same("ids", encoding.ids)
      same("mask", encoding.attentionMask)
      if line["type_ids"] != nil { same("type_ids", encoding.typeIDs) }
      same("special", encoding.specialTokensMask)
      wrong.note("\(number + 1) \(mode) off", unless: line["off"]!.ranges == encoding.offsets)
    }
    #expect(wrong.rows.isEmpty, "\(wrong)")
  }

  private func row(_ tokenizer: any Tokenizer, _ line: JSON, _ mode: String) throws -> Encoding {
    func text(_ key: String) -> String? { line[key].map { GoldenTokenizer.inputs[$0.int!] } }
    var options = EncodingOptions(offsets: true)
    let length = line["max_length"]?.int
    switch mode {
    case "no_special": options.addSpecialTokens = false
    case "pair": break
    case "trunc": options.truncation = Truncation(maximumLength: length!)
    case "pair_trunc": options.truncation = Truncation(maximumLength: length!, strategy: .init(rawValue: line["strategy"]!.string!)!)
    case "trunc_left": options.truncation = Truncation(maximumLength: length!, side: .left)
    case "overflow":
      options.truncation = Truncation(maximumLength: length!, stride: line["stride"]!.int!)
      let encoding = try tokenizer.encode(text("a")!, pair: nil, options: options)
      let rows = [encoding] + encoding.overflow
      #expect(rows.count == 1 || line["row"] != nil)
      return rows[line["row"]?.int ?? 0]
    case "pad":
      if line["truncation"]?.bool == true { options.truncation = Truncation(maximumLength: length!) }
      let texts = line["batch"]!.array!.map { GoldenTokenizer.inputs[$0.int!] }
      var rows = try texts.map { try tokenizer.encode($0, pair: nil, options: options) }
      let padding = Padding(
        line["padding"]?.string == "max_length" ? .fixed(length!) : .longest, side: TextSide(rawValue: line["padding_side"]!.string!)!,
        multiple: line["pad_to_multiple_of"]?.int)
      padding.apply(to: &rows, id: GoldenTokenizer.padding(tokenizer))
      return rows[line["row"]!.int!]
    default:
      Issue.record("the golden file has the mode \(mode), which this test does not know")
    }
    return try tokenizer.encode(text("a")!, pair: text("b"), options: options)
  }

  @Test(arguments: GoldenTokenizer.names)
  func decodedText(_ name: String) throws {
    let golden = try GoldenTokenizer(name)
    var wrong = Mismatches()
    for (number, line) in try golden.lines("decode.jsonl").enumerated() {
      let ids = try line["ids"]?.ids ?? golden.tokenizer.encode(GoldenTokenizer.inputs[line["i"]!.int!]).ids
      func same(_ key: String, _ found: String) {
        wrong.note("\(number + 1) \(key)", unless: line[key]!.string!.utf8.elementsEqual(found.utf8))
      }
      same("skip", golden.tokenizer.decode(ids, skipSpecialTokens: true))
      same("keep", golden.tokenizer.decode(ids, skipSpecialTokens: false))
    }
    #expect(wrong.rows.isEmpty, "\(wrong)")
  }

  /// Vectors of llama.cpp's own tests (MIT), made without special tokens.
  @Test(arguments: ["minilm", "gpt2", "llama3", "llama2_legacy"])
  func thirdPartyVectors(_ name: String) throws {
    let tokenizer = try GoldenTokenizer(name).tokenizer
    let lines = try GoldenTokenizer.lines("c_tokenizers/llama_cpp_vectors.jsonl").filter { $0["tokenizer"]?.string == name }
    #expect(lines.count > 20)
    for line in lines { #expect(tokenizer.ids(of: line["text"]!.string!) == line["ids_no_special"]!.ids) }
  }

  @Test(arguments: GoldenTokenizer.names)
  func vocabularyIsTheReferences(_ name: String) throws {
    let tokenizer = try GoldenTokenizer(name).tokenizer
    let summary = try JSON.read(Fixtures.path("c_tokenizers/summary.json"))["tokenizers_stats"]![name]!
    #expect(tokenizer.vocabularySize == summary["vocab_size"]!.int!)
    for (id, token) in summary["id_to_token"]?.object ?? [:] {
      #expect(tokenizer.token(of: Int32(id)!) == token.string)
      #expect(tokenizer.id(of: token.string!) == Int32(id))
    }
  }

  /// Ids one by one give the text of all ids, and never half a character.
  @Test(arguments: GoldenTokenizer.names + ["tok512"])
  func streamedText(_ name: String) throws {
    let golden = try GoldenTokenizer(name)
    var wrong = Mismatches()
    for (number, line) in try golden.lines("decode.jsonl").enumerated() {
      let ids = try line["ids"]?.ids ?? golden.tokenizer.encode(GoldenTokenizer.inputs[line["i"]!.int!]).ids
      let expected = (line["skip"] ?? line["text"])!.string!
      var decoder = golden.tokenizer.streamingDecoder(skipSpecialTokens: true)
      var text = ""
      for id in ids { text += decoder.append(id) }
      text += decoder.finish()
      wrong.note("\(number + 1)", unless: text.utf8.elementsEqual(expected.utf8))
    }
    #expect(wrong.rows.isEmpty, "\(wrong)")
  }

  /// The vocabulary files with the configuration files are the same tokenizer as `tokenizer.json`.
  @Test(arguments: [
    ("minilm", ["vocab.txt"]), ("bert_base_chinese", ["vocab.txt"]), ("roberta", ["vocab.json", "merges.txt"]),
    ("llama2_legacy", ["tokenizer.model"]), ("t5", ["spiece.model"]),
  ])
  func vocabularyFileGivesTheSameIds(_ name: String, _ vocabulary: [String]) throws {
    let golden = try GoldenTokenizer(name)
    try withTemporaryFolder { folder in
      for file in vocabulary + ["tokenizer_config.json", "special_tokens_map.json"] {
        let mapped = try MappedFile(Fixtures.path("\(golden.folder)/\(file)"))
        try withExtendedLifetime(mapped) { try AtomicWrite.file("\(folder)/\(file)", mapped.bytes) }
      }
      let tokenizer = try Tokenizers.load(folder)
      var wrong = Mismatches()
      for line in try golden.lines("encode.jsonl") {
        wrong.note("\(line["i"]!.int!)", unless: try tokenizer.encode(GoldenTokenizer.inputs[line["i"]!.int!]).ids == line["ids"]!.ids)
      }
      #expect(wrong.rows.isEmpty, "\(wrong)")
    }
  }
}
