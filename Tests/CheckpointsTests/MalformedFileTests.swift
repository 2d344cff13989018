import Checkpoints
import Files
import Glibc
import TestSupport
import Testing

@Suite(.serialized) struct MalformedFiles {
  @Test(.enabled(if: Fixtures.has("g_malformed/manifest.jsonl"), "set ATTUNE_FIXTURES"), arguments: ManifestCase.all("safetensors/", "bin/", "fuzz/safetensors_", "fuzz/bin_"))
  func areRefusedAndControlsAreReadExactly(_ row: ManifestCase) throws {
    let before = peakMemory()
    row.check {
      let checkpoint = try Checkpoint.open(row.path)
      for tensor in checkpoint.tensors { #expect(tensor.numbers.count == tensor.count) }
      for (name, value) in row.value ?? [:] {
        let tensor = try #require(checkpoint[name])
        #expect(tensor.numbers == numbers(value), "\(name)")
      }
    }
    #expect(peakMemory() - before < 64 << 20, "reading \(row.file) took more memory than a file of its size can need")
    #expect(access("/tmp/pwned", F_OK) != 0, "\(row.file) ran code")
  }

  @Test(.enabled(if: Fixtures.has("g_malformed/manifest.jsonl"), "set ATTUNE_FIXTURES"), arguments: ManifestCase.all("safetensors_index/"))
  func indexesMustAgreeWithTheirShards(_ row: ManifestCase) {
    row.check { _ = try Checkpoint.open(row.path) }
  }

  @Test(.enabled(if: Fixtures.has("g_malformed/manifest.jsonl"), "set ATTUNE_FIXTURES"), arguments: ManifestCase.all("config/"))
  func configurationsAreReadStrictly(_ row: ManifestCase) throws {
    row.check { _ = try ModelConfig(try JSON.read(row.path), path: row.path) }
  }

  /// What the user reads: file, place, found, expected, next step.
  @Test(.enabled(if: Fixtures.has("g_malformed/manifest.jsonl"), "set ATTUNE_FIXTURES"), arguments: [
    ("bin/exec_os_system.bin", "os.system, which is refused"),
    ("bin/exec_stack_global.bin", "system, which is refused"),
    ("bin/exec_inst_opcode.bin", "system, which is refused"),
    ("bin/unknown_global_namespace.bin", "argparse.Namespace, which is refused"),
    ("bin/lfs_pointer.bin", "found a git-lfs pointer"),
    ("bin/bad_crc.bin", "its checksum does not match"),
    ("bin/big_endian.bin", "found byte order \"big\", expected little"),
    ("bin/key_traversal.bin", "it has no entry \"archive/data/"),
    ("bin/legacy_truncated_storage.bin", "it was cut short"),
    ("safetensors/is_html.safetensors", "found an HTML or XML page"),
    ("safetensors/is_lfs_pointer.safetensors", "Run `git lfs pull`"),
    ("safetensors/overlap_full.safetensors", "its data starts at byte 0, expected 24"),
    ("safetensors/unknown_dtype.safetensors", "expected one of BOOL"),
    ("safetensors_index/path_traversal", "expected the name of a file in the same folder"),
    ("safetensors_index/key_not_in_shard", "which does not hold it"),
  ])
  func messagesSayWhatWasFound(_ file: String, _ words: String) throws {
    let error = #expect(throws: InputError.self) { try Checkpoint.open(Fixtures.path("g_malformed/\(file)")) }
    #expect("\(try #require(error))".contains(words), "\(error!)")
  }

  @Test(.enabled(if: Fixtures.has("g_malformed/manifest.jsonl"), "set ATTUNE_FIXTURES"), arguments: [
    ("huge_layers", "num_hidden_layers", "found 1000000000, expected an integer from 1 to 1024"),
    ("huge_vocab", "vocab_size", "found 1152921504606846976, expected an integer from 1"),
    ("float_for_int", "hidden_size", "found 8.5, expected an integer"),
    ("null_for_int", "hidden_size", "found null, expected an integer"),
    ("zero_heads", "num_attention_heads", "found 0, expected an integer from 1"),
    ("heads_not_dividing", "num_attention_heads", "found 3, expected a divisor of hidden_size 8"),
    ("unknown_act", "hidden_act", "expected one of gelu, gelu_new, gelu_pytorch_tanh, relu"),
    ("unknown_arch", "model_type", "expected a supported family: bert, roberta, deberta-v2, llama, mistral, bart, t5"),
    ("id2label_mismatch", "id2label", "class 1 is missing, expected the ids 0 to 1"),
  ])
  func configurationMessagesNameKeyFoundAndExpected(_ folder: String, _ key: String, _ words: String) throws {
    let error = #expect(throws: InputError.self) { try ModelConfig.read(folder: Fixtures.path("g_malformed/config/\(folder)")) }
    let text = "\(try #require(error))"
    #expect(text.contains("\(folder)/config.json: key \"\(key)\": ") && text.contains(words), "\(text)")
  }
}
