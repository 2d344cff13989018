import Configuration
import Datasets
import Endpoints
import Evaluation
import Files
import Glibc
import Metrics
import TestSupport
import Testing
import Tokenizers

@testable import Recipes

extension RecipesTests {
  /// `attune eval stigma` against a model in the test: what is asked, kept, asked again, refused.
  @Suite struct EvaluateStigmaTests {
    static let upstream = "\(Fixtures.data ?? "")/llms-as-therapists"

    private func job(_ folder: String, data: String = Fixtures.repository, _ change: (inout StigmaJob) -> Void = { _ in }) -> StigmaJob {
      var job = StigmaJob(run: SuiteRun(model: SuiteModel(.stored("none")), output: "\(folder)/out"))
      (job.run.data, job.run.run, job.run.console.detail) = (data, "2025-01-18", .quiet)
      change(&job)
      return job
    }

    private func run(_ job: StigmaJob, _ model: ScriptedModel) throws -> JobResult {
      let evaluation = EvaluateStigma(job: job)
      return try evaluation.run(try StigmaSurvey(job), model)
    }

    private func rows(_ path: String) throws -> [JSONObject] { try JSONLines.read(path).map(\.object) }

    /// The published answers given again make the published files, byte for byte.
    @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA"), arguments: [
      ("gpt-4o-2024-08-06", false), ("gpt-4o-2024-08-06", true), ("meta-llama/Llama-2-7b-chat-hf", true), ("meta-llama/Llama-3.1-8B-Instruct", true),
    ])
    func publishedAnswersMakePublishedFiles(_ name: String, _ steelMan: Bool) throws {
      let folder = "model=\(name.replacing("/", with: "__"))&steel-man-prompt=\(steelMan ? "True" : "False")"
      let published = "\(Self.upstream)/results/stigma/\(folder)"
      let file = try #require(FileSystem.entries(published).last)
      var answers: [String: String] = [:]
      for row in try rows("\(published)/\(file)") { answers[try #require(row["prompt"]?.string)] = try #require(row["output"]?.string) }
      let model = ScriptedModel(name)
      model.isReversed = true
      model.answering = { text in answers[String(text[text.firstRange(of: "Vignette:\n")!.lowerBound...])] }
      try withTemporaryFolder { base in
        let result = try run(job(base, data: Self.upstream) { job in if steelMan { job.systemPrompt = "steel-man" } }, model)
        #expect(result.json["status"] == "done" && model.asked.count == 1008)
        #expect(try FileSystem.text("\(base)/out/\(folder)/2025-01-18.jsonl") == FileSystem.text("\(published)/\(file)"))
        let request = try #require(model.asked.last)
        guard case .chat(let messages) = request.content else {
          Issue.record("asked as text")
          return
        }
        let stimuli = try JSON.read("\(Self.upstream)/stimuli.json")
        let summarize = try #require(stimuli["stigma"]?["summarize"]?.string)
        let system = steelMan ? "\(stimuli["system_prompts"]?["steel_man"]?.string ?? "")\n\(summarize)" : summarize
        #expect(messages.map(\.content).dropLast() == [system, "Is this a question?\n- (A) Yes\n - (B) No", "A"])
        #expect(messages.map(\.role) == [.system, .user, .assistant, .user])
        #expect(request.temperature == 0 && request.maximumTokens == 10)
        try expectTheNumbersOfTheStudy(result, "\(base)/out")
      }
    }

    /// What the run says at its end is what `analyze stigma` says of its file.
    private func expectTheNumbersOfTheStudy(_ result: JobResult, _ results: String) throws {
      let study = try StigmaStudy(StigmaRun.readAll(results), bootstrap: ClusterBootstrap(resamples: 20))
      let overall = try #require(study.output(facts: []).json(folder: nil)["tables"]?["overall"]?.array)
      let said = try #require(result.json["stigma"]?.array)
      #expect(result.json["arithmetic"] == "corrected" && said.count == overall.count)
      for (mean, row) in zip(said, overall) {
        for column in ["condition", "estimate", "n_used", "n_total"] { #expect(mean[column] == row[column], "\(column)") }
      }
    }

    /// Rows that are open in one question must not make the others weigh more: of three scored questions one is answered with stigma, where it is answered.
    @Test func whatIsSaidAtTheEndIsWhatTheAnalysisSays() throws {
      try withTemporaryFolder { folder in
        let model = ScriptedModel()
        model.answering = { $0.contains("choir") ? ($0.contains("Luis") ? "E" : "A") : $0.contains("garden") ? "D" : "B" }
        let result = try run(job(folder), model)
        try expectTheNumbersOfTheStudy(result, "\(folder)/out")
        let said = try #require(result.json["stigma"]?.array)
        #expect(said.allSatisfy { $0["estimate"]?.double == 1.0 / 3 } && said.contains { $0["n_used"] != $0["n_total"] })
        #expect(result.text.contains("each scored question weighing the same (arithmetic: corrected)"))
      }
    }

    @Test func aKilledRunAsksOnlyWhatIsMissingAndEndsWithTheSameFile() throws {
      try withTemporaryFolder { folder in
        let rule: (String) -> String? = { $0.contains("choir") ? "(B): because" : $0.contains("garden") ? "E" : "perhaps" }
        let whole = ScriptedModel()
        whole.answering = rule
        let done = try run(job("\(folder)/whole"), whole)
        #expect(done.json["answered"] == 16 && done.json["do_not_know"] == 16 && done.json["unparsed"] == 32 && done.json["unanswered"] == 0)
        let path = "out/model=scripted&steel-man-prompt=False/2025-01-18"
        let broken = ScriptedModel()
        (broken.answering, broken.isReversed) = (rule, true)
        for lives in [0, 1, 7, 40] {
          broken.livesFor = lives
          #expect(throws: ScriptedModel.Killed.self) { try run(job(folder), broken) }
          #expect(try rows("\(folder)/\(path).jsonl").count == lives)
          // The kill may tear a line.
          let text = try FileSystem.text("\(folder)/\(path).jsonl")
          try AtomicWrite.file("\(folder)/\(path).jsonl", text + "{\"education\":\"a sch")
        }
        broken.livesFor = .max
        #expect(try run(job(folder), broken).json["status"] == "done")
        #expect(broken.asked.count == 64 && Set(broken.asked).count == 64)
        #expect(try FileSystem.text("\(folder)/\(path).jsonl") == FileSystem.text("\(folder)/whole/\(path).jsonl"))
        #expect(try FileSystem.text("\(folder)/\(path).manifest.json") == FileSystem.text("\(folder)/whole/\(path).manifest.json"))
        #expect(try run(job(folder), broken).json["status"] == "done" && broken.asked.count == 64)
      }
    }

    @Test func aRequestWithoutAnswerIsNoAnswerAndIsAskedAgain() throws {
      try withTemporaryFolder { folder in
        let model = ScriptedModel()
        model.answering = { $0.contains("garden") ? nil : "D" }
        let first = try run(job(folder), model)
        #expect(first.status == .incomplete && first.json["unanswered"] == 16 && first.json["answered"] == 48 && first.json["unparsed"] == 0)
        let path = "\(folder)/out/model=scripted&steel-man-prompt=False/2025-01-18"
        let empty = try rows("\(path).jsonl").filter { $0["output"] == .null }
        #expect(empty.count == 16 && empty.allSatisfy { $0["answer"] == .null && $0["code"] == .null })
        let unanswered = try JSON.read("\(path).unanswered.json")
        #expect(unanswered["count"] == 16 && unanswered["requests"]?.array?.allSatisfy { $0["reason"] == "status 500" } == true)
        model.answering = { _ in "A" }
        let second = try run(job(folder), model)
        #expect(second.status == .done && model.asked.count == 64 + 16 && !FileSystem.exists("\(path).unanswered.json"))
        #expect(try rows("\(path).jsonl").count == 64)
        #expect(try rows("\(path).jsonl").filter { $0["output"] == "A" }.count == 16)
      }
    }

    @Test func aLimitAsksTheFirstAndALaterRunTheRest() throws {
      try withTemporaryFolder { folder in
        let model = ScriptedModel()
        let first = try run(job(folder) { $0.run.limit = 5 }, model)
        #expect(first.json["not_asked"] == 59 && model.asked.count == 5)
        let second = try run(job(folder), model)
        #expect(second.json["answered"] == 64 && model.asked.count == 64)
      }
    }

    @Test func anotherModelOrPromptIsNotMixedIn() throws {
      try withTemporaryFolder { folder in
        let model = ScriptedModel()
        _ = try run(job(folder) { $0.run.limit = 2 }, model)
        let other = ScriptedModel("other")
        #expect { try run(job(folder) { $0.run.model.name = "scripted" }, other) } throws: { "\($0)".contains("was begun with another model") }
        _ = try run(job(folder) { ($0.run.model.name, $0.run.overwrite, $0.run.limit) = ("scripted", true, 2) }, other)
        #expect(other.asked.count == 2)
        // Another system prompt is another run folder.
        _ = try run(job(folder) { ($0.systemPrompt, $0.run.limit) = ("coach", 1) }, model)
        #expect(FileSystem.entries("\(folder)/out") == ["model=scripted&steel-man-prompt=False", "model=scripted&steel-man-prompt=False&system-prompt=coach"])
      }
    }

    @Test(arguments: [
      ("Elena", "Helena", "line 13: answers a prompt that is none of this survey's"),
      ("\"answer\":\"Not at all likely\"", "\"answer\":\"Never\"", "line 1, \"answer\": is none of the row's options"),
      ("\"code\":false", "\"code\":true", "line 1, \"code\": does not follow from the answer"),
      ("\"options\":[", "\"options\":[1,", "line 1, \"options\""), ("\"question_only\"", "\"question_alone\"", "line 1, \"question_only\": is missing"),
    ])
    func aRowOfSomethingElseIsNamedWithoutItsText(_ part: String, _ replacement: String, _ words: String) throws {
      try withTemporaryFolder { folder in
        _ = try run(job(folder), ScriptedModel())
        let path = "\(folder)/out/model=scripted&steel-man-prompt=False/2025-01-18.jsonl"
        try AtomicWrite.file(path, FileSystem.text(path).replacing(part, with: replacement))
        #expect { try run(job(folder), ScriptedModel()) } throws: {
          let text = "\(($0 as? InputError)?.description ?? "")"
          return text.contains(words) && text.contains(path) && !text.contains("meals go untouched")
        }
      }
    }

    @Test func aRowThatOccursTwiceIsNamed() throws {
      try withTemporaryFolder { folder in
        _ = try run(job(folder), ScriptedModel())
        let path = "\(folder)/out/model=scripted&steel-man-prompt=False/2025-01-18.jsonl"
        let text = try FileSystem.text(path)
        try AtomicWrite.file(path, text + text.prefix { $0 != "\n" } + "\n")
        #expect { try run(job(folder), ScriptedModel()) } throws: { "\($0)".contains("line 65: answers a prompt a second time") }
      }
    }

    /// The likelihood of C is raised everywhere by e², of D about vignettes by e: calibration must find D. By hand: the content-free
    /// probabilities of one question are those of (0, 0, 2, 0, 0), the row's of (0, 0, 2, 1, 0), so q ∝ (1, 1, 1, e, 1).
    @Test func likelihoodsAreCalibratedByTheSameQuestionAboutNothing() throws {
      try withTemporaryFolder { folder in
        let model = ScriptedModel()
        model.scoring = { text, letter in
          let isEmpty = OptionCalibration.contentFree.contains { text.contains("Vignette:\n\($0)\n\nHow") }
          return letter == "C" ? [-5, 1] : letter == "D" && !isEmpty ? [-5] : [-4, -2]
        }
        let likelihood = job(folder) { $0.method = .likelihood }
        model.livesFor = 30
        #expect(throws: ScriptedModel.Killed.self) { try run(likelihood, model) }
        model.livesFor = .max
        let result = try run(likelihood, model)
        #expect(result.json["unparsed"] == 0 && result.json["answered"] == 64)
        // Four questions about three texts, then the prompts; each once.
        #expect(model.scored.count == 12 + 64 && Set(model.scored).count == 76 && model.scored.allSatisfy { $0.continuations == ["A", "B", "C", "D", "E"] })
        let path = "\(folder)/out/by=likelihood&model=scripted&steel-man-prompt=False/2025-01-18.jsonl"
        for row in try rows(path) {
          #expect(row["output"] == "D" && row["code"] == true)
          #expect(row["log_likelihoods"] == ["A": .number(-6), "B": .number(-6), "C": .number(-4), "D": .number(-5), "E": .number(-6)])
          let probabilities = try #require(row["probabilities"]?.object)
          #expect(probabilities.keys == ["A", "B", "C", "D", "E"])
          expectClose(probabilities.values.compactMap(\.double), [1, 1, 1, exp(1.0), 1].map { $0 / (4 + exp(1.0)) })
        }
        #expect(try StigmaRun.readAll("\(folder)/out").count == 1)
      }
    }

    @Test func aModelWithoutLogProbabilitiesIsRefusedForThem() throws {
      try withTemporaryFolder { folder in
        let model = ScriptedModel()
        model.canScore = false
        #expect { try run(job(folder) { $0.method = .likelihood }, model) } throws: { "\($0)".contains("scripted gives no log probabilities") }
        #expect(!FileSystem.exists("\(folder)/out"))
      }
    }

    @Test func aDryRunCountsAndTouchesNothing() throws {
      try withTemporaryFolder { folder in
        let dry = job(folder) { ($0.run.dryRun, $0.run.model.name) = (true, "scripted") }
        let before = try EvaluateStigma(job: dry).run()
        #expect(before.json["requests"] == 64 && before.json["answer_tokens_at_most"] == 640 && !FileSystem.exists("\(folder)/out"))
        _ = try run(job(folder) { $0.run.limit = 24 }, ScriptedModel())
        let after = try EvaluateStigma(job: dry).run()
        #expect(after.json["requests"] == 40 && after.json["answered_before"] == 24)
        #expect((after.json["prompt_tokens"]?.int ?? 0) < (before.json["prompt_tokens"]?.int ?? 0))
      }
    }
  }
}
