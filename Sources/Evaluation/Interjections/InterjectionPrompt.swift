public import Datasets
public import Files
public import Tokenizers

/// Where an interjection stands: `<transcript>_<condition>_<stimulus>_<message number>`.
public struct InterjectionKey: Sendable, Hashable, CustomStringConvertible {
  public let transcript, condition, stimulus: String
  /// Messages of the transcript before it.
  public let messageNumber: Int

  public init(transcript: String, condition: String, stimulus: String, messageNumber: Int) {
    (self.transcript, self.condition, self.stimulus, self.messageNumber) = (transcript, condition, stimulus, messageNumber)
  }

  /// Reads a key of `stimuli`'s conditions; nil for anything else.
  public init?(_ text: String, of stimuli: Stimuli.Interjections) {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, !parts[0].isEmpty, let number = Int(parts[3]), number >= 0,
      stimuli.stimulus(parts[2], of: parts[1]) != nil
    else { return nil }
    self.init(transcript: parts[0], condition: parts[1], stimulus: parts[2], messageNumber: number)
  }

  public var description: String {
    InterjectionRow.key(transcript: transcript, condition: condition, stimulus: stimulus, messageNumber: messageNumber)
  }
}

extension Stimuli.Interjections {
  public func stimulus(_ name: String, of condition: String) -> Stimuli.Stimulus? {
    conditions.first { $0.name == condition }?.stimuli.first { $0.name == name }
  }

  /// The system message: the suite's own, after what the model is told to be.
  public func system(_ prompt: SystemPrompt?) -> String {
    guard let prompt else { return characterLimitPrompt }
    return prompt.text + (prompt.text.hasSuffix("\n") ? "" : "\n") + characterLimitPrompt
  }
}

/// A conversation that ends with an interjection: a line of a file of prompts.
public struct InterjectionPrompt: Sendable {
  public let key: InterjectionKey
  public var messages: [ChatMessage]

  public init(_ key: InterjectionKey, _ messages: [ChatMessage]) { (self.key, self.messages) = (key, messages) }

  /// Every interjection of every condition that a transcript was found to show, after 0, 50, 100 … of its messages.
  /// - Parameters:
  ///   - filter: the model whose quotes say which conditions a transcript shows.
  ///   - prompt: what the model is told to be.
  public static func all(
    _ transcripts: [Transcript], _ stimuli: Stimuli.Interjections, filter: String, prompt: SystemPrompt?
  ) -> [InterjectionPrompt] {
    let system = ChatMessage(.system, stimuli.system(prompt))
    return transcripts.flatMap { transcript -> [InterjectionPrompt] in
      let quotes = transcript.quotes(filter)
      let session = transcript.turns.map { ChatMessage($0.speaker == .client ? .user : .assistant, $0.text) }
      return stimuli.conditions.filter { quotes[$0.name] ?? nil != nil }.flatMap { condition in
        condition.stimuli.flatMap { stimulus in
          stride(from: 0, to: session.count, by: stimuli.interval).map { number in
            let key = InterjectionKey(transcript: transcript.index, condition: condition.name, stimulus: stimulus.name, messageNumber: number)
            let said = stimulus.messages.enumerated().map { ChatMessage($0 % 2 == 0 ? .user : .assistant, $1) }
            return InterjectionPrompt(key, [system] + session[..<number] + said)
          }
        }
      }
    }
  }

  public var json: JSON {
    ["key": .string("\(key)"), "messages": messages.json]
  }

  /// What the name of a file of prompts says: how they were made.
  /// - Throws: `InputError` for a name that is not `key=value&…`.
  public static func runName(ofFile path: String) throws(InputError) -> RunName {
    let file = FileSystem.name(of: path)
    return try RunName(parsing: file.hasSuffix(".jsonl") ? String(file.dropLast(".jsonl".count)) : file, path: path)
  }

  /// Reads a file of prompts.
  /// - Throws: `InputError` naming the line of what is no prompt of `stimuli`, or occurs twice.
  public static func read(_ path: String, _ stimuli: Stimuli.Interjections) throws(InputError) -> [InterjectionPrompt] {
    var (prompts, seen): ([InterjectionPrompt], Set<InterjectionKey>) = ([], [])
    for row in try JSONLines.read(path) {
      func error(_ problem: String) -> InputError { InputError(path, at: "line \(row.line)", problem, advice: "Write the file again: attune eval interjections prompts") }
      guard let key = row.object["key"]?.string.flatMap({ InterjectionKey($0, of: stimuli) }) else {
        throw error("\"key\" is not <transcript>_<condition>_<stimulus>_<message number> of the suite's conditions and stimuli")
      }
      guard seen.insert(key).inserted else { throw error("has the key of an earlier line") }
      let items = row.object["messages"]?.array ?? []
      let messages = items.compactMap { item -> ChatMessage? in
        guard let role = item["role"]?.string.flatMap(ChatMessage.Role.init), let content = item["content"]?.string else { return nil }
        return ChatMessage(role, content)
      }
      guard !items.isEmpty, messages.count == items.count else { throw error("\"messages\" is no list of messages with role and content") }
      guard messages.last?.role == .user else { throw error("the last message is not the client's") }
      prompts.append(InterjectionPrompt(key, messages))
    }
    guard !prompts.isEmpty else { throw InputError(path, "holds no prompts", advice: "Write it again: attune eval interjections prompts") }
    return prompts
  }
}

extension Sequence<ChatMessage> {
  /// A conversation as the suite's prompts show it: an empty line, who speaks, what is said. Empty messages are left out.
  var asTranscript: String {
    filter { !$0.content.isEmpty }.map { message in
      let name = switch message.role { case .system: "System"; case .user: "Client"; case .assistant: "Clinician" }
      return "\n\n\(name): \(message.content)"
    }.joined()
  }
}
