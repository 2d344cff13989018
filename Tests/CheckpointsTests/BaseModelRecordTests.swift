import Checkpoints
import Files
import Glibc
import TestSupport
import Testing
import Torch

/// What an adapter's folder says of the weights that it was trained on, and finding them again.
@Suite(.serialized) struct BaseModelRecordTests {
  private let base = Fixtures.path("lora/llama")

  @Test func theRecordIsReadAsItWasWrittenAndNamesTheWeights() throws {
    let record = try BaseModelRecord(of: base)
    #expect(record.weights.map(\.file) == ["model.safetensors"] && record.hubID == nil)
    #expect(record.weights[0].sha256 == (try SHA256.digest(ofFile: "\(base)/model.safetensors")))
    try withTemporaryFolder { folder in
      #expect(try BaseModelRecord.read(folder) == nil)
      let description = AdapterDescription(config: AdapterConfig(), layers: ["a"], base: base)
      try AdapterFolder.write(description, tensors: [("base_model.model.a.lora_A.weight", .zeros([1]))], into: folder)
      #expect(try BaseModelRecord.read(folder) == record)
      try AtomicWrite.file("\(folder)/base_model.json", "{}")
      #expect(throws: InputError.self) { try BaseModelRecord.read(folder) }
    }
  }

  @Test func otherWeightsAreToldFromTheSame() throws {
    let record = try BaseModelRecord(of: base)
    try withTemporaryFolder { folder in
      func put(_ bytes: [UInt8]) throws { try AtomicWrite.file("\(folder)/model.safetensors", bytes) }
      let same = try MappedFile.withBytes(of: "\(base)/model.safetensors") { Array($0) }
      try put(same)
      #expect(try record.difference(from: folder, readsAll: true) == nil)
      var changed = same
      changed[changed.count - 1] ^= 1
      try put(changed)
      #expect(try record.difference(from: folder, readsAll: false) == nil)
      #expect(try record.difference(from: folder, readsAll: true)?.contains("another SHA-256") == true)
      let other = try record.difference(from: Fixtures.path("lora/bert"), readsAll: false)
      #expect(other?.contains("other weight files") == true && other?.contains("bytes") == true, "\(other ?? "")")
    }
  }

  @Test func repositoriesOfTheHubAreFoundInItsCache() throws {
    try withTemporaryFolder { folder in
      let before = getenv("HF_HUB_CACHE").map { String(cString: $0) }
      setenv("HF_HUB_CACHE", folder, 1)
      defer { if let before { setenv("HF_HUB_CACHE", before, 1) } else { unsetenv("HF_HUB_CACHE") } }
      let repository = "\(folder)/models--some-org--a--model"
      for revision in ["abc", "def"] { try AtomicWrite.createFolder("\(repository)/snapshots/\(revision)") }
      try AtomicWrite.createFolder("\(repository)/refs")
      try AtomicWrite.file("\(repository)/refs/main", "def\n")
      #expect(HubCache.folder(of: "some-org/a--model", revision: nil) == "\(repository)/snapshots/def")
      #expect(HubCache.folder(of: "some-org/a--model", revision: "abc") == "\(repository)/snapshots/abc")
      #expect(HubCache.folder(of: "some-org/a--model", revision: "gone") == "\(repository)/snapshots/def")
      #expect(HubCache.folder(of: "some-org/other", revision: nil) == nil)
      let origin = try #require(HubCache.origin(of: "\(folder)/models--some-org--model/snapshots/abc"))
      #expect(origin.id == "some-org/model" && origin.revision == "abc")
      #expect(HubCache.origin(of: "\(folder)/model") == nil)
    }
  }
}
