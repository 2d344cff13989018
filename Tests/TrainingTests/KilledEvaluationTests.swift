import Files
import Glibc
import TestSupport
import Testing

/// `attune eval imhi` killed at every stage and started again: each question is asked once, and the files are those of an uninterrupted run.
@Suite(.serialized) struct KilledEvaluationTests {
  @Test func aRunKilledAtAnyStageGivesTheSameResults() throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: "\(folder)/model")
      let training = try AttuneProcess(
        ["train", "classifier", "--dataset", "all", "--data", Fixtures.repository, "--method", "linear", "--output", "\(folder)/models"], errors: "\(folder)/log")
      #expect(training.wait() == 0, "\(training.errors)")
      let whole = Evaluation(folder, "whole")
      let process = try whole.start()
      #expect(process.wait() == 0, "\(process.errors)")

      let broken = Evaluation(folder, "broken")
      // What stands there when the process is killed: from nothing at all to everything but the report.
      let marks = ["config.yaml", "manifest.json", "generated/answers/sample-loneliness.jsonl", "generated/sample-loneliness.csv",
        "labelled/labelling.json", "labelled/sample-loneliness.csv", "labelled/sample-stress.csv", "samples.jsonl", "scored/sample-causes.json", "table.csv",
        "results.json"]
      var kills = 0
      for mark in marks {
        let process = try broken.start()
        while !FileSystem.exists("\(broken.folder)/\(mark)"), process.ended() == nil { usleep(200) }
        process.send(SIGKILL)
        if process.wait() == 128 + SIGKILL { kills += 1 }
      }
      #expect(kills > 6, "\(kills) of \(marks.count) kills met a running process")
      let last = try broken.start()
      #expect(last.wait() == 0, "\(last.errors)")
      try broken.expectEqual(to: whole)
      let (asked, again) = (try broken.asked(), try broken.start())
      #expect(again.wait() == 0)
      #expect(try broken.asked() == asked && Set(asked).count == asked.count)
      try broken.expectEqual(to: whole)
    }
  }

  @Test func aTerminatedRunExits75AndContinues() throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: "\(folder)/model")
      let whole = Evaluation(folder, "whole", labels: false)
      #expect(try whole.start().wait() == 0)
      let stopped = Evaluation(folder, "stopped", labels: false)
      let process = try stopped.start()
      #expect(process.waits(forLines: 2, in: "\(stopped.folder)/generated/answers/sample-causes.jsonl"))
      process.send(SIGTERM)
      #expect(process.wait() == 75, "\(process.errors)")
      #expect(!FileSystem.exists("\(stopped.folder)/results.json"))
      #expect(try stopped.start().wait() == 0)
      try stopped.expectEqual(to: whole)
    }
  }
}

/// One command line, and the folder of its run.
private struct Evaluation {
  let folder: String
  private let arguments: [String]
  private let log: String

  init(_ base: String, _ name: String, labels: Bool = true) {
    folder = "\(base)/\(name)"
    log = "\(base)/\(name).log"
    arguments = [
      "eval", "imhi", "--model", "\(base)/model", "--data", Fixtures.repository, "--output", folder, "--max-new-tokens", "9", "--precision", "fp32",
      "--threads", "1",
    ] + (labels ? ["--models", "\(base)/models"] : [])
  }

  func start() throws -> AttuneProcess { try AttuneProcess(arguments, errors: log) }

  /// Every answered row of every set.
  func asked() throws -> [String] {
    let answers = "\(folder)/generated/answers"
    return try FileSystem.entries(answers).flatMap { name in
      try FileSystem.text("\(answers)/\(name)").split(separator: "\n").map { try JSON.parse(String($0), source: name)["row"]!.int! }.sorted().map { "\(name) \($0)" }
    }
  }

  func expectEqual(to other: Evaluation, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try asked() == other.asked(), sourceLocation: sourceLocation)
    for part in ["", "generated", "labelled", "scored", "figures"] {
      let names = FileSystem.entries("\(other.folder)/\(part)").filter { FileSystem.isFile("\(other.folder)/\(part)/\($0)") && !["config.yaml", "manifest.json"].contains($0) }
      #expect(names == FileSystem.entries("\(folder)/\(part)").filter { FileSystem.isFile("\(folder)/\(part)/\($0)") && !["config.yaml", "manifest.json"].contains($0) })
      for name in names {
        let (found, expected) = (try FileSystem.text("\(folder)/\(part)/\(name)"), try FileSystem.text("\(other.folder)/\(part)/\(name)"))
        #expect(found.replacing(folder, with: "RUN") == expected.replacing(other.folder, with: "RUN"), "\(part)/\(name)", sourceLocation: sourceLocation)
      }
    }
  }
}
