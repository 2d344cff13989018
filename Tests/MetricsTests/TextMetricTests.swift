import Files
@testable import Metrics
import TestSupport
import Testing

/// sacrebleu, rouge_score and nltk on made-up texts (`scripts/reference/text_metrics.py`).
@Suite struct TextMetricTests {
  static let file = golden("metrics/text.json")
  static let hypotheses = file["hypotheses"]!.strings
  static let references = [file["first"]!.strings, file["second"]!.strings]

  static func pairs(_ item: JSON) -> [TextPair] {
    hypotheses.indices.map { row in
      TextPair(references: (0..<item["references"]!.int!).map { references[$0][row] }, hypothesis: hypotheses[row])
    }
  }

  @Test(arguments: file["bleu"]!.array!.indices)
  func bleuEqualsSacrebleu(_ index: Int) throws {
    let item = Self.file["bleu"]!.array![index]
    let options = item["options"]!
    var bleu = BLEU()
    if let name = options["tokenize"]?.string { bleu.tokenization = try #require(BLEUTokenization(rawValue: name)) }
    bleu.lowercase = options["lowercase"]?.bool ?? false
    bleu.effectiveOrder = options["effective_order"]?.bool ?? false
    bleu.maximumOrder = options["max_ngram_order"]?.int ?? 4
    let value = options["smooth_value"]?.number
    switch options["smooth_method"]?.string {
    case "floor": bleu.smoothing = .floor(value ?? 0.1)
    case "add-k": bleu.smoothing = .add(value ?? 1)
    case "none": bleu.smoothing = .none
    default: break
    }
    let pairs = Self.pairs(item)
    let rows = bleu.statistics(of: pairs)
    let score = bleu.score(rows.compactMap(\.self))
    let name = bleu.signature(of: pairs)
    #expect(name == item["signature"]!.string!)
    expectClose(score.score, item["score"], name)
    expectClose(score.precisions, item["precisions"], "\(name) precisions")
    expectClose(score.brevityPenalty, item["bp"], "\(name) penalty")
    #expect(score.hypothesisLength == item["sys_len"]!.int! && score.referenceLength == item["ref_len"]!.int!)
    expectClose(bleu.sentenceScores(rows).map { $0! }, item["sentences"], "\(name) sentences")
  }

  @Test(arguments: file["chrf"]!.array!.indices)
  func chrFEqualsSacrebleu(_ index: Int) {
    let item = Self.file["chrf"]!.array![index]
    let options = item["options"]!
    let chrf = CHRF(
      characterOrder: options["char_order"]?.int ?? 6, wordOrder: options["word_order"]?.int ?? 0, beta: options["beta"]?.int ?? 2,
      lowercase: options["lowercase"]?.bool ?? false, whiteSpace: options["whitespace"]?.bool ?? false)
    let pairs = Self.pairs(item)
    let rows = chrf.statistics(of: pairs)
    // The signature does not name beta.
    #expect(chrf.signature(of: pairs) == item["signature"]!.string!)
    expectClose(chrf.score(rows.compactMap(\.self)), item["score"], "chrF \(index)")
    expectClose(chrf.sentenceScores(rows).map { $0! }, item["sentences"], "chrF \(index) sentences")
  }

  @Test(arguments: file["ter"]!.array!.indices)
  func terEqualsSacrebleu(_ index: Int) {
    let item = Self.file["ter"]!.array![index]
    let options = item["options"]!
    let ter = TER(
      caseSensitive: options["case_sensitive"]?.bool ?? false, normalized: options["normalized"]?.bool ?? false,
      dropsPunctuation: options["no_punct"]?.bool ?? false)
    let pairs = Self.pairs(item)
    let rows = ter.statistics(of: pairs)
    #expect(ter.signature(of: pairs) == item["signature"]!.string!)
    expectClose(ter.score(rows.compactMap(\.self)), item["score"], "TER \(index)")
    expectClose(ter.sentenceScores(rows).map { $0! }, item["sentences"], "TER \(index) sentences")
  }

  @Test(arguments: [0, 1])
  func rougeEqualsRougeScore(_ index: Int) {
    let item = Self.file["rouge"]!.array![index]
    let rouge = ROUGE(stemming: item["stemming"]!.bool!)
    func check(_ rows: [[ROUGE.Score]?], _ expected: JSON, _ what: String) {
      for (row, pair) in zip(rows, expected.array!).enumerated() {
        for (kind, score) in pair.0!.enumerated() {
          expectClose([score.precision, score.recall, score.f], pair.1.array![kind], "\(what) \(rouge.kinds[kind]) of row \(row)")
        }
      }
    }
    let rows = rouge.scores(of: Self.pairs(["references": 1]))
    check(rows, item["single"]!, "one reference, stemming \(rouge.stemming)")
    check(rouge.scores(of: Self.pairs(["references": 2])), item["multi"]!, "two references, stemming \(rouge.stemming)")
    for (seed, expected) in [(UInt32(0), item["bootstrap"]!["0"]!), (42, item["bootstrap"]!["42"]!)] {
      for (kind, interval) in zip(rouge.kinds, rouge.bootstrap(rows, seed: seed)) {
        expectClose([interval.low, interval.mid, interval.high], expected[kind.rawValue], "bootstrap of \(kind), seed \(seed)")
      }
    }
  }

  @Test func stemsEqualNLTK() {
    for pair in Self.file["stems"]!.array! {
      let (word, stem) = (pair.array![0].string!, pair.array![1].string!)
      #expect(String(decoding: PorterStemmer.stem(Array(word.utf8)), as: UTF8.self) == stem, "\(word)")
    }
  }

  @Test func twisterDrawsWhatNumpyDraws() {
    let item = Self.file["twister"]!
    var bits = MersenneTwister(seed: 5)
    let all = (0..<700).map { _ in Int(bits.next()) }
    #expect(Array(all.suffix(5)) == item["bits"]!.ints)
    var random = MersenneTwister(seed: 5)
    for draw in item["below"]!.array! {
      let bound = draw.array![0].int!
      #expect((0..<8).map { _ in random.next(below: bound) } == draw.array![1].ints, "below \(bound)")
    }
  }

  @Test func missingGenerationsAreCountedApartAndEmptyOnesEarnNothing() throws {
    let full = [TextPair(reference: "a b c d e", hypothesis: "a b c d e"), TextPair(reference: "f g h i", hypothesis: "f g h")]
    let pairs = full + [TextPair(reference: "j", hypothesis: nil), TextPair(reference: "k l", hypothesis: " \n\u{3000}")]
    let counts = GenerationCounts(pairs)
    #expect(counts.rows == 4 && counts.missing == 1 && counts.empty == 1 && counts.scored == 3)
    let rouge = ROUGE([.rouge1])
    #expect(rouge.scores(of: pairs)[2] == nil)
    expectClose(rouge.means(rouge.scores(of: pairs)), .array([.number((1 + 6.0 / 7 + 0) / 3)]), "mean over three rows")
    #expect(BLEU().statistics(of: pairs)[2] == nil && CHRF().statistics(of: pairs)[2] == nil && TER().statistics(of: pairs)[2] == nil)
    #expect(BLEU().sentenceScores(BLEU().statistics(of: pairs))[3] == 0 && TER().sentenceScores(TER().statistics(of: pairs))[3] == 100)
    #expect(ROUGE().means([]).allSatisfy(\.isNaN) && BLEU().score([]).score == 0 && CHRF().score([]) == 0)
  }

  @Test func manyThousandDistinctWordsKeepTheirNumbers() {
    var table = WordTable()
    let words = (0..<20_000).map { "w\($0)" }
    for word in words { Array(word.utf8).withUnsafeBufferPointer { _ = table.id(of: $0) } }
    for (id, word) in words.enumerated() {
      #expect(Array(word.utf8).withUnsafeBufferPointer { table.id(of: $0) } == Int32(id))
      #expect(Array(table.word(Int32(id))) == Array(word.utf8))
    }
  }
}

extension JSON {
  var strings: [String] { array!.map { $0.string! } }
}
