import Files
import TestSupport
import Testing

@testable import Tokenizers

/// The golden files of one tokenizer: what the `tokenizers` library gives for the same folder.
struct GoldenTokenizer {
  static let names = [
    "minilm", "bert_base_chinese", "bert_chinese_lower", "gpt2", "roberta", "llama3", "llama2_legacy", "llama2_nonlegacy", "t5",
  ]
  /// The texts, by number. Some are public posts: a failure says the number only.
  static let inputs: [String] = (try? lines("c_tokenizers/inputs.jsonl").map { $0["text"]!.string! }) ?? []

  let folder: String
  let tokenizer: any Tokenizer

  init(_ name: String) throws {
    folder = "c_tokenizers/\(name)"
    tokenizer = try Tokenizers.load(Fixtures.path(folder))
  }

  /// The padding token of the golden files where the tokenizer has none of its own.
  static func padding(_ tokenizer: any Tokenizer) -> Int32 {
    tokenizer.specialTokens.padding ?? tokenizer.id(of: "<|endoftext|>") ?? tokenizer.id(of: "<unk>")!
  }

  func lines(_ file: String) throws -> [JSON] { try Self.lines("\(folder)/\(file)") }

  static func lines(_ relative: String) throws -> [JSON] {
    let path = Fixtures.path(relative)
    let file = try MappedFile(path)
    return try withExtendedLifetime(file) {
      try file.bytes.split(separator: UInt8(ascii: "\n")).enumerated().map { number, line in
        try JSON.parse(UnsafeRawBufferPointer(rebasing: line), source: path, firstLine: number + 1)
      }
    }
  }
}

extension JSON {
  var ids: [Int32] { array!.map { Int32($0.int!) } }
  /// `[start, end, start, end, …]` as ranges.
  var ranges: [Range<Int>] {
    let bounds = array!.map { $0.int! }
    return stride(from: 0, to: bounds.count, by: 2).map { bounds[$0]..<bounds[$0 + 1] }
  }
}

/// The numbers of the rows that differ; a test expects none.
struct Mismatches: CustomStringConvertible {
  var rows: [String] = []
  mutating func note(_ row: @autoclosure () -> String, unless equal: Bool) { if !equal { rows.append(row()) } }
  var description: String { "\(rows.count) rows differ: \(rows.prefix(20).joined(separator: "; "))" }
}
