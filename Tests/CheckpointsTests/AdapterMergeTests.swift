import Checkpoints
import Files
import Glibc
import TestSupport
import Testing

/// Merging against `merge_and_unload`, tensor by tensor.
@Suite struct AdapterMergeTests {
  /// Those that PEFT merges into what it computes.
  private static let cases = FileSystem.entries(Fixtures.path("lora")).filter { name in
    guard let expected = try? GoldenTensors(Fixtures.path("lora/\(name)/expected.safetensors")) else { return false }
    return expected.names.contains { $0.hasPrefix("merged/") }
  }

  @Test(arguments: cases, AdapterMerge.Rounding.allCases)
  func mergedWeightsArePEFTs(_ name: String, _ rounding: AdapterMerge.Rounding) throws {
    let folder = Fixtures.path("lora/\(name)")
    let base = try #require(JSON.read(Fixtures.path("lora/cases.json"))[name]?["base"]?.string)
    let expected = try GoldenTensors("\(folder)/expected.safetensors")
    let original = try GoldenTensors(Fixtures.path("lora/\(base)/model.safetensors"))
    try withTemporaryFolder { output in
      let changes = try AdapterMerge(base: Fixtures.path("lora/\(base)"), adapter: AdapterFolder.open(folder), rounding: rounding).writeWeights(into: output)
      let merged = try GoldenTensors("\(output)/model.safetensors")
      // Tied embeddings that the adapter changes at one end are two tensors from then on.
      let isTied = try ModelConfig.read(folder: Fixtures.path("lora/\(base)")).tiesEmbeddings
      #expect(Set(merged.names) == Set(original.names + (isTied ? ["lm_head.weight"] : [])))
      for tensor in merged.names {
        let safe = rounding == .peft && expected.has("safely_merged/\(tensor)") ? "safely_merged/\(tensor)" : "merged/\(tensor)"
        let golden = expected.has(safe) ? expected[safe] : original[original.has(tensor) ? tensor : "model.embed_tokens.weight"]
        #expect(merged[tensor].dtype == golden.dtype && merged[tensor].shape == golden.shape)
        if golden.dtype == "BF16" {
          #expect(merged[tensor].bytes == golden.bytes, "\(tensor), bit for bit")
        } else {
          expectClose(merged[tensor].floats, golden.floats, relative: 1e-6, absolute: 1e-6, tensor)
        }
      }
      let changed = Set(expected.names.filter { $0.hasPrefix("merged/") }.map { String($0.dropFirst("merged/".count)) })
      #expect(Set(changes.filter { $0.changed > 0 }.map(\.name)) == changed)
    }
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: [
    ("lora_qv", "llama_mha"), ("lora_qv_bin", "llama_mha"), ("lora_rank_pattern", "llama_mha"), ("dora", "llama_mha"), ("lora_all_rslora", "llama_gqa"),
    ("lora_all_rslora", "llama_gqa_sharded"), ("bert_seqcls_lora", "bert_seqcls"), ("bert_seqcls_lora", "bert_seqcls_bin_gamma_beta"),
    ("llama_seqcls_lora", "llama_seqcls"),
  ])
  func mergedWeightsAreThoseOfTheWholeSet(_ name: String, _ base: String) throws {
    let golden = name == "lora_qv_bin" ? "lora_qv" : name
    let expected = try GoldenTensors(Fixtures.path("b_lora/\(golden)/expected.safetensors"))
    let norms = try #require(JSON.read(Fixtures.path("b_lora/\(golden)/expected.json"))["merged_norms"]?.object)
    try withTemporaryFolder { output in
      let merge = try AdapterMerge(base: Fixtures.path("a_models/\(base)"), adapter: AdapterFolder.open(Fixtures.path("b_lora/\(name)")), rounding: .peft)
      let changes = try merge.writeWeights(into: output)
      #expect(Set(changes.map(\.name)) == Set(norms.keys))
      let merged = try Checkpoint.open(output)
      let sharded = FileSystem.isFile("\(output)/model.safetensors.index.json")
      #expect(sharded == base.hasSuffix("sharded"))
      for (tensor, norm) in norms {
        let stored = try #require(merged[tensor])
        let values = stored.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        if expected.has("merged/\(tensor)") { expectClose(values, expected["merged/\(tensor)"].floats, relative: 1e-6, absolute: 1e-6, tensor) }
        let found = values.reduce(into: (0.0, 0.0)) { $0 = ($0.0 + Double($1) * Double($1), $0.1 + Double($1)) }
        let length = norm.array![0].double!
        expectClose([found.0.squareRoot()], [length], relative: 1e-6, absolute: 1e-6, "norm of \(tensor)")
        expectClose([found.1], [norm.array![1].double!], relative: 1e-5, absolute: 1e-5 * length, "sum of \(tensor)")
      }
    }
  }

  /// The account names every tensor that does not fit, before anything is written.
  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ManifestCase.all("adapter/"))
  func adaptersThatDoNotFitAreRefused(_ row: ManifestCase) throws {
    let folder = String(row.path[..<row.path.lastIndex(of: "/")!])
    row.check { _ = try AdapterMerge(base: Fixtures.path("a_models/llama_mha"), adapter: AdapterFolder.open(folder), rounding: .peft) }
  }

  @Test func anotherModelsAdapterIsRefusedWithEveryTensor() throws {
    let adapter = try AdapterFolder.open(Fixtures.path("lora/bert_usual"))
    let error = try #require(throws: InputError.self) { try AdapterMerge(base: Fixtures.path("lora/roberta"), adapter: adapter, rounding: .fp32) }
    #expect("\(error)".contains("12 missing, 10 unexpected"), "\(error)")
    #expect("\(error)".contains("base_model.model.bert.encoder.layer.1.attention.self.value.lora_B.weight"))
  }

  @Test func anAdapterWithANameOfItsOwnIsFoundOneFolderDown() throws {
    try withTemporaryFolder { folder in
      func add(_ name: String) throws {
        try AtomicWrite.createFolder("\(folder)/\(name)")
        for file in ["adapter_config.json", "adapter_model.safetensors"] {
          try FileSystem.linkOrCopy(Fixtures.path("lora/usual/\(file)"), to: "\(folder)/\(name)/\(file)")
        }
      }
      try add("second")
      #expect(try AdapterFolder.open(folder).path == "\(folder)/second")
      try add("third")
      let error = try #require(throws: InputError.self) { try AdapterFolder.open(folder) }
      #expect(error.problem.contains("2 named adapters") && error.advice?.contains("\(folder)/second, \(folder)/third") ?? false)
    }
  }
}
