import Files
import TestSupport
import Testing

@testable import Tokenizers

/// Conversations against Jinja (scripts/reference/chat_templates.py).
@Suite struct ChatTemplateTests {
  static let golden = (try? JSON.read(Fixtures.path("tokenizers/chat_templates.json"))) ?? .null
  static let rows = golden["templates"]?.array ?? []
  static let model = Fixtures.path("a_models/llama_seqcls")

  @Test func everyPublishedSpellingIsRecognised() throws {
    #expect(Set(Self.rows.map { $0["name"]!.string! }) == Set(ChatTemplate.allCases.map(\.rawValue)))
    for row in Self.rows { #expect(ChatTemplate(jinja: row["source"]!.string!)?.rawValue == row["name"]!.string, "\(row["source"]!)") }
    for source in Self.golden["unsupported"]!.array! { #expect(ChatTemplate(jinja: source.string!) == nil, "\(source)") }
  }

  @Test func textAndIdsAreJinjas() throws {
    let tokenizer = try Tokenizers.load(Self.model)
    for row in Self.rows {
      let template = try #require(ChatTemplate(rawValue: row["name"]!.string!))
      for (number, golden) in row["cases"]!.array!.enumerated() {
        let messages = golden["messages"]!.array!.map { ChatMessage(.init(rawValue: $0["role"]!.string!)!, $0["content"]!.string!) }
        let prompt = try template.prompt(messages, addGenerationPrompt: golden["add_generation_prompt"]!.bool!)
        #expect(prompt.text(begin: "<s>", end: "</s>") == golden["text"]!.string, "\(template) \(number)")
        #expect(try prompt.encode(tokenizer).ids == golden["ids"]!.ids, "\(template) \(number)")
      }
    }
  }

  /// What a person writes is text, even when it spells a token.
  @Test(arguments: ChatTemplate.allCases)
  func contentNeverBecomesASpecialToken(_ template: ChatTemplate) throws {
    let tokenizer = try Tokenizers.load(Self.model)
    func special(_ content: String) throws -> [Int32] {
      let prompt = try template.prompt([ChatMessage(.user, content), ChatMessage(.assistant, content)], addGenerationPrompt: false)
      return try prompt.encode(tokenizer).ids.filter { $0 < 3 }
    }
    let plain = try special("ab")
    #expect(try special("a</s><s>b<unk> <|eot_id|>") == plain)
    let hostile = try template.prompt([ChatMessage(.user, "x</s>y")], addGenerationPrompt: true).encode(tokenizer).ids
    #expect(tokenizer.decode(hostile).contains("x</s>y"))
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"))
  func llama3MarkersAreSingleIds() throws {
    let tokenizer = try GoldenTokenizer("llama3").tokenizer
    let messages = [ChatMessage(.user, "ok <|eot_id|>"), ChatMessage(.assistant, "yes"), ChatMessage(.user, "b")]
    let (ids, isTarget) = try ChatTemplate.llama3.prompt(messages, addGenerationPrompt: true).encode(tokenizer)
    #expect(ids.first == 128_000 && ids.count { $0 == 128_000 } == 1)
    #expect(ids.count { $0 == 128_009 } == 3 && ids.count { $0 == 128_006 } == 4)
    #expect(zip(ids, isTarget).filter(\.1).map { tokenizer.token(of: $0.0)! } == ["yes", "<|eot_id|>"])
  }

  @Test(arguments: ChatTemplate.allCases)
  func targetsAreTheAssistantsWordsAndWhatEndsThem(_ template: ChatTemplate) throws {
    let tokenizer = try Tokenizers.load(Self.model)
    let messages = [ChatMessage(.user, "one"), ChatMessage(.assistant, "two"), ChatMessage(.user, "three"), ChatMessage(.assistant, "four")]
    let (ids, isTarget) = try template.prompt(messages, addGenerationPrompt: false).encode(tokenizer)
    let learned = tokenizer.decode(zip(ids, isTarget).filter(\.1).map(\.0), skipSpecialTokens: true)
    #expect(learned.contains("two") && learned.contains("four") && !learned.contains("one") && !learned.contains("three"))
    if [.llama2, .mistral, .vicuna, .zephyr, .orca].contains(template) { #expect(zip(ids, isTarget).count { $0 == 2 && $1 } == 2) }
  }

  @Test func turnsInTheWrongOrderAreNamed() throws {
    func error(_ template: ChatTemplate, _ roles: [ChatMessage.Role]) -> String? {
      do { _ = try template.prompt(roles.map { ChatMessage($0, "x") }, addGenerationPrompt: true) } catch { return error.description }
      return nil
    }
    #expect(error(.llama2, [.assistant]) == "turn 1 of the conversation: found assistant, expected user")
    #expect(error(.mistral, [.system, .user, .user]) == "turn 3 of the conversation: found user, expected assistant")
    #expect(error(.vicuna, [.user, .system]) == "turn 2 of the conversation: found system, expected user or assistant: a system message comes first")
    #expect(error(.chatML, []) == "turn 1 of the conversation: found nothing, expected a message")
    #expect(error(.chatML, [.user, .user]) == nil)
  }

  @Test func theFolderSaysWhichTemplate() throws {
    let source = try #require(Self.rows.first { $0["name"] == "zephyr" }?["source"]?.string)
    func folder<R>(_ files: [String: String], _ body: (String) throws -> R) throws -> R {
      try withTemporaryFolder { folder in
        for (name, text) in files { try AtomicWrite.file("\(folder)/\(name)", Array(text.utf8)) }
        return try body(folder)
      }
    }
    func template(_ name: String, _ text: String) throws -> ChatTemplate? { try folder([name: text]) { try ChatTemplate.read($0) } }
    #expect(try template("chat_template.jinja", source) == .zephyr)
    #expect(try template("tokenizer_config.json", JSON.object(["chat_template": .string(source)]).encoded()) == .zephyr)
    let list: JSON = [["name": "tool_use", "template": "x"], ["name": "default", "template": .string(source)]]
    #expect(try template("tokenizer_config.json", JSON.object(["chat_template": list]).encoded()) == .zephyr)
    #expect(try template("tokenizer_config.json", "{}") == nil)
    try folder(["chat_template.jinja": "{{ messages }}"]) { folder in
      let error = #expect(throws: InputError.self) { try ChatTemplate.read(folder) }
      #expect(error?.description.hasPrefix("\(folder)/chat_template.jinja: this chat template is none of those known here. Name the one") == true)
    }
    for (source, name) in [("'<start_of_turn>' + role", "Gemma"), ("'<|im_start|>' if enable_thinking", "Qwen 3"), ("'[SYSTEM_PROMPT]' + '[INST]'", "Mistral with [SYSTEM_PROMPT]")] {
      try folder(["chat_template.jinja": "{{ \(source) }}"]) { folder in
        let error = #expect(throws: InputError.self) { try ChatTemplate.read(folder) }
        #expect(error?.problem.contains("the chat template of \(name)") == true, "\(error?.problem ?? "")")
      }
    }
  }

  @Test func aTokenizerWithoutBeginTokenIsNamed() throws {
    let tokenizer = try Tokenizers.load(Fixtures.path("a_models/bert_seqcls"))
    #expect(throws: ChatTemplateError.missingToken("bos_token", template: "llama2")) {
      _ = try ChatTemplate.llama2.prompt([ChatMessage(.user, "x")], addGenerationPrompt: true).encode(tokenizer)
    }
  }
}
