import Files
import Glibc
import Models
import Torch

/// Times scoring with an encoder-decoder for `scripts/bench/bartscore.py`, which runs transformers beside it.
///
/// `score FILE`, with FILE = `{"model": DIR, "sources": [[ids…]…], "targets": [[ids…]…], "bf16": bool, "repeats": n}`. Prints one JSON
/// line: seconds of each repeat, and the mean log-probability of each target's tokens.
struct ScoreBenchmark {
  static func run(_ arguments: [String]) throws {
    func rows(_ value: JSON?) -> [[Int32]]? { value?.array?.map { $0.array?.compactMap(\.int).map(Int32.init) ?? [] } }
    guard let path = arguments.first, let file = Optional(try JSON.read(path)), let folder = file["model"]?.string, let sources = rows(file["sources"]),
      let targets = rows(file["targets"]), let repeats = file["repeats"]?.int
    else { throw InputError("score", "expected FILE with model, sources, targets and repeats", advice: "scripts/bench/bartscore.py prepares it") }
    Runtime.keepFreedMemory()
    let model = try EncoderDecoderModel.load(folder, frozen: true, frozenType: file["bf16"]?.bool == true ? .bfloat16 : nil)
    var (seconds, scores): ([JSON], [Double]) = ([], [])
    for _ in 0..<repeats {
      let start = now()
      scores = model.score(sources, targets).map { $0.reduce(0) { $0 + Double($1) } / Double($0.count) }
      seconds.append(.number(now() - start))
    }
    let result: JSON = [
      "seconds": .array(seconds), "scores": .array(scores.map { .number($0) }), "peak_mb": .integer(Runtime.peakResidentMemory >> 20),
      "kernels": .string("\(KernelLevel.current)"), "threads": .integer(Runtime.threads),
    ]
    print(result.encoded())
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
