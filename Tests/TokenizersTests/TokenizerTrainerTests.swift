import Files
import TestSupport
import Testing

@testable import Tokenizers

/// Tokenizers trained here: their files are complete and mean what the trainer meant.
@Suite struct TokenizerTrainerTests {
  static let texts = [
    "low lower lowest, newer newest wider widest", "the lower the newer, the wider the lowest", "I don't know how the low tide widened in 2024.",
    "She slowly showed the newest show; how low?", "Wide and wider, new and newer, low and lower.",
  ]
  static let kinds: [TokenizerTrainer.Kind] = [.wordPiece, .byteLevel, .sentencePiece]

  @Test(arguments: kinds)
  func trainedTokenizersEncodeTheirText(_ kind: TokenizerTrainer.Kind) throws {
    let files = try TokenizerTrainer.train(kind, on: Self.texts, vocabularySize: 360, maximumLength: 64)
    let tokenizer = try Tokenizers.load(files: files)
    #expect(tokenizer.maximumLength == 64)
    for text in Self.texts + ["Unseen words: zebra, café, 猫 🙂"] {
      let ids = tokenizer.ids(of: text)
      if kind == .wordPiece { continue }
      #expect(tokenizer.decode(ids) == text)
    }
    if kind == .wordPiece {
      #expect(tokenizer.ids(of: "lower").count == 1 && tokenizer.decode(tokenizer.ids(of: "Lower newest")) == "lower newest")
      #expect(tokenizer.ids(of: "猫") == [1])
    }
    // Frequent words are single tokens.
    #expect(tokenizer.ids(of: " the").count == 1)
    #expect(tokenizer.vocabularySize <= 360)
    let again = try TokenizerTrainer.train(kind, on: Self.texts, vocabularySize: 360, maximumLength: 64)
    #expect(files.elementsEqual(again) { $0.name == $1.name && $0.bytes == $1.bytes })
  }

  /// Each way of spelling the same tokenizer gives the same ids.
  @Test(arguments: [(TokenizerTrainer.Kind.wordPiece, ["vocab.txt"]), (.byteLevel, ["vocab.json", "merges.txt"]), (.sentencePiece, ["tokenizer.model"])])
  func theOlderFilesAreTheSameTokenizer(_ kind: TokenizerTrainer.Kind, _ older: [String]) throws {
    let files = try TokenizerTrainer.train(kind, on: Self.texts, vocabularySize: 360, maximumLength: 64)
    let new = try Tokenizers.load(files: files)
    let old = try Tokenizers.load(files: files.filter { older.contains($0.name) || $0.name == "tokenizer_config.json" })
    for text in Self.texts + ["Unseen words: zebra, café, 猫 🙂", "  two  spaces  ", "a<mask> b</s>"] {
      #expect(try new.encode(text).ids == old.encode(text).ids, "\(text)")
    }
  }

  @Test func mergesAreTheMostFrequentPairs() throws {
    // Counts of pairs by hand: "a b" 5, then "ab c" 3.
    var trainer = PairTrainer([["a", "b", "c"]: 3, ["a", "b"]: 2, ["b", "c", "d"]: 1], join: +)
    #expect(trainer.step() == "ab")
    #expect(trainer.step() == "abc")
    #expect(trainer.step() == nil)  // nothing else occurs twice
    #expect(trainer.merges.map { "\($0.left) \($0.right)" } == ["a b", "ab c"])
  }

  @Test func repeatedSymbolsAreMergedFromTheLeft() throws {
    var trainer = PairTrainer([["x", "x", "x"]: 4], join: +)
    #expect(trainer.step() == "xx")
    #expect(trainer.step() == "xxx")
  }

  @Test func aVocabularyWithoutRoomIsRefused() {
    #expect(throws: InputError.self) { try TokenizerTrainer.train(.byteLevel, on: Self.texts, vocabularySize: 200, maximumLength: 64) }
    #expect(throws: InputError.self) { try TokenizerTrainer.train(.sentencePiece, on: ["a b"], vocabularySize: 5000, maximumLength: 64) }
  }
}
