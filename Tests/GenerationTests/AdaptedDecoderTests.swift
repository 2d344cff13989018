import Checkpoints
import Generation
import Models
import NN
import TestSupport
import Testing

@testable import Torch

/// Decoding with adapters that PEFT saved, against the logits that PEFT computed: every decoder, instruction set and number of threads.
@Suite(.serialized, .enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES")) struct AdaptedDecoderTests {
  static let adapters = [("lora_qv", "llama_mha"), ("lora_all_rslora", "llama_gqa"), ("lora_rank_pattern", "llama_mha"), ("dora", "llama_mha")]

  private func backend(_ adapter: String, _ base: String, _ kind: DecoderKind, slots: Int) throws -> any CausalBackend {
    let (config, network, _) = try CausalModel.network(Fixtures.path("a_models/\(base)"), adapter: Fixtures.path("b_lora/\(adapter)"), frozen: true)
    switch kind {
    case .kernels: return network.decoder(config.decoder, slots: slots, capacity: 128)
    case .composed: return network.composedDecoder(config.decoder, slots: slots, capacity: 128)
    }
  }

  /// The rows of a case, without padding, and PEFT's logits of their tokens.
  private func rows(_ adapter: String, _ name: String) throws -> [(ids: [Int32], logits: [Float])] {
    let golden = try GoldenTensors(Fixtures.path("b_lora/\(adapter)/expected.safetensors"))
    let (ids, logits) = (golden["\(name)/input_ids"], golden["\(name)/logits"])
    let (length, width) = (ids.shape[1], logits.shape[2])
    let mask = golden.has("\(name)/attention_mask") ? golden["\(name)/attention_mask"].integers : ids.integers.map { _ in 1 }
    return (0..<ids.shape[0]).map { row in
      let real = (row * length..<(row + 1) * length).filter { mask[$0] == 1 }
      return (real.map { Int32(ids.integers[$0]) }, real.flatMap { logits.floats[$0 * width..<($0 + 1) * width] })
    }
  }

  /// Half of each row as a prompt, the rest token by token.
  private func expectPEFTs(_ backend: any CausalBackend, _ adapter: String, _ what: String) throws {
    let width = backend.vocabularySize
    for name in ["case0", "case1"] {
      for (slot, row) in try rows(adapter, name).enumerated() {
        let half = row.ids.count / 2
        var found = backend.prompt(Array(row.ids[..<half]), slot: slot % backend.slots)
        var logits: [Float] = []
        for position in half..<row.ids.count {
          var tokens = CausalDecoder.Tokens()
          tokens.append(row.ids[position], slot: slot % backend.slots, position: position, isWanted: true)
          _ = backend.run(tokens, isPrompt: false, logits: &logits)
          found += logits.prefix(width)
        }
        let largest = Double(row.logits.reduce(0) { max($0, $1.magnitude) })
        expectClose(found, row.logits, relative: 1e-5, absolute: 1e-5 * largest, "\(adapter) \(name), row \(slot), \(what)")
      }
    }
  }

  @Test(arguments: adapters, DecoderKind.allCases) func adaptedDecodersGivePEFTsLogits(_ row: (String, String), _ kind: DecoderKind) throws {
    try expectPEFTs(backend(row.0, row.1, kind, slots: 2), row.0, "\(kind)")
  }

  @Test(arguments: KernelLevel.allCases, [1, 3]) func everyInstructionSetAndNumberOfThreadsGivesPEFTsLogits(_ level: KernelLevel, _ threads: Int) throws {
    let (best, before) = (KernelLevel.current, Runtime.threads)
    guard KernelLevel.use(level) else { return }  // this processor has no such instructions
    Runtime.threads = threads
    defer {
      _ = KernelLevel.use(best)
      Runtime.threads = before
    }
    for (adapter, base) in Self.adapters { try expectPEFTs(backend(adapter, base, .kernels, slots: 2), adapter, "\(level), \(threads) threads") }
  }
}
