public import Files

/// How a command names a model: a folder, `openai:NAME`, `anthropic:NAME`, `together:NAME`, `http://host:port/v1#NAME`, `stored:FILE`.
public enum ModelReference: Sendable, Hashable {
  public enum Provider: String, Sendable, CaseIterable { case openai, anthropic, together }

  /// A checkpoint of this machine.
  case folder(String)
  case provider(Provider, name: String)
  /// An OpenAI-compatible server.
  case server(url: String, name: String)
  /// Answers that exist.
  case stored(String)

  /// - Throws: `InputError` saying which part is missing.
  public init(_ text: String) throws(InputError) {
    let advice = "Write a folder, openai:NAME, anthropic:NAME, together:NAME, http://host:port/v1#NAME or stored:FILE"
    guard !text.isEmpty else { throw InputError("--model", "names no model", advice: advice) }
    if text.hasPrefix("http://") || text.hasPrefix("https://") {
      let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[1].isEmpty else { throw InputError("--model \(text)", "names a server and no model of it", advice: "Write \(parts[0])#NAME") }
      var url = parts[0]
      while url.hasSuffix("/") { url.removeLast() }
      self = .server(url: String(url), name: String(parts[1]))
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, !FileSystem.exists(text) {
      guard !parts[1].isEmpty else { throw InputError("--model \(text)", "names nothing after the colon", advice: advice) }
      if parts[0] == "stored" {
        self = .stored(String(parts[1]))
        return
      }
      if let provider = Provider(rawValue: String(parts[0])) {
        self = .provider(provider, name: String(parts[1]))
        return
      }
      throw InputError("--model \(text)", "\(parts[0]) is no provider", advice: advice)
    }
    self = .folder(text)
  }

  /// How results name the model unless told otherwise: a folder's own name, a server's name for it, a stored file's name without its ending.
  public var name: String {
    switch self {
    case .folder(let path): FileSystem.name(of: path)
    case .provider(_, let name), .server(_, let name): name
    case .stored(let path): FileSystem.stem(of: path)
    }
  }
}
