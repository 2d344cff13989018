import Configuration
import Dispatch
import Files
import Glibc
import TestSupport
import Testing

@testable import Recipes
@testable import Training

extension RecipesTests {
  /// A run that a signal stopped, continued.
  @Suite struct ResumeTests {
    @Test func theRecordsOfAResumedRunAreThoseOfAnUninterruptedOne() throws {
      try withTemporaryFolder { folder in
        let whole = try Job.train(try Job.training("\(folder)/whole"))
        #expect(whole.status == .done)

        let job = try Job.training("\(folder)/parts")
        let seed = "\(folder)/parts/sample-stress/seed-42"
        let stopped = try stopping(after: 7, in: "\(seed)/metrics.jsonl") { try Job.train(job) }
        #expect(stopped.status == .stopped)
        #expect(stopped.json["status"] == "stopped")
        try agree(in: seed)
        let resumed = try Job.train(job)
        #expect(resumed.status == .done)
        try agree(in: seed)

        let reference = "\(folder)/whole/sample-stress/seed-42"
        #expect(try lines("\(seed)/metrics.jsonl").map(timeless) == lines("\(reference)/metrics.jsonl").map(timeless))
        #expect(try text("\(seed)/predictions.jsonl") == text("\(reference)/predictions.jsonl"))
        for key in ["best_global_step", "best_metric", "global_step", "max_steps", "train_batch_size", "num_input_tokens_seen"] {
          #expect(try JSON.read("\(seed)/trainer_state.json")[key] == JSON.read("\(reference)/trainer_state.json")[key], "\(key)")
        }
      }
    }

    /// Rows or weights that are others than those that the first part was trained on would make a run of two halves.
    @Test(arguments: ["train_data/samples/sample-stress/train.csv", "test_data/samples/sample-stress.csv", "base/model.safetensors", "base/vocab.txt"])
    func aChangedInputIsRefusedByName(file: String) throws {
      try withTemporaryFolder { folder in
        try Job.copySamples(to: folder)
        try AtomicWrite.createFolder("\(folder)/base")
        for name in FileSystem.entries(Job.base) { try copy("\(Job.base)/\(name)", to: "\(folder)/base/\(name)") }
        let job = try Job.training("\(folder)/run", "data.folder=\(folder)", "model.base=\(folder)/base")
        let stopped = try stopping(after: 4, in: "\(folder)/run/sample-stress/seed-42/metrics.jsonl") { try Job.train(job) }
        #expect(stopped.status == .stopped)
        let before = try JSON.read("\(folder)/run/manifest.json")

        // The last full stop of a text may change and leave a table; the other files are not read that far.
        var bytes = try MappedFile.withBytes(of: "\(folder)/\(file)") { Array($0) }
        bytes[try #require(bytes.lastIndex(of: UInt8(ascii: ".")))] = UInt8(ascii: "!")
        try AtomicWrite.file("\(folder)/\(file)", bytes)
        let error = #expect(throws: InputError.self) { try Job.train(job) }
        #expect(error?.path == "\(folder)/\(file)")
        #expect(error?.problem.hasPrefix("has changed since the run in \(folder)/run was started: SHA-256 ") == true, "\(error?.description ?? "")")
        #expect(try JSON.read("\(folder)/run/manifest.json") == before)
      }
    }

    @Test func aFileThatAppearsOrGoesIsRefusedAndNotesAreNot() throws {
      try withTemporaryFolder { folder in
        try Job.copySamples(to: folder)
        let job = try Job.training("\(folder)/run", method: .linear, "data.folder=\(folder)")
        #expect(try Job.train(job).status == .done)
        try AtomicWrite.file("\(folder)/train_data/samples/sample-stress/README.md", "a note")
        #expect(try Job.train(job).status == .done)
        unlink("\(folder)/train_data/samples/sample-stress/val.csv")
        let gone = #expect(throws: InputError.self) { try Job.train(job) }
        #expect(gone?.path == "\(folder)/train_data/samples/sample-stress/val.csv")
        #expect(gone?.problem.hasSuffix("and is gone") == true)
      }
    }

    /// `metrics.jsonl`, `trainer_state.json` and the events tell the same steps, each once.
    private func agree(in seed: String) throws {
      let metrics = try lines("\(seed)/metrics.jsonl")
      let state = try JSON.read("\(seed)/trainer_state.json")
      #expect(state["log_history"]?.array == metrics)
      let trained = metrics.filter { $0["loss"] != nil }.compactMap { $0["step"]?.int }
      #expect(trained == Array(1...trained.count))
      #expect(state["global_step"]?.int == trained.count)
      let validated = metrics.filter { $0["eval_loss"] != nil }.compactMap { $0["step"]?.int }
      #expect(validated == Set(validated).sorted())
      let events = FileSystem.entries(seed).filter { $0.hasPrefix("events.out.tfevents.") }
      #expect(events.count == 1)
      #expect(try records("\(seed)/\(events[0])") == metrics.count + 1)  // the first holds the file's version
    }

    /// TFRecords: length (8 bytes), its checksum (4), data, checksum (4).
    private func records(_ path: String) throws -> Int {
      try MappedFile.withBytes(of: path) { bytes in
        var (offset, count) = (0, 0)
        while offset < bytes.count {
          offset += 16 + Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
          count += 1
        }
        return count
      }
    }
  }
}
