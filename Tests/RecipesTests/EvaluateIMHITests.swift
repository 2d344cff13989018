import Configuration
import Datasets
import Evaluation
import Files
import Glibc
import TestSupport
import Testing

@testable import Recipes

extension RecipesTests {
  /// `attune eval imhi` on stored answers: no weights, the same code from answers to report.
  @Suite struct EvaluateIMHITests {
    static let yes = "Yes, the poster does. Reasoning: the post says so and more."
    static let no = "No, the poster does not. Reasoning: nothing in the post points there."

    func job(_ answers: String, _ output: String, _ settings: String...) throws -> IMHIJob { try job(answers, output, settings: settings) }

    func job(_ answers: String, _ output: String, settings: [String]) throws -> IMHIJob {
      let all = ["answers.folder=\(answers)", "compute.output=\(output)", "compute.precision=fp32", "compute.device=cpu", "compute.threads=1"] + settings
      let (values, configuration) = try IMHISettings.read(recipe: nil, overrides: all.map { Override($0) })
      return IMHIJob(settings: values, configuration: configuration, console: Job.quiet)
    }

    typealias Row = (gold: String, answer: String)

    func write(_ rows: [Row], _ path: String, labels: [String]? = nil) throws {
      var writer = CSVWriter()
      writer.write(["goldens", "generated_text"] + (labels == nil ? [] : ["labels"]))
      for (index, row) in rows.enumerated() { writer.write([row.gold, row.answer] + (labels.map { [$0[index]] } ?? [])) }
      try AtomicWrite.file(path, writer.bytes)
    }

    /// Twelve answers to DR: nine right by rule, one wrong, one that says nothing, one empty.
    func someAnswers() -> [Row] {
      let right = (0..<9).map { row -> Row in row % 3 == 0 ? (Self.no, Self.no) : (Self.yes, Self.yes) }
      let wrong: [Row] = [(Self.yes, Self.no), (Self.yes, "It is hard to tell."), (Self.no, " ")]
      return right + wrong
    }

    func set(_ result: JobResult, _ name: String) throws -> JSON { try #require(result.json["sets"]?.array?.first { $0["name"]?.string == name }) }

    @Test func answersAreCountedReadAndScored() throws {
      try withTemporaryFolder { folder in
        try AtomicWrite.createFolder("\(folder)/answers")
        try write(someAnswers(), "\(folder)/answers/DR.csv")
        let lines = [#"{"goldens": "\#(Self.yes)", "generated_text": null}"#, #"{"goldens": "\#(Self.yes)", "generated_text": "\#(Self.yes)"}"#]
        try AtomicWrite.file("\(folder)/answers/loneliness.jsonl", lines.joined(separator: "\n") + "\n")
        let result = try TorchEngine().evaluate(try job("\(folder)/answers", "\(folder)/run"))
        #expect(result.status == .done && result.json["problems"] == [])

        let dr = try set(result, "DR")
        #expect(dr["states"] == ["answered": 11, "empty": 1, "missing": 0, "unreadable": 0])
        #expect(dr["rules"]?["rows"] == 12 && dr["rules"]?["covered"] == 10 && dr["rules"]?["accuracy"]?.double == 9.0 / 12 && dr["labelled"]?.isNull == true)
        #expect(dr["rules"]?["confusion"] == [[3, 0, 1], [1, 6, 1]] && dr["majority"]?["accuracy"]?.double == 8.0 / 12)
        let lonely = try set(result, "loneliness")
        #expect(lonely["states"]?["missing"] == 1 && lonely["rules"]?["rows"] == 1 && lonely["rules"]?["accuracy"]?.double == 1)
        #expect(lonely["texts"]?["scores"]?["rouge1"]?.double == 1)

        #expect(files(below: "\(folder)/run").filter { !$0.hasPrefix("figures") } == [
          "config.yaml", "manifest.json", "report.html", "results.json", "samples.jsonl", "scored/DR.json", "scored/loneliness.json", "table.csv",
        ])
        let table = try CSVReader.read("\(folder)/run/table.csv")
        #expect(table.header == ["system", "source", "DR", "loneliness"] && table.rows.map { $0[0] }.prefix(2) == ["this run, by rule", "majority class"])
        #expect(table.rows.contains(["MentaLLaMA-chat-13B", "published", "85.68", "85.1"]))
        // Nothing that is written holds a text.
        for file in ["report.html", "results.json", "samples.jsonl", "table.csv"] { #expect(try !text("\(folder)/run/\(file)").contains("the post says so")) }
        let page = try text("\(folder)/run/report.html")
        #expect(page.contains("not measured here") && page.contains("Not a medical device") && !page.contains("http-equiv") && !page.contains("src="))
      }
    }

    @Test func whatCannotBeUsedIsNamedAndTheRestIsKept() throws {
      try withTemporaryFolder { folder in
        let answers = "\(folder)/answers"
        try AtomicWrite.createFolder(answers)
        var rows = someAnswers()
        rows[2].gold = "Perhaps. Reasoning: who knows."
        try write(rows, "\(answers)/DR.csv", labels: rows.indices.map { $0 == 4 ? "maybe" : "yes" })
        try AtomicWrite.file("\(answers)/DR.csv", try text("\(answers)/DR.csv") + "one,two,three,four\n")
        try AtomicWrite.file("\(answers)/CAMS.csv", "")
        try AtomicWrite.file("\(answers)/Irf.csv", "golden,generated_text\na,b\n")
        try write([(Self.yes, "x")], "\(answers)/unknown.csv")
        let result = try TorchEngine().evaluate(try job(answers, "\(folder)/run"))
        #expect(result.status == .incomplete && result.json["sets"]?.array?.count == 1)
        let problems = (result.json["problems"]?.array ?? []).compactMap(\.string)
        for (file, words) in [
          ("CAMS.csv", "the file is empty"), ("Irf.csv", "line 1: no column 'goldens'; found 'golden', 'generated_text'"),
          ("unknown.csv", "no label rules for 'unknown'"), ("DR.csv", "row 13: found 4 fields, expected 3"), ("DR.csv", "row 3: no label can be read from the gold"),
          ("DR.csv", "row 5: the label is none of the set's: no, yes"),
        ] { #expect(problems.contains { $0.hasPrefix("\(answers)/\(file): ") && $0.contains(words) }, "\(file): \(words) in \(problems)") }
        #expect(problems.count == 6)
        let dr = try set(result, "DR")
        #expect(dr["rows"] == 13 && dr["states"]?["unreadable"] == 1 && dr["unread_golds"] == 1 && dr["labelled"]?["rows"] == 11 && dr["labelled"]?["covered"] == 10)
        let written = try JSON.read("\(folder)/run/results.json")
        #expect(result.json["problems"] == written["problems"])

        // With nothing left, the first problem is the error.
        try AtomicWrite.createFolder("\(folder)/none")
        try AtomicWrite.file("\(folder)/none/DR.csv", "")
        let error = #expect(throws: InputError.self) { try TorchEngine().evaluate(try job("\(folder)/none", "\(folder)/other")) }
        #expect(error?.path == "\(folder)/none/DR.csv")
      }
    }

    @Test func aRunContinuesWhereItWasAndRefusesOtherAnswers() throws {
      try withTemporaryFolder { folder in
        try AtomicWrite.createFolder("\(folder)/answers")
        for name in ["DR", "Irf", "loneliness"] { try write(someAnswers(), "\(folder)/answers/\(name).csv") }
        let job = try job("\(folder)/answers", "\(folder)/run")
        _ = try TorchEngine().evaluate(job)
        let names = files(below: "\(folder)/run")
        let whole = try names.map { try text("\(folder)/run/\($0)") }
        // As a kill leaves it: a set half written, a line torn.
        let samples = try text("\(folder)/run/samples.jsonl")
        for kept in [samples.utf8.count / 2, 10, 0, samples.utf8.count] {
          try AtomicWrite.file("\(folder)/run/samples.jsonl", Array(samples.utf8.prefix(kept)))
          for file in ["results.json", "report.html", "table.csv"] + (kept < 20 ? ["scored/Irf.json"] : []) { unlink("\(folder)/run/\(file)") }
          _ = try TorchEngine().evaluate(job)
          #expect(try names.map { try text("\(folder)/run/\($0)") } == whole && files(below: "\(folder)/run") == names)
        }
        try write(someAnswers().reversed(), "\(folder)/answers/Irf.csv")
        let error = #expect(throws: InputError.self) { try TorchEngine().evaluate(job) }
        #expect(error?.path == "\(folder)/answers/Irf.csv" && error?.problem.contains("has changed since the run") == true, "\(error?.description ?? "")")
        var again = job
        again.overwrite = true
        #expect(try TorchEngine().evaluate(again).status == .done)
      }
    }

    @Test func twoRunsAreComparedOnTheSameRows() throws {
      try withTemporaryFolder { folder in
        let nothingButNo = someAnswers().map { row -> Row in (row.gold, Self.no) }
        for (name, rows) in [("a", someAnswers()), ("b", nothingButNo)] {
          try AtomicWrite.createFolder("\(folder)/\(name)")
          try write(rows, "\(folder)/\(name)/DR.csv")
          _ = try TorchEngine().evaluate(try job("\(folder)/\(name)", "\(folder)/run-\(name)"))
        }
        var compared = try job("\(folder)/a", "\(folder)/run-a")
        compared.comparedRun = "\(folder)/run-b"
        let result = try TorchEngine().evaluate(compared)
        let lines = try #require(result.json["comparison"]?["lines"]?.array)
        #expect(lines.map { $0["measure"]?.string } == ["accuracy", "weighted_f1", "sentence_bleu", "rougeL", "chrf"])
        // Right: 9 of 12 here, 5 of 12 there; 6 rows only here, 2 only there.
        #expect(lines[0]["this"]?.double == 0.75 && lines[0]["other"]?.double == 4.0 / 12 && lines[0]["rows"] == 12)
        #expect(lines[0]["mcnemar"]?["only_this"] == 6 && lines[0]["mcnemar"]?["only_other"] == 1)
        #expect(abs((lines[0]["mcnemar"]?["p"]?.double ?? 0) - 2 * 8.0 / 128) < 1e-12)
        #expect(try text("\(folder)/run-a/comparison.csv").split(separator: "\n").count == 6)
        #expect(result.text.contains("Compared with \(folder)/run-b, labels by rule"))
        #expect(try text("\(folder)/run-a/report.html").contains("Compared row by row"))
      }
    }

    @Test func scoresMeetPeoplesRatingsOfTheSameRows() throws {
      try withTemporaryFolder { folder in
        for name in ["answers", "ratings"] { try AtomicWrite.createFolder("\(folder)/\(name)") }
        try write(someAnswers(), "\(folder)/answers/DR.csv")
        try AtomicWrite.file("\(folder)/answers/DR.csv", try text("\(folder)/answers/DR.csv") + "a row too long,by,far\n")
        let ratings = (0..<12).map { "\"[\($0 % 4), \($0 % 3)]\",1,2,\($0 < 9 ? 3 : 0)\n" }.joined()
        try AtomicWrite.file("\(folder)/ratings/DR.csv", "fluency,completeness,reliability,overall\n" + ratings)
        var rated = try job("\(folder)/answers", "\(folder)/run")
        rated.annotations = "\(folder)/ratings"
        let result = try TorchEngine().evaluate(rated)
        // The nine rows that repeat their golds are rated 3, the others 0.
        let pairs = try #require(result.json["correlation"]?["groups"]?.array?.first?["correlations"]?.array)
        let overall = try #require(pairs.first { $0["first"] == "rouge1" && $0["second"] == "overall" })
        #expect(overall["rows"] == 12 && (overall["pearson"]?["value"]?.double ?? 0) > 0.9)
        #expect(files(below: "\(folder)/run/figures").contains("ratings-rouge1.svg"))
        #expect(try text("\(folder)/run/report.html").contains("rouge1 against ratings"))
      }
    }

    @Test func classifiersLabelTheSetsTheyAreFor() throws {
      try withTemporaryFolder { folder in
        let models = try LabelTests.trained.get()
        let result = try TorchEngine().evaluate(try job(LabelTests.generations, "\(folder)/run", "labels.models=\(models)"))
        #expect(result.status == .done && result.json["published"]?.isNull == false)
        for name in LabelTests.names {
          let labelled = try #require(try set(result, name)["labelled"])
          #expect(try #require(labelled["accuracy"]?.double) > 0.75 && labelled["covered"] == labelled["rows"])
        }
        #expect(files(below: "\(folder)/run/labelled") == ["labelling.json"] + LabelTests.names.map { "\($0).csv" })
        // The same files that the stage writes as a command of its own.
        _ = try TorchEngine().label(LabelJob(models: models, data: LabelTests.generations, output: "\(folder)/labelled", runtime: Job.runtime, console: Job.quiet))
        for name in LabelTests.names { #expect(try text("\(folder)/run/labelled/\(name).csv") == text("\(folder)/labelled/\(name).csv")) }
      }
    }

    /// BERTScore and BARTScore are a stage of the run: equal to `attune score` and, after a kill in the middle of it, to themselves.
    @Test func networksScoreTheTextsToo() throws {
      try withTemporaryFolder { folder in
        try AtomicWrite.createFolder("\(folder)/answers")
        let answers = (0..<150).map { row -> Row in (Self.yes, row % 7 == 3 ? " " : "Yes, it does. Reasoning: post number \(row).") }
        for name in ["DR", "Irf"] { try write(name == "DR" ? answers : Array(answers.prefix(5)), "\(folder)/answers/\(name).csv") }
        for (architecture, name) in [(InitJob.Architecture.bert, "encoder"), (.bart, "bart")] {
          try Initialise(job: InitJob(architecture: architecture, output: "\(folder)/\(name)")).run()
        }
        let job = try job("\(folder)/answers", "\(folder)/run", "scores.bert_score=\(folder)/encoder", "scores.bart_score=\(folder)/bart", "scores.bert_score_layer=1")
        let result = try TorchEngine().evaluate(job)
        let scores = try #require(try set(result, "DR")["texts"]?["scores"])
        for (method, names) in [(ScoreJob.Method.bertScore, ["bert_score_precision", "bert_score_recall", "bert_score_f1"]), (.bartScore, ["bart_score"])] {
          var alone = ScoreJob(method: method, model: "\(folder)/\(method == .bertScore ? "encoder" : "bart")", data: "\(folder)/answers/DR.csv", runtime: Job.runtime, console: Job.quiet)
          alone.layer = 1
          let other = try #require(try TorchEngine().score(alone).json["files"]?.array?.first)
          for name in names { #expect(abs(try #require(scores[name]?.double) - #require(other["scores"]?[name]?.double)) < 1e-6, "\(name)") }
          #expect(try set(result, "DR")["texts"]?["signatures"]?[method.rawValue]?.string == other["signature"]?.string)
        }
        #expect(result.text.contains("BERTScore") && result.text.contains("BARTScore"))
        #expect(try text("\(folder)/run/report.html").contains(">BARTScore</th>"))
        let samples = try IMHISample.read("\(folder)/run")
        #expect(samples["DR"]?.allSatisfy { $0.scores["bart_score"] != nil && $0.scores["bert_score_f1"] != nil } == true)

        let names = files(below: "\(folder)/run")
        let whole = try names.map { try text("\(folder)/run/\($0)") }
        for method in ["bert-score", "bart-score"] {
          let path = "\(folder)/run/scored/\(method).jsonl"
          let lines = try text(path)
          for kept in [lines.utf8.count / 2, 0] {
            for file in ["samples.jsonl", "scored/DR.json", "scored/Irf.json", "results.json"] { unlink("\(folder)/run/\(file)") }
            try AtomicWrite.file(path, Array(lines.utf8.prefix(kept)))
            _ = try TorchEngine().evaluate(job)
            #expect(try names.map { try text("\(folder)/run/\($0)") } == whole)
          }
        }
        try AtomicWrite.file("\(folder)/encoder/config.json", try text("\(folder)/encoder/config.json") + "\n")
        let error = #expect(throws: InputError.self) { try TorchEngine().evaluate(job) }
        #expect(error?.path == "\(folder)/encoder/config.json")
      }
    }

    /// With idf and rescaling the stage gives what `attune score` gives, though it scores a set in portions, and prints bert_score's hash.
    @Test func bertScoreIsWeighedAndRescaledAsByTheCommand() throws {
      try withTemporaryFolder { folder in
        try AtomicWrite.createFolder("\(folder)/answers")
        let answers = (0..<140).map { row -> Row in
          (row % 3 == 0 ? Self.yes : "No, it does not. Reasoning: post \(row) is calm.", row % 9 == 4 ? "" : "Yes, it does. Reasoning: post number \(row).")
        }
        try write(answers, "\(folder)/answers/DR.csv")
        // A row that nobody answered: its golden counts among the documents all the same.
        let lines = [#"{"goldens": "Yes, it does. Reasoning: a long day.", "generated_text": null}"#, #"{"goldens": "No. Reasoning: a short day.", "generated_text": "No. Reasoning: a day."}"#]
        try AtomicWrite.file("\(folder)/answers/Irf.jsonl", lines.joined(separator: "\n") + "\n")
        try Initialise(job: InitJob(architecture: .bert, output: "\(folder)/encoder")).run()
        try AtomicWrite.file("\(folder)/baseline.tsv", "LAYER,P,R,F\n0,0.1,0.1,0.1\n1,0.25,0.5,0.375\n")
        let settings = ["scores.bert_score=\(folder)/encoder", "scores.bert_score_layer=1"]
        func run(_ name: String, _ more: [String]) throws -> JobResult {
          try TorchEngine().evaluate(try job("\(folder)/answers", "\(folder)/\(name)", settings: settings + more))
        }
        var seen: Set<Double> = []
        for (name, more) in [("plain", []), ("idf", ["scores.bert_score_idf=true"]), ("both", ["scores.bert_score_idf=true", "scores.bert_score_baseline=\(folder)/baseline.tsv"])] {
          let result = try run(name, more)
          for dataset in ["DR", "Irf"] {
            let path = "\(folder)/answers/\(dataset == "DR" ? "DR.csv" : "Irf.jsonl")"
            var alone = ScoreJob(method: .bertScore, model: "\(folder)/encoder", data: path, runtime: Job.runtime, console: Job.quiet)
            (alone.layer, alone.usesIDF, alone.baseline) = (1, name != "plain", name == "both" ? "\(folder)/baseline.tsv" : nil)
            let other = try #require(try TorchEngine().score(alone).json["files"]?.array?.first)
            let texts = try #require(try set(result, dataset)["texts"])
            for figure in ["bert_score_precision", "bert_score_recall", "bert_score_f1"] {
              #expect(abs(try #require(texts["scores"]?[figure]?.double) - #require(other["scores"]?[figure]?.double)) < 1e-6, "\(name) \(dataset) \(figure)")
            }
            let signature = try #require(other["signature"]?.string)
            #expect(texts["signatures"]?["bert-score"]?.string == signature && result.text.contains("bert-score: \(signature)\n"))
            #expect(signature.contains(name == "plain" ? "_no-idf_" : "L1_idf_") && signature.hasSuffix("-custom-rescaled") == (name == "both"))
            if dataset == "DR" { seen.insert(try #require(texts["scores"]?["bert_score_f1"]?.double)) }
          }
        }
        #expect(seen.count == 3)
        try AtomicWrite.file("\(folder)/baseline.tsv", "LAYER,P,R,F\n1,0.25,0.5,0.25\n")
        let error = #expect(throws: InputError.self) { try run("both", ["scores.bert_score_idf=true", "scores.bert_score_baseline=\(folder)/baseline.tsv"]) }
        #expect(error?.path == "\(folder)/baseline.tsv")
      }
    }

    /// Upstream's published examples: what `IMHI.py` writes to results.txt and `label_inference.py` prints, from the reference scores.
    @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA")) func upstreamsExamplesGiveUpstreamsLines() throws {
      try withTemporaryFolder { folder in
        let root = try #require(Fixtures.data) + "/MentalLLaMA"
        let table = try CSVReader.read("\(Fixtures.embedded)/imhi/imhi_example_scores.csv")
        func lines(byRule: Bool) throws -> String {
          try table.rows.filter { ($0[1] == "IMHI.py output rule") == byRule }.map { row in
            let values = Dictionary(uniqueKeysWithValues: zip(table.header, row))
            func percent(_ column: String) throws -> Double { UpstreamRules.percent(try #require(values[column].flatMap(Double.init))) }
            let scores = try "average acc:\(percent("accuracy")), weighted F1 \(percent("weighted_f1")), micro F1 \(percent("micro_f1")), macro F1 \(percent("macro_f1"))"
            return "Dataset: \(row[0]), \(scores)" + (byRule ? ", OOD count: \(values["unmatched_outputs"] ?? "")" : "") + "\n"
          }.joined()
        }
        var examples = try job("\(root)/examples/response_generation_examples", "\(folder)/examples", "data.dataset=expert", "data.folder=\(root)")
        examples.compatibility = .imhi
        let result = try TorchEngine().evaluate(examples)
        #expect(try text("\(folder)/examples/results.txt") == lines(byRule: true))
        #expect(result.json["published"]?.isNull == true && result.text.contains("answers to the experts' 35 posts"))

        var labelled = try job("\(root)/examples/label_data_examples", "\(folder)/labelled")
        labelled.compatibility = .imhi
        #expect(try TorchEngine().evaluate(labelled).text.contains(lines(byRule: false)))
        for name in ["DR", "SAD"] {
          let path = "\(root)/examples/label_data_examples/\(name).csv"
          #expect(try text(path) == String(decoding: GenerationFile.read(path).csv, as: UTF8.self), "\(name).csv as upstream writes it")
        }
      }
    }

    @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA")) func storedAnswersMeetTheExpertsGoldsWhereThereAreAny() throws {
      try withTemporaryFolder { folder in
        let root = try #require(Fixtures.data) + "/MentalLLaMA"
        try AtomicWrite.createFolder("\(folder)/answers")
        for name in ["Irf", "DR", "CAMS"] {
          let golds = try PromptFile.read("\(root)/test_data/test_instruction/\(name).csv").rows.map(\.gold)
          try write(golds.map { gold -> Row in (gold, gold) }, "\(folder)/answers/\(name).csv")
        }
        let result = try TorchEngine().evaluate(try job("\(folder)/answers", "\(folder)/run", "data.dataset=expert", "data.folder=\(root)"))
        // Of these, only posts of Irf's test set were given to experts.
        #expect(result.json["sets"]?.array?.map { $0["name"]?.string } == ["Irf"])
        let irf = try set(result, "Irf")
        #expect(irf["rows"] == 35 && irf["rules"]?["covered"] == 35)
        let samples = try #require(try IMHISample.read("\(folder)/run")["Irf"])
        let expert = try PromptFile.read("\(root)/human_evaluation/test_instruction_expert/Irf.csv").rows.map(\.gold)
        #expect(Set(samples.map(\.digest)) == Set(expert.map { String(contentDigest($0), radix: 16) }))

        try write([(Self.yes, Self.yes)], "\(folder)/answers/Irf.csv")
        let error = #expect(throws: InputError.self) {
          try TorchEngine().evaluate(try job("\(folder)/answers", "\(folder)/short", "data.dataset=expert", "data.folder=\(root)"))
        }
        #expect(error?.problem.contains("has 1 rows; expected those of the experts' file (35)") == true, "\(error?.description ?? "")")
      }
    }
  }
}
