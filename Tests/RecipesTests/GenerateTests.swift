import Datasets
import Files
import TestSupport
import Testing

@testable import Configuration
@testable import Recipes

extension RecipesTests {
  @Suite struct AnswerJournalTests {
    private let prompts = ["a/test/1#1", "a/test/2#2", "a/test/3#3"]

    private func answer(_ row: Int, _ text: String) -> AnswerJournal.Answer {
      .init(row: row, prompt: prompts[row - 1], text: text, tokens: text.count, finish: "end")
    }

    @Test func aTornLineIsCutOffAndTheRestKept() throws {
      try withTemporaryFolder { folder in
        let path = "\(folder)/a.jsonl"
        let journal = try AnswerJournal(path, prompts: prompts)
        try journal.append(answer(2, "Zweite \"Antwort\"\nüber zwei Zeilen 世界"))
        try journal.append(answer(1, ""))
        let whole = try FileSystem.text(path)
        for length in 0..<whole.utf8.count {
          try AtomicWrite.file(path, whole.utf8.prefix(length))
          let again = try AnswerJournal(path, prompts: prompts)
          let lines = whole.utf8.prefix(length).count { $0 == UInt8(ascii: "\n") }
          #expect(again.answers.count == lines)
          try again.append(answer(3, "dritte"))
          #expect(try AnswerJournal(path, prompts: prompts).answers.count == lines + 1, "cut at \(length)")
        }
      }
    }

    @Test func answersToOtherPromptsAreRefused() throws {
      try withTemporaryFolder { folder in
        let path = "\(folder)/a.jsonl"
        try AnswerJournal(path, prompts: prompts).append(answer(2, "x"))
        func problem(_ prompts: [String]) -> String? {
          do throws(InputError) { _ = try AnswerJournal(path, prompts: prompts) } catch { return error.problem }
          return nil
        }
        #expect(problem(prompts) == nil)
        #expect(problem(["a/test/1#1"])?.contains("row 2 of another set") == true)
        #expect(problem(["a/test/1#1", "a/test/2#9"])?.contains("row 2 of another set") == true)
        try AtomicWrite.file(path, try FileSystem.text(path) + FileSystem.text(path))
        #expect(problem(prompts)?.contains("a second time") == true)
        try AtomicWrite.file(path, "{\"row\": 1}\n")
        #expect(problem(prompts)?.contains("not an answer") == true)
      }
    }
  }

  @Suite struct GenerateScoresTests {
    @Test func unreadableAnswersCountAsWrongAndAsUncovered() throws {
      let file = GenerationFile(
        dataset: "DR", goldens: ["Yes, x. Reasoning: a", "No, x. Reasoning: a", "No, x. Reasoning: b", "Yes, x. Reasoning: c"],
        generated: ["Yes, it does. Reasoning: b", "Perhaps", "No. Reasoning: c", "No, not at all"])
      let scores = try #require(try GenerateScores(file, path: "DR.csv", compatibility: .corrected))
      #expect(scores.rows == 4 && scores.covered == 3 && scores.unreadGolds == 0)
      #expect(scores.accuracy == 0.5)
      // yes: precision 1, recall 1/2; no: precision 1/2, recall 1/2.
      expectClose([scores.weightedF1, scores.macroF1], [(2.0 / 3 + 0.5) / 2, (2.0 / 3 + 0.5) / 2])
      #expect(scores.text.contains("75.0 % of the answers"))
      // Upstream reads the unreadable as its default, no.
      let upstream = try #require(try GenerateScores(file, path: "DR.csv", compatibility: .imhi))
      #expect(upstream.accuracy == 0.75)
      #expect(upstream.text.hasPrefix("Dataset: DR, average acc:75.0, weighted F1 ") && upstream.text.hasSuffix(", OOD count: 1"))
    }

    @Test func setsWithoutRulesHaveNoScores() throws {
      let file = GenerationFile(dataset: "prompts", goldens: ["a", "b"], generated: ["a", "b"])
      #expect(try GenerateScores(file, path: "prompts.csv", compatibility: .corrected) == nil)
    }
  }

  @Suite struct GenerateDataTests {
    @Test func filesOfPromptsAreReadWithTheirGolds() throws {
      try withTemporaryFolder { folder in
        func rows(_ name: String, _ text: String) throws -> [String] {
          try AtomicWrite.file("\(folder)/\(name)", text)
          var settings = GenerateSettings.Data()
          settings.dataset = "\(folder)/\(name)"
          let data = try GenerateData(settings)
          #expect(data.sets.map(\.name) == [String(name.prefix { $0 != "." })])
          return data.sets[0].rows.map { "\($0.prompt.prompt)|\($0.gold)" }
        }
        let upstream = try rows("a.csv", "query,gpt-3.5-turbo\n\"x, y\",g\nz,\n")
        #expect(upstream == ["x, y|g", "z|"])
        #expect(try rows("b.csv", "prompt\nx\n") == ["x|"])
        #expect(try rows("c.jsonl", "{\"prompt\": \"x\", \"completion\": \"g\"}\n") == ["x|g"])
        let chat = "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}\n{\"messages\": [{\"role\": \"user\", \"content\": \"y\"}, {\"role\": \"assistant\", \"content\": \"g\"}]}\n"
        #expect(try rows("d.jsonl", chat) == ["x|", "y|g"])
        #expect(throws: InputError.self) { _ = try rows("e.csv", "post,label\nx,1\n") }
        #expect(throws: InputError.self) { _ = try rows("f.csv", "query\n") }
      }
    }

    @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA"), arguments: [("imhi", 8, 7_000), ("imhi-completion", 8, 7_000), ("expert", 5, 175)])
    func upstreamsTestSetsAreFound(_ name: String, _ sets: Int, _ rows: Int) throws {
      var settings = GenerateSettings.Data()
      (settings.dataset, settings.folder) = (name, "\(Fixtures.data!)/MentalLLaMA")
      let data = try GenerateData(settings)
      #expect(data.sets.count == sets)
      #expect(data.sets.reduce(0) { $0 + $1.rows.count } >= rows)
      #expect(data.sets.allSatisfy { $0.rows.allSatisfy { !$0.gold.isEmpty } })
    }
  }
}
