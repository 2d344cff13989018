import Files
import Glibc
import TestSupport
import Testing

@testable import AttuneCommands

@Suite struct ScoreCommandTests {
  /// Three rows, one of them without an answer, one with an empty one.
  private func withAnswers(_ body: (_ folder: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/DR.csv", "goldens,generated_text\n\"a b c d, e\",\"a b c d, e\"\nf g h i,f g h\nj k,\n")
      let lines = [
        #"{"goldens": "a b c d", "generated_text": "a b c d"}"#, #"{"goldens": ["x", "y z"], "generated_text": null}"#,
        #"{"goldens": ["p", "q r"], "generated_text": " "}"#,
      ]
      try AtomicWrite.file("\(folder)/SAD.jsonl", lines.joined(separator: "\n") + "\n")
      try body(folder)
    }
  }

  @Test func everyMethodScoresAFolderAndCountsWhatIsNotThere() throws {
    try withAnswers { folder in
      for method in ["bleu", "rouge", "chrf", "ter"] {
        let outcome = try Attune.run("score", "--method", method, "--data", folder, "--json")
        #expect(outcome.code == 0, "\(outcome.errors)")
        let files = try #require(try JSON.parse(outcome.output, source: "output")["files"]?.array)
        #expect(files.map { $0["dataset"]?.string } == ["DR", "SAD"])
        #expect(files.map { $0["missing"]?.int } == [0, 1] && files.map { $0["empty"]?.int } == [1, 1] && files.map { $0["scored"]?.int } == [3, 2])
        #expect(files.allSatisfy { $0["signature"]?.string?.isEmpty == false })
        let text = try Attune.run("score", "--method", method, "--data", folder)
        #expect(text.code == 0 && text.output.hasPrefix("dataset  rows  missing  empty") && text.output.contains("\nSAD         3        1      1"))
      }
      let rouge = try JSON.parse(try Attune.run("score", "--method", "rouge", "--data", "\(folder)/DR.csv", "--json").output, source: "output")
      // Rows earn 1, 6/7 and 0.
      #expect(abs((rouge["files"]?.array?[0]["scores"]?["rouge1"]?.double ?? 0) - 13.0 / 21) < 1e-12)
    }
  }

  @Test func scoresByRowHoldNumbersAndNoText() throws {
    try withAnswers { folder in
      #expect(try Attune.run("score", "--method", "chrf", "--word-order", "2", "--data", folder, "--output", "\(folder)/rows").code == 0)
      let second = try plusPlus(folder)
      let rows = try FileSystem.text("\(folder)/rows")
      #expect(rows == "dataset,row,chrf++\nDR,1,100.0\nDR,2,\(second)\nDR,3,0.0\nSAD,1,100.0\nSAD,2,\nSAD,3,0.0\n")
    }
  }

  /// chrF++ of the second row of DR alone.
  private func plusPlus(_ folder: String) throws -> String {
    try AtomicWrite.file("\(folder)/one.csv", "goldens,generated_text\nf g h i,f g h\n")
    defer { unlink("\(folder)/one.csv") }
    let json = try JSON.parse(try Attune.run("score", "--method", "chrf", "--word-order", "2", "--data", "\(folder)/one.csv", "--json").output, source: "output")
    return "\(json["files"]?.array?[0]["scores"]?["chrf++"]?.double ?? 0)"
  }

  @Test func misspelledMethodsAreRefusedAndNetworksNeedAModel() throws {
    try withAnswers { folder in
      for method in ["bert-score", "bart-score"] {
        let outcome = try Attune.run("score", "--method", method, "--data", folder)
        #expect(outcome.code == 64 && outcome.errors.contains("--method \(method) needs --model"), "\(outcome.errors)")
      }
      let outcome = try Attune.run("score", "--method", "rouge1", "--data", folder)
      #expect(outcome.code == 64 && outcome.errors.contains("nearest is 'rouge'"), "\(outcome.errors)")
      #expect(try Attune.run("score", "--method", "bleu", "--compat", "hf-mid", "--data", folder).code == 64)
    }
  }

  @Test func whatCannotBeScoredIsNamed() throws {
    try withAnswers { folder in
      for (text, words) in [
        ("goldens,generated\na,b\n", "no column 'generated_text'"), ("goldens,generated_text\n", "has no rows"),
        ("goldens,generated_text\n \n", "found 1 field"),
      ] {
        try AtomicWrite.file("\(folder)/bad.csv", text)
        let outcome = try Attune.run("score", "--method", "rouge", "--data", "\(folder)/bad.csv")
        #expect(outcome.code == 66 && outcome.errors.contains("bad.csv") && outcome.errors.contains(words), "\(outcome.errors)")
      }
      for (text, words) in [
        (#"{"goldens": 3, "generated_text": "a"}"#, "line 1, row 1: 'goldens'"), (#"{"goldens": "b", "generated_text": 2}"#, "'generated_text'"),
        (#"{"goldens": "b"}"#, "no row has a generation"),
      ] {
        try AtomicWrite.file("\(folder)/bad.jsonl", text + "\n")
        let outcome = try Attune.run("score", "--method", "rouge", "--data", "\(folder)/bad.jsonl")
        #expect(outcome.code == 66 && outcome.errors.contains(words), "\(outcome.errors)")
      }
      try AtomicWrite.file("\(folder)/bad.csv", "goldens,generated_text\n!,\n")
      #expect(try Attune.run("score", "--method", "ter", "--data", "\(folder)/bad.csv").code == 0)
      try AtomicWrite.file("\(folder)/bad.csv", "goldens,generated_text\n\" \",a\n")
      let outcome = try Attune.run("score", "--method", "bleu", "--data", "\(folder)/bad.csv")
      #expect(outcome.code == 66 && outcome.errors.contains("hold no word"), "\(outcome.errors)")
    }
  }

  @Test func scoresAreCorrelatedWithAnnotationsByFileAndRow() throws {
    try withAnswers { folder in
      let annotations = "\(folder)/annotations"
      try AtomicWrite.createFolder(annotations)
      let aspects = "fluency,completeness,reliability,overall"
      func rows(_ values: [Int]) -> String { values.map { "\"[\($0), \($0), \(min(3, $0 + 1))]\",1,\($0 % 3),\(3 - $0)\n" }.joined() }
      try AtomicWrite.file("\(annotations)/DR.csv", "\(aspects)\n" + rows([0, 1, 2, 3, 1]))
      try AtomicWrite.file("\(folder)/scores.csv", "dataset,row,m\nDR,1,0.1\nDR,2,0.2\nDR,3,0.3\nDR,4,0.4\nSAD,1,0.5\nDR,5,\n")
      let arguments = ["correlate", "--scores", "\(folder)/scores.csv", "--annotations", annotations, "--resamples", "50"]
      let outcome = try Attune.run(arguments + ["--output", "\(folder)/out", "--json"])
      #expect(outcome.code == 0, "\(outcome.errors)")
      let json = try JSON.parse(outcome.output, source: "output")
      let pairs = try #require(json["groups"]?.array?.first?["correlations"]?.array)
      #expect(json["only_scored"] == 1 && pairs.map { $0["rows"]?.int } == [4, 4, 4, 4])
      #expect(pairs[0]["spearman"]?["value"]?.double == 1 && pairs[1]["pearson"]?["value"]?.isNull == true && pairs[3]["kendall"]?["value"]?.double == -1)
      #expect(try JSON.parse(try FileSystem.text("\(folder)/out/correlations.json"), source: "file") == json)
      #expect(try FileSystem.text("\(folder)/out/correlations.csv").hasPrefix("group,metric,aspect,rows,coefficient,value,low,high,p\nDR,m,fluency,4,pearson,"))
      #expect(try FileSystem.text("\(folder)/out/aspects.csv").split(separator: "\n").count == 19)
      let figure = try FileSystem.text("\(folder)/out/correlations.svg")
      #expect(figure.hasPrefix("<svg") && figure.contains("m, fluency: 1.00") && !figure.contains("NaN"))
      let text = try Attune.run(arguments)
      #expect(text.code == 0 && text.output.contains("aspects among each other") && text.output.contains("1 scored rows have no annotation"))

      try AtomicWrite.file("\(folder)/scores.csv", "dataset,row,m\nDR,6,0.1\n")
      let beyond = try Attune.run(arguments)
      #expect(beyond.code == 66 && beyond.errors.contains("row 6 of DR"), "\(beyond.errors)")
      try AtomicWrite.file("\(folder)/scores.csv", "dataset,row,m\nIrf,1,0.1\n")
      #expect(try Attune.run(arguments).errors.contains("no scored file has annotations"))
      try AtomicWrite.file("\(folder)/scores.csv", "dataset,row,m\nDR,1,high\n")
      #expect(try Attune.run(arguments).errors.contains("line 2, row 1, column 'm'"))
      try AtomicWrite.file("\(annotations)/DR.csv", "\(aspects)\n[],1,1,1\n")
      try AtomicWrite.file("\(folder)/scores.csv", "dataset,row,m\nDR,1,0.5\n")
      #expect(try Attune.run(arguments).errors.contains("column 'fluency'"))
    }
  }
}
