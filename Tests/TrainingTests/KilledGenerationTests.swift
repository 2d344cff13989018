import Datasets
import Files
import Glibc
import Metrics
import TestSupport
import Testing

/// `attune generate` stopped by force and started again: every row is answered once, and the files are those of an uninterrupted run.
@Suite(.serialized) struct KilledGenerationTests {
  @Test(arguments: [false, true]) func twentyKillsLeaveNoTrace(sampled: Bool) throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: "\(folder)/model")
      let whole = Run(folder, "whole", sampled: sampled)
      let process = try whole.start()
      #expect(process.wait() == 0, "\(process.errors)")
      #expect(try whole.rows() == whole.expectedRows())

      var random = SplitMix64(seed: sampled ? 2 : 1)
      let broken = Run(folder, "broken", sampled: sampled)
      var kills = 0
      while kills < 20 {
        let process = try broken.start(batchSize: Int.random(in: 1...6, using: &random))
        // Some kills come while the model is read, most between answers.
        if Int.random(in: 0..<4, using: &random) > 0 {
          let lines = broken.lines + Int.random(in: 1...4, using: &random)
          while broken.lines < lines, process.ended() == nil { usleep(300) }
        }
        usleep(UInt32.random(in: 0..<10_000, using: &random))
        process.send(SIGKILL)
        let code = process.wait()
        if code == 0 { break }  // it was faster
        #expect(code == 128 + SIGKILL, "\(process.errors)")
        kills += 1
      }
      #expect(kills == 20)
      let last = try broken.start()
      #expect(last.wait() == 0, "\(last.errors)")
      try broken.expectEqual(to: whole)
      // Once more: nothing is left to do.
      let (before, again) = (broken.lines, try broken.start())
      #expect(again.wait() == 0 && broken.lines == before)
    }
  }

  @Test func aTerminatedRunExits75AndContinues() throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: "\(folder)/model")
      let whole = Run(folder, "whole", sampled: false)
      #expect(try whole.start().wait() == 0)
      let stopped = Run(folder, "stopped", sampled: false)
      for signal in [SIGTERM, SIGINT] {
        let process = try stopped.start()
        let lines = stopped.lines + 3
        while stopped.lines < lines, process.ended() == nil { usleep(300) }
        process.send(signal)
        #expect(process.wait() == 75, "\(process.errors)")
      }
      #expect(try stopped.start().wait() == 0)
      try stopped.expectEqual(to: whole)
    }
  }

  @Test func answersOfAnotherConfigurationOrModelAreNotContinued() throws {
    try withTemporaryFolder { folder in
      try TinyLlama.write(to: "\(folder)/model")
      let run = Run(folder, "run", sampled: false)
      #expect(try run.start().wait() == 0)
      let other = try run.start(["generation.max_new_tokens=5"])
      #expect(other.wait() == 66)
      #expect(other.errors.contains("generation.max_new_tokens: 5, 9"), "\(other.errors)")
      try TinyLlama.write(to: "\(folder)/model", seed: 2)
      let another = try run.start()
      #expect(another.wait() == 66)
      #expect(another.errors.contains("answers of another model"), "\(another.errors)")
      #expect(try run.start(["--overwrite"]).wait() == 0)
    }
  }
}

/// One command line, and the folder of its run.
private struct Run {
  let folder: String
  private let arguments: [String]
  private let log: String

  init(_ base: String, _ name: String, sampled: Bool) {
    folder = "\(base)/\(name)"
    log = "\(base)/\(name).log"
    arguments = [
      "generate", "--model", "\(base)/model", "--dataset", "imhi", "--data", Fixtures.repository, "--output", folder, "--max-new-tokens", "9",
      "--precision", "fp32", "--threads", "1", "--rule-calculate",
    ] + (sampled ? ["--temperature", "0.8", "--top-k", "40", "--seed", "3"] : [])
  }

  func start(batchSize: Int = 4) throws -> AttuneProcess { try start(["--batch-size", "\(batchSize)"]) }
  func start(_ more: [String]) throws -> AttuneProcess { try AttuneProcess(arguments + more, errors: log) }

  private var journals: [String] { FileSystem.entries("\(folder)/answers").map { "\(folder)/answers/\($0)" } }
  var lines: Int { journals.reduce(0) { $0 + AttuneProcess.lines(in: $1) } }

  /// Every answered row of every set, in order.
  func rows() throws -> [String] {
    try journals.flatMap { path in
      try FileSystem.text(path).split(separator: "\n").map { try JSON.parse(String($0), source: path)["row"]!.int! }.sorted().map { "\(path.split(separator: "/").last!) \($0)" }
    }
  }

  func expectedRows() throws -> [String] {
    try GenerationFile.readFolder(folder).flatMap { file in file.goldens.indices.map { "\(file.dataset).jsonl \($0 + 1)" } }
  }

  func expectEqual(to other: Run, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try rows() == other.rows(), sourceLocation: sourceLocation)
    let files = FileSystem.entries(folder).filter { $0.hasSuffix(".csv") || $0 == "results.json" }
    #expect(files.count == 4 && files == FileSystem.entries(other.folder).filter { $0.hasSuffix(".csv") || $0 == "results.json" }, sourceLocation: sourceLocation)
    for file in files {
      let (found, expected) = (try SHA256.digest(ofFile: "\(folder)/\(file)"), try SHA256.digest(ofFile: "\(other.folder)/\(file)"))
      #expect(found == expected, "\(file) differs from the uninterrupted run's", sourceLocation: sourceLocation)
    }
  }
}
