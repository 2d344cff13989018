import Checkpoints
import Files
import Glibc
import Models
import NN
import TestSupport
import Testing
import Tokenizers
import Torch

/// What transformers read and answered alike (`scripts/reference/classifier_roundtrip.py`) is still what Attune writes, file by file.
///
/// To make the golden files again: `ATTUNE_ROUNDTRIP=DIR swift test --filter RoundTripTests` writes `DIR/NAME` and `DIR/NAME.json`; then
/// run the script on each pair.
@Suite struct RoundTripTests {
  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["bert_seqcls", "roberta_seqcls"])
  func savedFoldersAreThoseThatTransformersReads(_ name: String) throws {
    try withTemporaryFolder { folder in
      let model = try load(name, by: "\(folder)/source")
      try AtomicWrite.createFolder("\(folder)/saved")
      try model.save(into: "\(folder)/saved")
      let found = try Answers(of: model, withTexts: name == "bert_seqcls")
      if let target = getenv("ATTUNE_ROUNDTRIP").map({ String(cString: $0) }) {
        try AtomicWrite.createFolder("\(target)/\(name)")
        try model.save(into: "\(target)/\(name)")
        try AtomicWrite.file("\(target)/\(name).json", found.json.encoded() + "\n")
        return
      }

      let golden = try JSON.read(Fixtures.path("roundtrip/\(name).json"))
      let digests = try #require(golden["sha256"]?.object)
      #expect(FileSystem.entries("\(folder)/saved") == digests.keys.sorted())
      for (file, digest) in digests {
        #expect(try SHA256.digest(ofFile: "\(folder)/saved/\(file)") == digest.string, "\(name)/\(file) is not the file that transformers read")
      }
      #expect(golden["labels"] == found.json["labels"])
      #expect(golden["input_ids"] == found.json["input_ids"])
      #expect(golden["texts"] == found.json["texts"])
      let logits = try #require(golden["logits"]?.array).flatMap { try #require($0.array).map { Float(try #require($0.double)) } }
      expectClose(found.logits.flatMap { $0 }, logits, relative: 0, absolute: 1e-5, "\(name): logits against transformers'")
    }
  }

  /// The classifier with labels that a careless writer of JSON would spoil. RoBERTa's own tokenizer is not read yet: a
  /// WordPiece vocabulary takes its place, which changes no logit.
  private func load(_ name: String, by folder: String) throws -> ClassifierModel {
    try AtomicWrite.createFolder(folder)
    func take(_ files: [String], from checkpoint: String) throws {
      for file in files { try FileSystem.linkOrCopy(Fixtures.path("a_models/\(checkpoint)/\(file)"), to: "\(folder)/\(file)") }
    }
    try take(["config.json", "model.safetensors"], from: name)
    try take(name == "bert_seqcls" ? ["tokenizer.json", "tokenizer_config.json", "vocab.txt"] : ["vocab.txt"], from: "bert_seqcls")
    let labels = ["no", "suicide or self-harm", "压力 \"stress\"", "a/b\\c"]
    let classes = try ModelConfig.read(folder: folder).labels.count
    return try ClassifierModel.load(folder, labels: Array(labels.prefix(classes)))
  }
}

/// What Attune computes with a model, in the form that the script reads.
private struct Answers {
  let json: JSON
  let logits: [[Float]]

  init(of model: ClassifierModel, withTexts: Bool) throws {
    // Rows of three lengths. Ids from 5 on are words in both vocabularies.
    let lengths = [12, 7, 1]
    let rows = lengths.enumerated().map { row, length in (0..<length).map { Int32(5 + (37 * $0 + 101 * row) % 590) } }
    let output = withoutGradients {
      model.network.logits(PackedTokens(ids: rows.flatMap { $0 }, lengths: lengths), .evaluation)
    }
    let classes = model.labels.count
    let flat = output.array(Float.self)
    let logits = rows.indices.map { Array(flat[$0 * classes..<($0 + 1) * classes]) }
    self.logits = logits

    let padding = model.config.encoder.padTokenID
    func padded(_ make: (Int, Int) -> Int) -> JSON {
      .array(lengths.indices.map { row in .array((0..<lengths[0]).map { .integer(make(row, $0)) }) })
    }
    var object: JSONObject = [
      "labels": .array(model.labels.map { .string($0) }),
      "input_ids": padded { $1 < lengths[$0] ? Int(rows[$0][$1]) : padding },
      "attention_mask": padded { $1 < lengths[$0] ? 1 : 0 },
      "logits": .array(logits.map { .array($0.map { .number(Double($0)) }) }),
    ]
    if withTexts {
      object["texts"] = .array(
        try ["Hello, world!", "naïve café  123", "压力 stress\u{0301} 😀"].map { text in
          ["text": .string(text), "ids": .array(try model.tokenizer.encode(text, pair: nil, options: EncodingOptions()).ids.map { .integer(Int($0)) })]
        })
    }
    json = .object(object)
  }
}
