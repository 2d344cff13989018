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

    /// A line without what a clock gave.
    private func timeless(_ line: JSON) -> JSON {
      .object(JSONObject((line.object ?? [:]).filter { !["seconds", "eval_runtime"].contains($0.key) }.map { ($0.key, $0.value) }))
    }

    /// Runs `body` and raises the signal when `path` has `count` lines.
    private func stopping<R>(after count: Int, in path: String, _ body: () throws -> R) throws -> R {
      DispatchQueue.global().async {
        for _ in 0..<60_000 {
          if let text = try? FileSystem.text(path), text.count(where: { $0 == "\n" }) >= count { return StopSignal.raise() }
          usleep(200)
        }
      }
      defer { StopSignal.reset() }
      return try body()
    }
  }
}
