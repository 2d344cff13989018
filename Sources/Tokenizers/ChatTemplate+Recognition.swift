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
    throw InputError(
      path, at: path.hasSuffix(".json") ? "key \"chat_template\"" : nil, "this chat template is none of those known here",
      advice: "Name the one the model was trained with: \(allCases.map(\.rawValue).joined(separator: ", "))")
  }

  /// Recognises a published Jinja template by what it writes; nil for one that is none of these, or does more (tools, default
  /// system messages), so that it would render differently.
  public init?(jinja source: String) {
    func has(_ words: String...) -> Bool { words.allSatisfy { source.utf8.firstRange(of: $0.utf8) != nil } }
    func hasAny(_ words: String...) -> Bool { words.contains { has($0) } }
    // The published spellings write a line end as "\n" inside Jinja strings.
    let isPlain = !hasAny("tool", "You are", "documents", "thinking", "reasoning", "image")
    if has("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>") {
      if has("Cutting Knowledge Date: December 2023", "26 Jul 2024"), !has("strftime_now") { self = .llama31 }
      else if isPlain, !has("Cutting Knowledge") { self = .llama3 }
      else { return nil }
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
