import Checkpoints
import Files
import Glibc
import Metrics
import Models
import TestSupport
import Testing

/// An encoder-decoder through the commands: made, trained with a kill in between, asked.
@Suite(.serialized) struct SequenceRunTests {
  @Test(arguments: [("lora", "fp32", 1), ("full", "bf16", 2)] as [(String, String, UInt64)])
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
        process.send(SIGKILL)
        #expect(process.wait() == 128 + SIGKILL)
      }
      let last = try broken.start()
      #expect(last.wait() == 0, "\(last.errors)")
      try broken.expectEqual(to: whole)
      // What it leaves is read again, by name of its kind.
      let best = "\(whole.folder)/best"
      let model = try EncoderDecoderModel.load(best)
      #expect((model.adapter != nil) == (method == "lora"))
      #expect(model.adapter == nil || model.adapter?.task == .sequenceToSequence)
      if method == "full" { #expect(FileSystem.isFile("\(best)/generation_config.json")) }
    }
  }

  @Test func aDryRunTellsWhatWouldBeTrained() throws {
    try withTemporaryFolder { folder in
      try prepare(folder)
      let process = try FinetuneRun(folder, "dry", "lora", "fp32", more: ["--dry-run", "--json"]).start()
      #expect(process.wait() == 0, "\(process.errors)")
      #expect(FileSystem.entries("\(folder)/dry").isEmpty)
    }
  }

  /// Greedy, drawn and by beams: killed and continued, with other batches, the answers are those of one run.
  @Test(arguments: [[], ["--temperature", "1.3", "--seed", "3"], ["generation.num_beams=3"]])
  func aKilledGenerationGivesTheSameAnswers(_ settings: [String]) throws {
    try withTemporaryFolder { folder in
      try prepare(folder)
      func arguments(_ output: String, _ batch: Int) -> [String] {
        [
          "generate", "--model", "\(folder)/base", "--dataset", "\(folder)/rows.jsonl", "--output", "\(folder)/\(output)", "--max-new-tokens", "6",
          "--precision", "fp32", "--threads", "1", "--batch-size", "\(batch)",
        ] + settings
      }
      let whole = try AttuneProcess(arguments("whole", 6), errors: "\(folder)/whole.log")
      #expect(whole.wait() == 0, "\(whole.errors)")
      let journal = "\(folder)/broken/answers/rows.jsonl"
      for round in 1...3 {
        let process = try AttuneProcess(arguments("broken", 6), errors: "\(folder)/broken.log")
        while AttuneProcess.lines(in: journal) < 12 * round, process.ended() == nil { usleep(300) }
        process.send(SIGKILL)
        _ = process.wait()
      }
      let last = try AttuneProcess(arguments("broken", 6), errors: "\(folder)/broken.log")
      #expect(last.wait() == 0, "\(last.errors)")
      let (found, expected) = (try FileSystem.text("\(folder)/broken/rows.csv"), try FileSystem.text("\(folder)/whole/rows.csv"))
      #expect(found == expected)
      #expect(AttuneProcess.lines(in: journal) == 60)
      #expect(Set(expected.split(separator: "\n")).count > 10, "answers that differ from row to row")
    }
  }

  /// A tiny BART and rows of made-up words.
  private func prepare(_ folder: String) throws {
    let process = try AttuneProcess(["init", "--arch", "bart", "--output", "\(folder)/base", "--quiet"], errors: "\(folder)/init.log")
    #expect(process.wait() == 0, "\(process.errors)")
    var random = SplitMix64(seed: 77)
    let words = ["people", "work", "help", "stress", "feeling", "years", "friends", "start", "never", "always", "thought", "wellness"]
    func text(_ longest: Int) -> String { (0..<Int.random(in: 1...longest, using: &random)).map { _ in words.randomElement(using: &random)! }.joined(separator: " ") }
    let rows = (0..<60).map { _ in JSON.object(["prompt": .string(text(14)), "completion": .string(text(6))]).encoded() + "\n" }
    try AtomicWrite.file("\(folder)/rows.jsonl", rows.joined())
  }
}
