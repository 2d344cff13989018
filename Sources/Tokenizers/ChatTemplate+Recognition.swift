public import Files

extension ChatTemplate {
  /// The template that a model's folder names: `chat_template.jinja`, or `chat_template` of `tokenizer_config.json`.
  /// - Returns: nil when the folder names none.
  /// - Throws: `InputError` for files that cannot be read, and naming the file for a template that is none of these.
  public static func read(_ folder: String) throws(InputError) -> ChatTemplate? {
    let files = try TokenizerFiles(folder: folder)
    if let bytes = files["chat_template.jinja"] { return try recognized(String(decoding: bytes, as: UTF8.self), "\(folder)/chat_template.jinja") }
    let path = "\(folder)/tokenizer_config.json"
    guard let value = try files.json("tokenizer_config.json", folder: folder)?["chat_template"], !value.isNull else { return nil }
    if let source = value.string { return try recognized(source, path) }
    // Several by name: [{"name": "default", "template": "…"}, …].
    for entry in value.array ?? [] where entry["name"]?.string == "default" {
      if let source = entry["template"]?.string { return try recognized(source, path) }
    }
    throw InputError(path, at: "key \"chat_template\"", "found \(value.kind), expected a template, or a list with one named default")
  }

  private static func recognized(_ source: String, _ path: String) throws(InputError) -> ChatTemplate {
    if let template = ChatTemplate(jinja: source) { return template }
    let family = foreignFamilies.first { family in family.marks.contains { source.contains($0) } }?.name
    throw InputError(
      path, at: path.hasSuffix(".json") ? "key \"chat_template\"" : nil,
      family.map { "this is the chat template of \($0), which is none of those known here" } ?? "this chat template is none of those known here",
      advice: "Name the one the model was trained with: \(allCases.map(\.rawValue).joined(separator: ", "))")
  }

  /// Published templates that are not rendered here, by what only they contain; the first that fits.
  private static let foreignFamilies: [(name: String, marks: [String])] = [
    ("Gemma", ["<start_of_turn>"]), ("Mistral with [SYSTEM_PROMPT] (its seventh tokenizer and later)", ["[SYSTEM_PROMPT]"]),
    ("Llama 3.2 with the day's date", ["strftime_now"]), ("Llama 4", ["<|header_start|>"]), ("gpt-oss", ["<|channel|>"]), ("DeepSeek", ["<｜User｜>", "<|User|>"]),
    ("Command R", ["<|START_OF_TURN_TOKEN|>"]), ("Granite", ["<|start_of_role|>"]), ("Qwen 3 or another model that thinks aloud", ["enable_thinking", "<think>"]),
    ("Phi", ["<|end|>", "<|im_sep|>"]), ("ChatGLM", ["[gMASK]"]), ("ChatML with a system message of its own", ["<|im_start|>"]),
  ]

  /// Recognises a published Jinja template by what it writes; nil for one that is none of these, or does more (other default system
  /// messages), so that it would render differently. Branches for tools are not taken, since no conversation here has any.
  public init?(jinja source: String) {
    func has(_ words: String...) -> Bool { words.allSatisfy { source.utf8.firstRange(of: $0.utf8) != nil } }
    func hasAny(_ words: String...) -> Bool { words.contains { has($0) } }
    // The published spellings write a line end as "\n" inside Jinja strings.
    let isPlain = !hasAny("tool", "You are", "documents", "thinking", "reasoning", "image")
    if has("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>") {
      if has("Cutting Knowledge Date: December 2023", "26 Jul 2024"), !has("strftime_now") { self = .llama31 }
      else if isPlain, !has("Cutting Knowledge") { self = .llama3 }
      else { return nil }
    } else if has("<|im_start|>", "<|im_end|>"), let template = Self.defaultedChatML(source) {
      self = template
    } else if has("[INST]", "[/INST]", "loop.last and system_message is defined"), let template = Self.controlledTemplate(source) {
      self = template
    } else if !isPlain {
      return nil
    } else if has("<|im_start|>", "<|im_end|>") {
      self = .chatML
    } else if has("<|user|>", "<|assistant|>", "eos_token"), !hasAny("<|end|>", "<|endoftext|>") {
      self = .zephyr
    } else if has("GPT4 Correct ", "<|end_of_turn|>") {
      self = .openChat
    } else if has("### User:", "### Assistant:") {
      self = .orca
    } else if has("[INST]", "[/INST]") {
      guard let template = Self.instructionTemplate(source) else { return nil }
      self = template
    } else if has("USER: ", "ASSISTANT:", "eos_token"), !has("'\\n'") {
      self = .vicuna
    } else {
      return nil
    }
  }

  /// ChatML with a system message for conversations that have none.
  private static func defaultedChatML(_ source: String) -> ChatTemplate? {
    let code = withoutSpaces(source)
    // Turns are shown as they are, and nothing is asked of a model that thinks.
    guard code.contains("'<|im_start|>'+message"), !source.contains("think"), !source.contains("reasoning") else { return nil }
    for template in [ChatTemplate.chatMLHelpful, .qwen25] {
      guard let system = template.ownSystem, source.contains("<|im_start|>system\\n\(system)<|im_end|>") || source.contains("<|im_start|>system\n\(system)<|im_end|>") else { continue }
      return template
    }
    return nil
  }

  /// Mistral's templates since its third tokenizer, with the spaces of sentencepiece or without.
  private static func controlledTemplate(_ source: String) -> ChatTemplate? {
    let code = withoutSpaces(source)
    guard code.contains("bos_token}}"), !code.contains("[SYSTEM_PROMPT]") else { return nil }
    if code.contains("'[INST] '+message['content']+'[/INST]'"), code.contains("' '+message['content']|trim+eos_token}}") { return .mistralV3 }
    return code.contains("'[INST]'+message['content']+'[/INST]'") && code.contains("{{-message['content']+eos_token}}") ? .mistralTekken : nil
  }

  /// Llama 2's and Mistral's templates differ in small spaces: which, the string concatenations tell.
  private static func instructionTemplate(_ source: String) -> ChatTemplate? {
    let code = withoutSpaces(source)
    if source.contains("<<SYS>>") {
      let isPublished = code.contains("bos_token+'[INST] '+content.strip()+' [/INST]'") || code.contains("bos_token+'[INST] '+content|trim+' [/INST]'")
      return isPublished ? .llama2 : nil
    }
    guard code.contains("'[INST] '+message['content']+' [/INST]'"), code.hasPrefix("{{bos_token}}") else { return nil }
    if code.contains("message['content']+eos_token+' '}}") { return .mistralV1 }
    return code.contains("message['content']+eos_token}}") ? .mistral : nil
  }

  /// The source without white space outside of strings, whose quotes are made single ones.
  private static func withoutSpaces(_ source: String) -> String {
    var quote: Character?
    var result = ""
    for character in source {
      if let open = quote {
        if character == open { quote = nil }
        result.append(character == open ? "'" : character)
      } else if character == "'" || character == "\"" {
        quote = character
        result.append("'")
      } else if !character.isWhitespace {
        result.append(character)
      }
    }
    return result
  }
}
