import Checkpoints
import Files
import Glibc
import TestSupport
import Testing

/// 2,000 seeded corruptions of each kind of file: every one is read in full or refused by an `InputError` that names it.
@Suite(.serialized) struct Fuzzing {
  enum Kind: String, CaseIterable {
    case safetensors = "valid_dtypes.safetensors"
    case zip = "valid_shared_storage_strided.bin"
    case legacy = "legacy_valid.bin"
    case index = "model.safetensors.index.json"
    case config = "config.json"

    /// The valid file that is damaged.
    func original() throws -> [UInt8] {
      switch self {
      case .safetensors: try bytes(of: Fixtures.path("g_malformed/safetensors/\(rawValue)"))
      case .zip, .legacy: try bytes(of: Fixtures.path("g_malformed/bin/\(rawValue)"))
      case .index: try bytes(of: Fixtures.path("g_malformed/safetensors_index/valid_control/\(rawValue)"))
      case .config: Array(try ModelConfig(tinyConfig, path: "c").encoded().utf8)
      }
    }
  }

  @Test(.enabled(if: Fixtures.has("g_malformed/manifest.jsonl"), "set ATTUNE_FIXTURES"), arguments: Kind.allCases)
  func corruptedFilesAreReadOrRefused(_ kind: Kind) throws {
    try withTemporaryFolder { folder in
      if kind == .index {
        for shard in ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] {
          try AtomicWrite.file("\(folder)/\(shard)", try bytes(of: Fixtures.path("g_malformed/safetensors_index/valid_control/\(shard)")))
        }
      }
      let original = try kind.original()
      let path = "\(folder)/\(kind.rawValue)"
      #expect(throws: Never.self) { try write(original, path); try load(kind, path) }
      let before = peakMemory()
      let clock = ContinuousClock()
      var (read, refused) = (0, 0)
      for seed in 0..<2000 {
        let damaged = Corruption.mutate(original, seed: UInt64(seed))
        try write(damaged, path)
        let elapsed = clock.measure {
          do {
            try load(kind, path)
            read += 1
          } catch let error as InputError {
            refused += 1
            if !"\(error)".contains(folder) || "\(error)".utf8.count > 2000 { Issue.record("seed \(seed): \(error)") }
          } catch {
            Issue.record("seed \(seed): \(error), expected an InputError")
          }
        }
        if elapsed > .seconds(1) { Issue.record("seed \(seed) took \(elapsed)") }
      }
      #expect(read + refused == 2000 && refused > 500, "\(read) read, \(refused) refused")
      #expect(peakMemory() - before < 64 << 20)
      #expect(access("/tmp/pwned", F_OK) != 0)
    }
  }

  /// Opens `path` and touches every byte of every tensor.
  private func load(_ kind: Kind, _ path: String) throws {
    if kind == .config {
      _ = try ModelConfig(try JSON.read(path), path: path).encoded()
      return
    }
    for tensor in try Checkpoint.open(path).tensors {
      tensor.withUnsafeBytes { bytes in
        if bytes.count != tensor.byteCount { Issue.record("\(bytes.count) bytes, expected \(tensor.byteCount)") }
        blackHole(bytes.reduce(0, ^))
      }
    }
  }

  /// Not atomic on purpose: 10,000 fsyncs take minutes.
  private func write(_ bytes: [UInt8], _ path: String) throws {
    let file = try #require(fopen(path, "w"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
}

/// Keeps the reads above from being optimised away.
@inline(never) private func blackHole(_ byte: UInt8) {}
