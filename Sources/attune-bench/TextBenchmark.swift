import Files
import Glibc
import Metrics

/// Text metrics on one thread: `attune-bench text TEXTS`, where `TEXTS` holds reference, generation, reference, … separated by NUL bytes.
///
/// Prints one JSON line: for each metric its score and the CPU seconds from strings to score.
struct TextBenchmark {
  static func run(_ arguments: [String]) throws {
    guard arguments.count == 1 else {
      throw InputError("attune-bench text", "found \(arguments.count) arguments, expected TEXTS")
    }
    let texts = try MappedFile.withBytes(of: arguments[0]) { bytes in
      bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }
    let pairs = stride(from: 0, to: texts.count - 1, by: 2).map { TextPair(reference: texts[$0], hypothesis: texts[$0 + 1]) }
    var result: JSONObject = ["pairs": .integer(pairs.count)]
    func time(_ name: String, _ body: () -> [Double]) {
      let start = seconds()
      let scores = body()
      result[name] = ["seconds": .number(seconds() - start), "scores": .array(scores.map(JSON.number))]
    }
    time("bleu") { [BLEU().score(BLEU().statistics(of: pairs).compactMap(\.self)).score] }
    time("chrf") { [CHRF().score(CHRF().statistics(of: pairs).compactMap(\.self))] }
    time("chrf++") { [CHRF.plusPlus.score(CHRF.plusPlus.statistics(of: pairs).compactMap(\.self))] }
    time("rouge") { ROUGE().means(ROUGE().scores(of: pairs)) }
    time("rouge_stemmed") { ROUGE(stemming: true).means(ROUGE(stemming: true).scores(of: pairs)) }
    time("ter_500") {
      let first = Array(pairs.prefix(500))
      return [TER().score(TER().statistics(of: first).compactMap(\.self))]
    }
    print(JSON.object(result).encoded())
  }

  private static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
