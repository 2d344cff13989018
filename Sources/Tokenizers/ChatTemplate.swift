/// How a chat model was shown conversations in training. Source of each: the model's published `chat_template`, or for those
/// older than that the code of the project that trained it.
public enum ChatTemplate: String, Sendable, Hashable, CaseIterable {
  /// `<s>[INST] <<SYS>>\n…\n<</SYS>>\n\n… [/INST] … </s>`. As published, every turn of the user begins with `<s>`.
  case llama2
  /// `<|start_header_id|>user<|end_header_id|>\n\n…<|eot_id|>`
  case llama3
  /// Llama 3 with two dates before the system message.
  case llama31 = "llama3.1"
  /// `… USER: … ASSISTANT: …</s>` (FastChat, Vicuna 1.1)
  case vicuna
  /// `<|im_start|>user\n…<|im_end|>\n`
  case chatML = "chatml"
  /// ChatML that says "You are a helpful assistant." where a conversation has no system message (Qwen 1.5 and 2, and models after them).
  case chatMLHelpful = "chatml-helpful"
  /// The same with the system message of Qwen 2.5.
  case qwen25 = "qwen2.5"
  /// `<s>[INST] … [/INST]…</s>`
  case mistral
  /// The same with a space after `</s>` (Mistral 7B Instruct v0.1).
  case mistralV1 = "mistral-v0.1"
  /// `<s>[INST] …[/INST] …</s>`, a system message before the last question (Mistral's third tokenizer: 7B v0.3, Small and Large of 2024).
  case mistralV3 = "mistral-v3"
  /// The same without the spaces (Mistral Nemo and other models with the tokenizer Tekken).
  case mistralTekken = "mistral-tekken"
  /// `<|user|>\n…</s>\n`
  case zephyr
  /// `GPT4 Correct User: …<|end_of_turn|>` (OpenChat 3.5, Starling)
  case openChat = "openchat"
  /// `### User:\n…\n\n### Assistant:\n` (Orca Mini, Stable Beluga)
  case orca

  /// Vicuna's system message where a conversation has none.
  static let vicunaSystem =
    "A chat between a curious user and an artificial intelligence assistant. "
    + "The assistant gives helpful, detailed, and polite answers to the user's questions."

  /// The system message that a template adds to conversations without one.
  var ownSystem: String? {
    switch self {
    case .chatMLHelpful: "You are a helpful assistant."
    case .qwen25: "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
    default: nil
    }
  }

  /// The conversation in parts.
  /// - Parameter addGenerationPrompt: end with what opens the assistant's answer.
  /// - Throws: `ChatTemplateError.turn` for turns that the template cannot show in this order.
  public func prompt(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws(ChatTemplateError) -> ChatPrompt {
    guard !messages.isEmpty else { throw .turn(1, found: "nothing", expected: "a message") }
    for (index, message) in messages.enumerated() where message.role == .system && index > 0 && needsAlternation {
      throw .turn(index + 1, found: "system", expected: "user or assistant: a system message comes first")
    }
    if needsAlternation { try checkAlternation(messages) }
    var prompt = ChatPrompt(template: self)
    switch self {
    case .llama2, .mistral, .mistralV1: instructions(messages, &prompt)
    case .mistralV3, .mistralTekken: controlled(messages, &prompt)
    case .vicuna: vicuna(messages, addGenerationPrompt, &prompt)
    case .llama3, .llama31, .chatML, .chatMLHelpful, .qwen25, .zephyr, .openChat, .orca: turns(messages, addGenerationPrompt, &prompt)
    }
    return prompt
  }

  private var needsAlternation: Bool { [.llama2, .mistral, .mistralV1, .mistralV3, .mistralTekken, .vicuna].contains(self) }

  private func checkAlternation(_ messages: [ChatMessage]) throws(ChatTemplateError) {
    let hasSystem = messages[0].role == .system
    for (index, message) in messages.dropFirst(hasSystem ? 1 : 0).enumerated() {
      let expected: ChatMessage.Role = index % 2 == 0 ? .user : .assistant
      guard message.role == expected else {
        throw .turn(index + (hasSystem ? 2 : 1), found: message.role.rawValue, expected: expected.rawValue)
      }
    }
    if hasSystem && messages.count == 1 { throw .turn(2, found: "nothing", expected: "user") }
  }

  // MARK: Templates with [INST]

  private func instructions(_ messages: [ChatMessage], _ prompt: inout ChatPrompt) {
    let system = messages[0].role == .system ? messages[0].content : nil
    for (index, message) in messages.dropFirst(system == nil ? 0 : 1).enumerated() {
      if message.role == .user {
        if self == .llama2 || index == 0 { prompt.begin() }
        var content = message.content
        if let system, index == 0 {
          content = self == .llama2 ? "<<SYS>>\n\(system)\n<</SYS>>\n\n\(content)" : "\(system)\n\n\(content)"
        }
        prompt.text("[INST] \(self == .llama2 ? content.stripped : content) [/INST]")
      } else if self == .llama2 {
        prompt.text(" \(message.content.stripped) ", isTarget: true)
        prompt.end(isTarget: true)
      } else {
        prompt.text(message.content, isTarget: true)
        prompt.end(isTarget: true)
        if self == .mistralV1 { prompt.text(" ") }
      }
    }
  }

  /// `[INST]` and `[/INST]` are tokens of their own. The system message stands before the last question, as Mistral's own code has it
  /// also where an answer follows; the published Jinja then forgets it.
  private func controlled(_ messages: [ChatMessage], _ prompt: inout ChatPrompt) {
    let space = self == .mistralV3 ? " " : ""
    let (system, lastQuestion) = (messages.first { $0.role == .system }, messages.lastIndex { $0.role == .user })
    prompt.begin()
    for (index, message) in messages.enumerated() where message.role != .system {
      if message.role == .user {
        prompt.marker("[INST]")
        prompt.text(space + (index == lastQuestion ? system.map { $0.content + "\n\n" } ?? "" : "") + message.content)
        prompt.marker("[/INST]")
      } else {
        prompt.text(space + (self == .mistralV3 ? message.content.stripped : message.content), isTarget: true)
        prompt.end(isTarget: true)
      }
    }
  }

  private func vicuna(_ messages: [ChatMessage], _ addGenerationPrompt: Bool, _ prompt: inout ChatPrompt) {
    prompt.begin()
    prompt.text((messages[0].role == .system ? messages[0].content : Self.vicunaSystem) + " ")
    for message in messages where message.role != .system {
      if message.role == .user {
        prompt.text("USER: \(message.content) ")
      } else {
        prompt.text("ASSISTANT:")
        prompt.text(" \(message.content)", isTarget: true)
        prompt.end(isTarget: true)
      }
    }
    if addGenerationPrompt { prompt.text("ASSISTANT:") }
  }

  // MARK: Templates that show every turn alike

  private func turns(_ messages: [ChatMessage], _ addGenerationPrompt: Bool, _ prompt: inout ChatPrompt) {
    if [.llama3, .llama31, .openChat, .orca].contains(self) { prompt.begin() }
    var messages = messages[...]
    if self == .llama31 {
      let system = messages.first?.role == .system ? messages.removeFirst().content.stripped : ""
      open(.system, &prompt)
      prompt.text("Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n\(system)")
      close(.system, &prompt)
    }
    if let ownSystem, messages.first?.role != .system { messages = [ChatMessage(.system, ownSystem)] + messages }
    for message in messages {
      open(message.role, &prompt)
      let content =
        switch self {
        case .llama3, .llama31: message.content.stripped
        case .openChat: " " + message.content  // behind "Assistant:", where the prompt ends
        default: message.content
        }
      prompt.text(content, isTarget: message.role == .assistant)
      close(message.role, &prompt)
    }
    if addGenerationPrompt { open(.assistant, &prompt) }
  }

  private func open(_ role: ChatMessage.Role, _ prompt: inout ChatPrompt) {
    switch self {
    case .chatML, .chatMLHelpful, .qwen25:
      prompt.marker("<|im_start|>")
      prompt.text("\(role.rawValue)\n")
    case .zephyr:
      prompt.marker("<|\(role.rawValue)|>")
      prompt.text("\n")
    case .openChat: prompt.text("GPT4 Correct \(role.title):")
    case .orca: prompt.text("### \(role.title):\n")
    default:
      prompt.marker("<|start_header_id|>")
      prompt.text(role.rawValue)
      prompt.marker("<|end_header_id|>")
      prompt.text("\n\n")
    }
  }

  private func close(_ role: ChatMessage.Role, _ prompt: inout ChatPrompt) {
    let isTarget = role == .assistant
    switch self {
    case .chatML, .chatMLHelpful, .qwen25:
      prompt.marker("<|im_end|>", isTarget: isTarget)
      prompt.text("\n")
    case .zephyr:
      prompt.end(isTarget: isTarget)
      prompt.text("\n")
    case .openChat: prompt.marker("<|end_of_turn|>", isTarget: isTarget)
    case .orca:
      if isTarget { prompt.end(isTarget: true) }
      prompt.text("\n\n")
    default: prompt.marker("<|eot_id|>", isTarget: isTarget)
    }
  }
}

extension ChatMessage.Role {
  fileprivate var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

extension String {
  /// Without white space at its ends, as Python's `strip` and Jinja's `trim` do it.
  fileprivate var stripped: String {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || 0x1C...0x1F ~= scalar.value }
    let scalars = unicodeScalars.drop(while: isSpace)
    let count = scalars.reversed().drop(while: isSpace).count
    return String(String.UnicodeScalarView(scalars.prefix(count)))
  }
}
