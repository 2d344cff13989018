import Files
import TestSupport
import Testing
import Tokenizers

@testable import Endpoints

@Suite struct StoredModelTests {
  private func stored(_ lines: [String], _ body: (StoredModel) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/answers.jsonl", lines.joined(separator: "\n"))
      try body(try StoredModel("\(folder)/answers.jsonl"))
    }
  }
  private let a = #""messages": [{"role": "user", "content": "a"}]"#

  @Test func answersAreFoundByWhatWasAskedWhateverTheirOrder() throws {
    var exact = question("b")
    exact.temperature = 0.7
    let lines = [
      #"{"prompt": "Once", "text": " upon", "finish": "length"}"#, #"{\#(a), "text": "first"}"#, #"{"key": "\#(exact.key)", "text": "exact"}"#,
      #"{\#(a), "text": "second"}"#, #"{"messages": [{"role": "user", "content": "b"}], "text": "any"}"#, "",
    ]
    for order in [lines, lines.reversed()] {
      try stored(order) { model in
        let replies = try model.replies([exact, ModelRequest(.text("Once"), maximumTokens: 3), question("b"), question("c")])
        #expect([0, 1, 2].map { replies[$0]?.text } == ["exact", " upon", "any"] && replies[3] == .unanswered("no stored answer"))
        #expect(model.name == "answers" && !model.canScore)
      }
    }
    try stored(lines) { model in
      let replies = try model.replies([question("a", repetition: 1), question("a"), question("a", repetition: 2)])
      #expect(replies[0]?.text == "second" && replies[1]?.text == "first" && replies[2]?.text == nil)
    }
  }

  @Test func aRepetitionMayBeNamed() throws {
    try stored([#"{\#(a), "text": "second", "repetition": 1}"#, #"{\#(a), "text": "first", "repetition": 0}"#]) { model in
      let replies = try model.replies([question("a"), question("a", repetition: 1)])
      #expect(replies[0]?.text == "first" && replies[1]?.text == "second")
    }
  }

  @Test func aStoredAnswerIsOneWhateverRunAsks() throws {
    try stored([#"{\#(a), "text": "first"}"#, #"{\#(a), "continuations": ["A"], "scores": [[-0.5]]}"#]) { model in
      var request = question("a")
      request.run = "night-2"
      let replies = try model.replies([request])
      let scores = try model.scores([ScoreRequest(request.content, continuations: ["A"], run: "night-2")])
      #expect(replies[0]?.text == "first" && scores[0] == .scores([[-0.5]]))
    }
  }

  @Test func scoresAreFoundToo() throws {
    try stored([#"{\#(a), "continuations": ["A", "B"], "scores": [[-0.5], [-1, -2]]}"#]) { model in
      let chat = ModelRequest.Content.chat([ChatMessage(.user, "a")])
      let replies = try model.scores([ScoreRequest(chat, continuations: ["A", "B"]), ScoreRequest(chat, continuations: ["B", "A"])])
      #expect(model.canScore && replies == [0: .scores([[-0.5], [-1, -2]]), 1: .unanswered("no stored scores")])
    }
  }

  @Test(arguments: [
    (#"{"text": "a"}"#, "names no request"), (#"{"prompt": "a"}"#, "text is missing"), (#"{"prompt": "a", "text": "b", "finish": "done"}"#, "finish"),
    ("{\"prompt\"", "line 2"), (#"{"prompt": "x", "text": "again", "repetition": 0}"#, "an earlier line"), (#"{"prompt": "a", "continuations": ["A"], "scores": [[1], [2]]}"#, "scores"),
  ])
  func aLineThatIsNoAnswerIsNamed(line: String, words: String) {
    #expect { try stored([#"{"prompt": "x", "text": "y"}"#, line]) { _ in } } throws: { "\($0)".contains("line 2") && "\($0)".contains(words) }
  }
}
