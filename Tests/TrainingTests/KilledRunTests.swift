import Files
import Glibc
import Metrics
import NN
import TestSupport
import Testing
import Torch

/// `attune train classifier` stopped by force and started again: the second half ends where an uninterrupted run does, bit for bit.
///
/// The samples and a small random BERT, with dropout, micro-batches, more than one epoch, saves and validations in the middle of it.
@Suite(.serialized) struct KilledRunTests {
  @Test(arguments: [("fp32", 1), ("fp32", 2), ("fp32", 3), ("bf16", 4), ("bf16", 5)] as [(String, UInt64)])
  func aKilledRunContinuesBitForBit(precision: String, seed: UInt64) throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: "\(folder)/base")
      let whole = Run(folder, "whole", precision)
      #expect(try whole.start().wait() == 0)

      var random = SplitMix64(seed: seed)
      let broken = Run(folder, "broken", precision)
      // Killed twice: at some step of the first part, and some steps after it went on.
      for _ in 0..<2 {
        let lines = AttuneProcess.lines(in: broken.metrics) + Int.random(in: 1...12, using: &random)
        let process = try broken.start()
        #expect(process.waits(forLines: lines, in: broken.metrics), "\(process.errors)")
        usleep(UInt32.random(in: 0..<20_000, using: &random))  // anywhere in a step, a validation or a save
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
      try TinyBert.write(to: "\(folder)/base")
      let whole = Run(folder, "whole", "fp32")
      #expect(try whole.start().wait() == 0)

      let stopped = Run(folder, "stopped", "fp32")
      for (lines, signal) in [(3, SIGTERM), (16, SIGINT)] {
        let process = try stopped.start()
        #expect(process.waits(forLines: lines, in: stopped.metrics), "\(process.errors)")
        process.send(signal)
        #expect(process.wait() == 75, "\(process.errors)")
        let saved = try #require(FileSystem.entries("\(stopped.folder)/checkpoints").compactMap { Int($0.dropFirst(5)) }.max())
        #expect(saved >= lines - 2, "saved at step \(saved) when stopped after \(lines) lines")
      }
      #expect(try stopped.start().wait() == 0)
      try stopped.expectEqual(to: whole)
    }
  }

  @Test func aSecondInterruptEndsAtOnce() throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: "\(folder)/base")
      let run = Run(folder, "run", "fp32")
      let process = try run.start()
      #expect(process.waits(forLines: 3, in: run.metrics), "\(process.errors)")
      var code: Int32?
      while code == nil {  // faster than a step and its save
        process.send(SIGINT)
        usleep(100)
        code = process.ended()
      }
      #expect(code == 130)
    }
  }

  @Test func aLossThatIsNotFiniteNamesRowsAndNoText() throws {
    try withTemporaryFolder { folder in
      // A word of some of the samples, spoilt: only rows that have it can be at fault.
      let vocabulary = try FileSystem.text(Fixtures.path("a_models/bert_seqcls/vocab.txt")).split(separator: "\n")
      let word = try #require(vocabulary.firstIndex(of: "friend"))
      try TinyBert.write(to: "\(folder)/base") { store in
        try #require(store["bert.embeddings.word_embeddings.weight"])[word].fill(.nan)
      }
      let run = Run(folder, "run", "fp32")
      let process = try run.start()
      #expect(process.wait() == 1)
      let message = process.errors
      #expect(message.contains("the loss is not finite; rows: ") && message.contains("No checkpoint of this step was written"), "\(message)")
      #expect(!message.contains("friend") && !message.contains("suffer") && !message.contains("it has been about"), "\(message)")
      let step = try #require(message.firstMatch(of: /error: step ([0-9]+): the loss/).flatMap { Int($0.1) })
      #expect(!FileSystem.entries("\(run.folder)/checkpoints").contains { Int($0.dropFirst(5))! >= step })
    }
  }
}

/// One command line, and the folder of its run.
private struct Run {
  let arguments: [String]
  /// Of the one seed.
  let folder: String
  var metrics: String { "\(folder)/metrics.jsonl" }
  private let log: String

  init(_ base: String, _ name: String, _ precision: String) {
    folder = "\(base)/\(name)/sample-stress/seed-9"
    log = "\(base)/\(name).log"
    arguments = [
      "train", "classifier", "--dataset", "sample-stress", "--data", Fixtures.repository, "--base", "\(base)/base", "--output", "\(base)/\(name)",
      "--seed", "9", "--precision", precision, "--device", "cpu", "--threads", "1", "--quiet", "model.max_length=78", "training.batch_size=16",
      "training.micro_batch_size=6", "training.max_steps=42", "training.save_every=5", "training.eval_every=11", "optimizer.learning_rate=0.001",
    ]
  }

  func start() throws -> AttuneProcess { try AttuneProcess(arguments, errors: log) }

  /// Weights, optimizer, random generators, best model, predictions, and the course of the losses.
  func expectEqual(to other: Run, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let files = ["checkpoints/step-42/model.safetensors", "checkpoints/step-42/training_state/optimizer.safetensors",
      "checkpoints/step-42/training_state/state.json", "best/model.safetensors", "predictions.jsonl"]
    for file in files {
      let (found, expected) = (try SHA256.digest(ofFile: "\(folder)/\(file)"), try SHA256.digest(ofFile: "\(other.folder)/\(file)"))
      #expect(found == expected, "\(file) differs from the uninterrupted run's", sourceLocation: sourceLocation)
    }
    #expect(try course() == other.course(), sourceLocation: sourceLocation)
  }

  /// The lines of `metrics.jsonl` without what a clock says.
  private func course() throws -> [JSON] {
    try FileSystem.text(metrics).split(separator: "\n").map { line in
      var row = try #require(JSON.parse(String(line), source: metrics).object)
      row["seconds"] = nil
      row["tokens_per_second"] = nil
      row["eval_runtime"] = nil
      return .object(row)
    }
  }
}
