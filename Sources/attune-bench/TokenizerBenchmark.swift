import Files
import Glibc
import Tokenizers

/// Tokenizer throughput on one thread: `attune-bench tokenizer MODEL_FOLDER TEXTS REPETITIONS`.
///
/// `TEXTS` is a file of UTF-8 texts separated by NUL bytes. Prints one JSON line; `ids_hash` is the polynomial hash
/// (factor 31, modulo 2^64) of every id of every text with its special tokens, for comparison with another tokenizer.
struct TokenizerBenchmark {
  static func run(_ arguments: [String]) throws {
    guard arguments.count == 3, let repetitions = Int(arguments[2]), repetitions > 0 else {
      throw InputError("attune-bench tokenizer", "found \(arguments.count) arguments, expected MODEL_FOLDER TEXTS REPETITIONS")
    }
    let texts = try MappedFile.withBytes(of: arguments[1]) { bytes in
      bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }
    let loadStart = seconds()
    let tokenizer = try Tokenizers.load(arguments[0])
    let load = seconds() - loadStart

    var hash: UInt64 = 0
    var tokens = 0
    for text in texts {
      for id in try tokenizer.encode(text).ids {
        hash = hash &* 31 &+ UInt64(id)
        tokens += 1
      }
    }
    let megabytes = Double(texts.reduce(0) { $0 + $1.utf8.count }) / 1e6
    let ids = best(repetitions) { for text in texts { blackHole(tokenizer.ids(of: text).count) } }
    let rows = best(repetitions) { for text in texts { blackHole((try? tokenizer.encode(text).count) ?? 0) } }
    let options = EncodingOptions(offsets: true)
    let offsets = best(1) { for text in texts { blackHole((try? tokenizer.encode(text, pair: nil, options: options).count) ?? 0) } }
    let result: JSON = [
      "texts": .integer(texts.count), "mb": .number(megabytes), "tokens": .integer(tokens), "ids_hash": .string(String(hash)),
      "load_s": .number(load), "ids_mb_s": .number(megabytes / ids), "encode_mb_s": .number(megabytes / rows),
      "offsets_mb_s": .number(megabytes / offsets), "peak_rss_mb": .number(peakMegabytes()),
    ]
    print(result.encoded())
  }

  private static func best(_ repetitions: Int, _ body: () -> Void) -> Double {
    (0..<repetitions).map { _ in
      let start = seconds()
      body()
      return seconds() - start
    }.min()!
  }

  private static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static func peakMegabytes() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1000  // kilobytes on Linux
  }

  /// Keeps the optimiser from removing work whose result nobody reads.
  @inline(never) private static func blackHole(_ value: Int) {}
}
