import Checkpoints
import Files
import Generation
import Glibc
import Models
import Torch

/// Times generation for `scripts/bench/generate.py` and `gpu.py`, which run other programs beside it.
///
/// `generation FILE`, with FILE = `{"model": DIR, "prompts": [[ids…]…], "new": tokens, "repeats": n}` and optionally `device`, `precision`
/// (`fp32` or `bf16`, else as stored) and `logits`: all prompts together, greedily, without an end, after four tokens to warm up as
/// transformers' script has them. Prints one JSON line: for each repeat the seconds until every first token, and until every last; the
/// ids; the logits after each prompt where asked for.
struct GenerationBenchmark {
  static func run(_ arguments: [String]) throws {
    guard let path = arguments.first, let file = Optional(try JSON.read(path)), let folder = file["model"]?.string,
      let prompts = file["prompts"]?.array?.map({ $0.array?.compactMap(\.int).map(Int32.init) ?? [] }), let new = file["new"]?.int,
      let repeats = file["repeats"]?.int
    else { throw InputError("generation", "expected FILE with model, prompts, new and repeats", advice: "scripts/bench/generate.py prepares it") }
    Runtime.keepFreedMemory()
    let start = now()
    let device = try Device(named: file["device"]?.string ?? "cpu")
    let type: DType? = file["precision"]?.string.map { $0 == "bf16" ? .bfloat16 : .float32 }
    let (config, network, _) = try CausalModel.network(folder, frozen: true, frozenType: type, device: device)
    let (slots, capacity) = (prompts.count, (prompts.map(\.count).max() ?? 0) + new)
    let decoder: any CausalBackend = device.hasKernels
      ? network.decoder(config.decoder, slots: slots, capacity: capacity) : network.composedDecoder(config.decoder, slots: slots, capacity: capacity)
    let loaded = now() - start
    var (first, all): ([JSON], [JSON]) = ([], [])
    var ids: [[Int32]] = []
    // A new engine knows nothing of what the cache holds.
    func generate(_ length: Int) throws -> (seconds: Double, ids: [[Int32]]) {
      let engine = GenerationEngine(decoder)
      let start = now()
      let results = try engine.generate(prompts.map { GenerationRequest(prompt: $0, maximumNewTokens: length) })
      return (now() - start, results.map(\.ids))
    }
    let warm = try generate(4).seconds
    for _ in 0..<repeats {
      first.append(.number(try generate(1).seconds))
      let whole = try generate(new)
      all.append(.number(whole.seconds))
      ids = whole.ids
    }
    let peak = device.isCPU ? Runtime.peakResidentMemory : try Runtime.memory(of: device).peak
    var result: JSONObject = [
      "load_s": .number(loaded), "warm_s": .number(warm), "first_s": .array(first), "all_s": .array(all), "peak_mb": .integer(peak >> 20),
      "kernels": .string("\(KernelLevel.current)"), "threads": .integer(Runtime.threads),
      "ids": .array(ids.map { .array($0.map { .integer(Int($0)) }) }),
    ]
    if file["logits"]?.bool == true { result["logits"] = .array(prompts.flatMap { logits(decoder, $0) }.map { .number(Double($0)) }) }
    print(JSON.object(result).encoded())
  }

  /// What follows a prompt.
  private static func logits(_ decoder: any CausalBackend, _ prompt: [Int32]) -> ArraySlice<Float> {
    var tokens = CausalDecoder.Tokens()
    for (position, id) in prompt.enumerated() { tokens.append(id, slot: 0, position: position, isWanted: position == prompt.count - 1) }
    var logits: [Float] = []
    _ = decoder.run(tokens, isPrompt: true, logits: &logits)
    return logits.prefix(decoder.vocabularySize)
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
