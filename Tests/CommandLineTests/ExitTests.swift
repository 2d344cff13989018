import Files
import Glibc
import TestSupport
import Testing

@testable import AttuneCommands

@Suite struct ExitTests {
  @Test(arguments: [
    (["train", "classifier", "--sed", "3"], "Did you mean '--seed'?"), (["trains"], "nearest is 'train'"),
    (["train", "classifer"], "nearest is 'classifier'"), (["data", "check", "--max-length", "many"], "The value 'many' is invalid"),
    (["train", "classifier", "--precision", "fp8"], "fp32"), (["train", "classifier", "--device", "gpu"], "The value 'gpu' is invalid"),
    (["train", "classifier", "--quiet", "-v"], "exclude each other"), (["train", "classifier", "--resume", "--overwrite"], "--resume"),
    (["train", "classifier", "--seeds", "0"], "--seeds 0: found 0, expected a whole number from 1 to 100"),
    (["train", "classifier", "training.epoch=3"], "Nearest is training.epochs"), (["label", "--models", "a"], "--data"),
    (["train", "classifier", "--threads", "0"], "expected at least 1"),
  ])
  func wrongUsageExitsWith64AndSaysWhatIsNear(arguments: [String], words: String) throws {
    let outcome = try Attune.run(arguments)
    #expect(outcome.code == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("attune: error: ") && outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test(arguments: [
    ["label", "--models", "/nonexistent", "--data", ".", "--output", "x"], ["predict", "--model", "/nonexistent"],
    ["eval", "classifier", "--model", ".", "--data", "/nonexistent"], ["train", "classifier", "--recipe", "/nonexistent.yaml"],
    ["data", "stats", "/nonexistent.csv"], ["data", "inspect", "/nonexistent.csv", "--row", "1", "--model", "."],
    ["data", "import", "imhi", "--from", "/nonexistent"],
  ])
  func aMissingInputExitsWith66InOneLine(arguments: [String]) throws {
    let outcome = try Attune.run(arguments)
    #expect(outcome.code == 66)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("attune: error: "))
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  @Test func errorsUnderJSONAreOneDocument() throws {
    let outcome = try Attune.run("predict", "--model", "/nonexistent", "--json")
    let error = try #require(try JSON.parse(outcome.output, source: "output")["error"])
    #expect(outcome.code == 66)
    #expect(error["kind"]?.string == "input")
    #expect(error["exit"]?.int == 66)
    #expect(error["path"]?.string == "/nonexistent")
    #expect(error["problem"]?.string?.hasPrefix("No such file or directory") == true)

    let usage = try Attune.run("predict", "--modle", "x", "--json")
    #expect(usage.code == 64)
    #expect(try JSON.parse(usage.output, source: "output")["error"]?["kind"]?.string == "usage")
  }

  @Test func versionAndHelpGoToStandardOutput() throws {
    for arguments in [["--version"], ["help", "train"], ["data"]] {
      let outcome = try Attune.run(arguments)
      #expect(outcome.code == 0)
      #expect(!outcome.output.isEmpty && outcome.errors.isEmpty)
    }
  }
}
