import Files
import Glibc
import Metrics
import NN
import TestSupport
import Testing
import Torch

/// `attune train lora` and `attune train full` stopped by force and started again: the second half ends where an uninterrupted run does, bit
/// for bit. Dropout, micro-batches, several epochs, saves and validations between.
@Suite(.serialized) struct KilledFinetuneTests {
  @Test(arguments: [("lora", "fp32", 1), ("lora", "bf16", 2), ("full", "fp32", 3)] as [(String, String, UInt64)])
  func aKilledRunContinuesBitForBit(method: String, precision: String, seed: UInt64) throws {
    try withTemporaryFolder { folder in
      try prepare(folder)
      let whole = FinetuneRun(folder, "whole", method, precision)
      let process = try whole.start()
      #expect(process.wait() == 0, "\(process.errors)")
      var random = SplitMix64(seed: seed)
      let broken = FinetuneRun(folder, "broken", method, precision)
      for _ in 0..<2 {
        let lines = AttuneProcess.lines(in: broken.metrics) + Int.random(in: 1...10, using: &random)
        let process = try broken.start()
        #expect(process.waits(forLines: lines, in: broken.metrics), "\(process.errors)")
        usleep(UInt32.random(in: 0..<20_000, using: &random))
        process.send(SIGKILL)
        #expect(process.wait() == 128 + SIGKILL)
      }
      let last = try broken.start()
      #expect(last.wait() == 0, "\(last.errors)")
      try broken.expectEqual(to: whole)
    }
  }

  @Test func aTerminatedRunSavesExits75AndContinuesBitForBit() throws {
    try withTemporaryFolder { folder in
      try prepare(folder)
      let whole = FinetuneRun(folder, "whole", "lora", "fp32")
      #expect(try whole.start().wait() == 0)
      let stopped = FinetuneRun(folder, "stopped", "lora", "fp32")
      for (lines, signal) in [(3, SIGTERM), (14, SIGINT)] {
        let process = try stopped.start()
        #expect(process.waits(forLines: lines, in: stopped.metrics), "\(process.errors)")
        process.send(signal)
        #expect(process.wait() == 75, "\(process.errors)")
      }
      #expect(try stopped.start().wait() == 0)
      try stopped.expectEqual(to: whole)
    }
  }

  @Test func aRunLeavesWhatItsFolderPromises() throws {
    try withTemporaryFolder { folder in
      try prepare(folder)
      let run = FinetuneRun(folder, "run", "lora", "fp32")
      let process = try run.start()
      #expect(process.wait() == 0, "\(process.errors)")
      let files = ["config.yaml", "manifest.json", "metrics.jsonl", "trainer_state.json", "results.json", "best/adapter_config.json", "best/adapter_model.safetensors",
        "adapter/adapter_config.json", "checkpoints/step-30/training_state/optimizer.safetensors"]
      for file in files { #expect(FileSystem.isFile("\(run.folder)/\(file)"), "\(file)") }
      #expect(FileSystem.entries(run.folder).contains { $0.hasPrefix("events.out.tfevents.") })
      let results = try JSON.read("\(run.folder)/results.json")
      #expect(results["adapter"]?.string == "\(run.folder)/best" && results["best"]?["eval_perplexity"]?.double ?? 0 > 1)
      let state = try JSON.read("\(run.folder)/trainer_state.json")
      #expect(state["global_step"] == 30 && state["num_input_tokens_seen"]?.int ?? 0 > 0)
      // Another configuration is refused, with the key that differs.
      let other = FinetuneRun(folder, "run", "lora", "fp32", more: ["lora.r=2"])
      let refused = try other.start()
      #expect(refused.wait() == 66 && refused.errors.contains("lora.r: 2, 4"), "\(refused.errors)")
      // Nothing that a row says is written anywhere but in weights.
      for file in ["config.yaml", "manifest.json", "metrics.jsonl", "results.json"] {
        #expect(try !FileSystem.text("\(run.folder)/\(file)").contains("people"))
      }
    }
  }

  /// A model and rows of made-up words.
  private func prepare(_ folder: String) throws {
    try TinyLlama.write(to: "\(folder)/base")
    var random = SplitMix64(seed: 77)
    let words = ["people", "work", "help", "stress", "feeling", "years", "friends", "start", "never", "always", "thought", "wellness"]
    func text(_ longest: Int) -> String { (0..<Int.random(in: 1...longest, using: &random)).map { _ in words.randomElement(using: &random)! }.joined(separator: " ") }
    let rows = (0..<60).map { _ in JSON.object(["prompt": .string(text(14)), "completion": .string(text(6))]).encoded() + "\n" }
    try AtomicWrite.file("\(folder)/rows.jsonl", rows.joined())
  }
}

/// One run of 30 steps with all that may go wrong in it.
struct FinetuneRun {
  let folder: String
  let log: String
  let arguments: [String]
  let isLoRA: Bool
  var metrics: String { "\(folder)/metrics.jsonl" }

  init(_ base: String, _ name: String, _ method: String, _ precision: String, more: [String] = []) {
    folder = "\(base)/\(name)"
    log = "\(base)/\(name).log"
    isLoRA = method == "lora"
    let lora = ["lora.r=4", "lora.dropout=0.1"]
    arguments = [
      "train", method, "--base", "\(base)/base", "--data", "\(base)/rows.jsonl", "--output", folder, "--seed", "9", "--precision", precision, "--device", "cpu",
      "--threads", "1", "--quiet", "data.max_length=40", "data.validation_fraction=0.2", "training.batch_size=8", "training.micro_batch_tokens=60",
      "training.epochs=9", "training.max_steps=30", "training.save_every=4", "training.eval_every=7", "optimizer.learning_rate=0.001", "model.dropout=0.1",
    ] + (isLoRA ? lora : []) + more
  }

  func start() throws -> AttuneProcess { try AttuneProcess(arguments, errors: log) }

  func expectEqual(to other: FinetuneRun, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let weights = isLoRA ? "adapter_model.safetensors" : "model.safetensors"
    let files = ["checkpoints/step-30/\(weights)", "checkpoints/step-30/training_state/optimizer.safetensors", "checkpoints/step-30/training_state/state.json", "best/\(weights)"]
    for file in files {
      let (found, expected) = (try SHA256.digest(ofFile: "\(folder)/\(file)"), try SHA256.digest(ofFile: "\(other.folder)/\(file)"))
      #expect(found == expected, "\(file) differs from the uninterrupted run's", sourceLocation: sourceLocation)
    }
    func course(_ path: String) throws -> [JSON] {
      try FileSystem.text(path).split(separator: "\n").map { line in
        var row = try #require(JSON.parse(String(line), source: path).object)
        row["seconds"] = nil
        row["tokens_per_second"] = nil
        row["eval_runtime"] = nil
        return .object(row)
      }
    }
    #expect(try course(metrics) == course(other.metrics), sourceLocation: sourceLocation)
  }
}
