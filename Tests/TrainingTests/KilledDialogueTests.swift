import Files
import Glibc
import TestSupport
import Testing

/// A cross-validation of dialogue safety killed in the middle of a fold, between folds, and started again: the same answers as without.
@Suite(.serialized) struct KilledDialogueTests {
  @Test func aKilledCrossValidationGivesTheAnswersOfAWholeOne() throws {
    try withTemporaryFolder { folder in
      let base = try AttuneProcess(["init", "--arch", "bert", "--output", "\(folder)/base"], errors: "\(folder)/init.log")
      #expect(base.wait() == 0, "\(base.errors)")
      func start(_ name: String) throws -> AttuneProcess {
        try AttuneProcess(
          [
            "eval", "dialogue-safety", "--model", "\(folder)/base", "--test", "\(Fixtures.repository)/test_data/samples/sample-dialogue.json", "--folds", "3", "--seeds", "1",
            "--output", "\(folder)/\(name)", "--precision", "fp32", "--device", "cpu", "--threads", "1", "model.max_length=64", "training.epochs=6", "training.batch_size=4",
            "optimizer.learning_rate=0.002",
          ], errors: "\(folder)/\(name).log")
      }
      let whole = try start("whole")
      #expect(whole.wait() == 0, "\(whole.errors)")
      // 24 or so rows in 6 steps an epoch: in the first fold, early and late, then in the second.
      for (fold, lines) in [(1, 4), (1, 25), (2, 9)] {
        let process = try start("broken")
        #expect(process.waits(forLines: lines, in: "\(folder)/broken/seed-42/fold-\(fold)/metrics.jsonl"), "\(process.errors)")
        process.send(SIGKILL)
        #expect(process.wait() == 128 + SIGKILL)
      }
      let last = try start("broken")
      #expect(last.wait() == 0 && last.errors.contains("fold 1 of 3: was trained before"), "\(last.errors)")
      for file in ["predictions/base, cross-validated.jsonl", "per_run.csv", "summary.csv", "confusion.csv", "seed-42/fold-3/predictions.jsonl"] {
        #expect(try FileSystem.text("\(folder)/broken/\(file)") == FileSystem.text("\(folder)/whole/\(file)"), "\(file)")
      }
    }
  }
}
