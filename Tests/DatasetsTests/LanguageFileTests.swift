import Datasets
import Files
import TestSupport
import Testing

/// Rows to train language models on, from every format and layout.
@Suite struct LanguageFileTests {
  private func withFiles<R>(_ files: [(String, String)], _ body: (String) throws -> R) throws -> R {
    return try withTemporaryFolder { folder in
      for (name, text) in files {
        if let slash = name.lastIndex(of: "/") { try AtomicWrite.createFolder("\(folder)/\(name[..<slash])") }
        try AtomicWrite.file("\(folder)/\(name)", text)
      }
      return try body(folder)
    }
  }

  /// A file's text, its name, and the content of its first row.
  static let formats: [(name: String, text: String, format: LanguageFormat, first: LanguageRow.Content)] = [
    ("a.csv", "query,gpt-3.5-turbo\n\"Consider this post: \"\"x, y\"\" Question: Q?\",Yes. Reasoning: z\n", .instruction,
      .pair(prompt: "Consider this post: \"x, y\" Question: Q?", completion: "Yes. Reasoning: z")),
    ("a.csv", ",post,question,response\n0,Post: x, Question: It is ,yes\n", .completion, .pair(prompt: "Post: x Question: It is ", completion: "yes")),
    ("a.csv", "query,response\nq,r\n", .queryResponse, .pair(prompt: "q", completion: "r")),
    ("a.csv", "prompt,completion\nq,r\n", .promptCompletion, .pair(prompt: "q", completion: "r")),
    ("a.csv", "text\nhello\n", .text, .text("hello")),
    ("a.jsonl", #"{"prompt": "q", "completion": " r", "extra": 3}"#, .promptCompletion, .pair(prompt: "q", completion: " r")),
    ("a.jsonl", #"{"text": "hello\nthere"}"#, .text, .text("hello\nthere")),
    ("a.jsonl", #"{"instruction": "i", "input": "", "output": "o"}"#, .alpaca, .pair(prompt: "i", completion: "o")),
    ("a.jsonl", #"{"instruction": "i", "input": "more", "output": "o"}"#, .alpaca, .pair(prompt: "i\nmore", completion: "o")),
    ("a.jsonl", #"{"instruction": "i", "output": "o"}"#, .alpaca, .pair(prompt: "i", completion: "o")),
    ("a.ndjson", #"{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]}"#,
      .messages, .messages([.init(.system, "s"), .init(.user, "u"), .init(.assistant, "a")])),
  ]

  @Test(arguments: formats.indices)
  func everyFormatIsReadByItsColumns(_ index: Int) throws {
    let test = Self.formats[index]
    try withFiles([(test.name, test.text)]) { folder in
      let file = try LanguageFile.read("\(folder)/\(test.name)")
      #expect(file.format == test.format && file.rows.count == 1)
      #expect(file.rows[0].content == test.first)
      #expect(file.rows[0].id.dataset == "a" && file.rows[0].id.row == 1)
    }
  }

  /// Text of a file, and what its error says.
  static let wrong: [(name: String, text: String, says: [String])] = [
    ("a.csv", "question,answer\n1,2\n", ["line 1", "'question', 'answer'", "prompt, completion", "messages"]),
    ("a.csv", "messages\n[]\n", ["line 1", "expected one of these sets"]),
    ("a.csv", "prompt,completion\n", ["no rows"]),
    ("a.txt", "x", ["expected .csv or .jsonl"]),
    ("a.jsonl", "", ["no rows"]),
    ("a.jsonl", "{\"prompt\": \"q\", \"completion\": \"r\"}\n\n{\"prompt\": \"q\"}\n", ["line 3, row 2", "no key 'completion'"]),
    ("a.jsonl", #"{"prompt": "q", "completion": 3}"#, ["line 1, row 1", "'completion' is an integer", "expected text"]),
    ("a.jsonl", #"{"messages": "u"}"#, ["row 1", "'messages' is"]),
    ("a.jsonl", #"{"messages": [{"role": "user", "content": "u"}]}"#, ["no message is the assistant's"]),
    ("a.jsonl", #"{"messages": [{"role": "bot", "content": "u"}]}"#, ["message 1 has the role 'bot'", "system, user, assistant"]),
    ("a.jsonl", #"{"messages": [{"role": "user"}, {"role": "assistant", "content": "a"}]}"#, ["content of message 1 is missing"]),
    ("a.jsonl", #"{"messages": [{"role": "user", "content": "u"}, {"role": "system", "content": "s"}]}"#, ["message 2 is the system's"]),
  ]

  @Test(arguments: wrong.indices)
  func errorsNameFileAndRow(_ index: Int) throws {
    let test = Self.wrong[index]
    try withFiles([(test.name, test.text)]) { folder in
      let path = "\(folder)/\(test.name)"
      let error = try #require(throws: InputError.self) { try LanguageFile.read(path) }
      #expect(error.path == path)
      for words in test.says { #expect(error.description.contains(words), "\(error)") }
    }
  }

  @Test func foldersAreSetsAndFilesAreTrainingRows() throws {
    let rows = { (n: Int, tag: String) in "prompt,completion\n" + (0..<n).map { "\(tag)\($0),c\($0)\n" }.joined() }
    try withFiles([
      ("sets/A/train.csv", rows(20, "a")), ("sets/A/val.csv", rows(4, "v")), ("sets/B/train.csv", rows(40, "b")), ("sets/C/val.jsonl", #"{"text": "t"}"#),
      ("alone.csv", rows(10, "x")), ("watch.csv", rows(3, "w")), ("empty/readme.md", "x"),
    ]) { folder in
      let corpus = try LanguageCorpus.load(["\(folder)/sets", "\(folder)/alone.csv"], holdOut: 0.1)
      // A: 20 + 4. B: 36 + 4 held out. C: its one validation row is trained on. alone: 9 + 1.
      #expect(corpus.train.count == 20 + 36 + 1 + 9 && corpus.validation.count == 4 + 4 + 1)
      #expect(Set(corpus.train.map(\.prompt)).isDisjoint(with: corpus.validation.map(\.prompt)))
      #expect(corpus.files.count == 5 && corpus.notes.count == 3)
      #expect(Set(corpus.train.map(\.id.dataset)) == ["A", "B", "C", "alone"])

      let watched = try LanguageCorpus.load(["\(folder)/sets/A"], validation: ["\(folder)/watch.csv"])
      #expect(watched.train.count == 20 && watched.validation.map(\.prompt) == ["w0", "w1", "w2"] && watched.notes.isEmpty)
      #expect(try LanguageCorpus.load(["\(folder)/alone.csv"], holdOut: 0).validation.isEmpty)
      for path in ["\(folder)/none", "\(folder)/empty"] {
        let error = try #require(throws: InputError.self) { try LanguageCorpus.load([path]) }
        #expect(error.path == path)
      }
    }
  }

  @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA"))
  func imhiIsReadInBothFormsAsItIsPublished() throws {
    let root = "\(Fixtures.data!)/MentalLLaMA"
    let instruction = try LanguageCorpus.load([root], form: .instruction, holdOut: 0)
    let completion = try LanguageCorpus.load([root], form: .completion, holdOut: 0)
    #expect(Set(instruction.train.map(\.id.dataset)) == ["DR", "Irf", "MultiWD", "SAD", "dreaddit"])
    #expect(Set(completion.train.map(\.id.dataset)) == ["DR", "Irf", "MultiWD", "SAD", "dreaddit"])
    #expect(instruction.train.count == completion.train.count && instruction.train.count > 9000)
    #expect(instruction.train.allSatisfy { $0.prompt.hasPrefix("Consider this post: \"") && !$0.completion.isEmpty })
    // Post and question end to end read as the test files' queries do.
    let query = try LanguageFile.read("\(root)/test_data/test_complete/DR.csv").rows[0].prompt
    let ending = String(query.suffix(60))
    #expect(completion.train.first { $0.id.dataset == "DR" }?.prompt.hasSuffix(ending) == true)
    #expect(completion.train.allSatisfy { $0.prompt.hasPrefix("Post: ") })
  }
}
