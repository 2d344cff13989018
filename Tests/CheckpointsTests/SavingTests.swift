import Checkpoints
import Files
import TestSupport
import Testing
import Torch

@Suite struct Saving {
  /// The reference implementation wrote these files; the same tensors must give the same bytes.
  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: [
    "a_models/bert_seqcls/model.safetensors", "a_models/roberta_seqcls/model.safetensors", "a_models/llama_gqa_bf16/model.safetensors",
    "a_models/bert_seqcls/expected.safetensors",
  ])
  func safetensorsAreByteEqualToTheReference(_ file: String) throws {
    try withTemporaryFolder { folder in
      let original = try SafetensorsFile(Fixtures.path(file))
      let metadata = Dictionary(uniqueKeysWithValues: original.metadata.map { ($0.key, $0.value) })
      try Safetensors.write(Array(original.tensors.reversed()), metadata: metadata, to: "\(folder)/copy.safetensors")
      #expect(try bytes(of: "\(folder)/copy.safetensors") == (try bytes(of: Fixtures.path(file))))
    }
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["bert_seqcls", "roberta_seqcls", "bert_pooler"])
  func aSavedFolderReadsBackBitEqualInShardsToo(_ name: String) throws {
    try withTemporaryFolder { folder in
      let source = Fixtures.path("a_models/\(name)")
      let config = try ModelConfig.read(folder: source)
      let original = try Checkpoint.open(source)
      let parameters = original.tensors.map { (name: $0.name, tensor: $0.tensor()) }
      for limit in [1 << 30, 100_000] {
        let target = "\(folder)/model-\(limit)"
        var verified = 0
        try ModelFolder.save(
          target, config: config, parameters: parameters, otherFiles: [("vocab.txt", Array("a\n".utf8))], maximumShardBytes: limit
        ) { temporary in
          let copy = try Checkpoint.open(temporary)
          #expect(copy.tensors.count == original.tensors.count)
          for (name, tensor) in parameters { #expect(copy[name]?.tensor().isEqual(to: tensor) == true, "\(name)") }
          verified += 1
        }
        #expect(verified == 1)
        #expect(try ModelConfig.read(folder: target).encoder == config.encoder)
        #expect(try contents("\(target)/vocab.txt") == "a\n")
      }
      let index = try JSON.read("\(folder)/model-100000/model.safetensors.index.json")
      #expect(index["metadata"]?["total_size"]?.int == original.byteCount)
      #expect(index["metadata"]?["total_parameters"]?.int == original.byteCount / 4)
    }
  }

  @Test func aFailedVerificationLeavesWhatWasThere() throws {
    struct Differs: Error {}
    try withTemporaryFolder { folder in
      let config = try ModelConfig(tinyConfig, path: "config.json")
      let parameters: [(name: String, tensor: Tensor)] = [("classifier.bias", .ones([2]))]
      try ModelFolder.save("\(folder)/m", config: config, parameters: parameters) { _ in }
      let before = try bytes(of: "\(folder)/m/model.safetensors")
      #expect(throws: Differs.self) {
        try ModelFolder.save("\(folder)/m", config: config, parameters: [("classifier.bias", .zeros([2]))]) { _ in throw Differs() }
      }
      #expect(try bytes(of: "\(folder)/m/model.safetensors") == before)
    }
  }

  @Test func tooLittleRoomIsSaidBeforeWriting() throws {
    let error = #expect(throws: InputError.self) { try FreeSpace.require(1 << 60, for: "/tmp/not/yet/there") }
    #expect("\(error!)".contains("needs 1152921504607 MB, found "))
    try FreeSpace.require(1, for: "not/yet/there")
    try FreeSpace.require(1, for: "/not/yet/there")
  }
}
