/// An IMHI query taken apart into post and question.
///
/// Instruction files ask `Consider this post: "…" Question: …`, completion files `Post: … Question: …`. Posts hold quotes and
/// now and then the word Question, so the last separator counts.
public struct Query: Sendable, Hashable {
  public let post: String
  /// "" when the query has neither form; `post` is then the whole query.
  public let question: String

  public init(_ query: String) {
    if let parts = Self.split(query, opening: "Consider this post: \"", separator: "\" Question:")
      ?? Self.split(query, opening: "Post: ", separator: " Question:")
    {
      (post, question) = parts
    } else {
      (post, question) = (query, "")
    }
  }

  /// The two columns of the completion training files, which hold the same halves: `Post: …` and ` Question: …`.
  public init(post: String, question: String) {
    self.post = String((post.hasPrefix("Post: ") ? post.dropFirst(6) : post[...]).trimmed)
    let asked = question[...].trimmed
    self.question = String((asked.hasPrefix("Question:") ? asked.dropFirst(9) : asked).trimmed)
  }

  /// A conversation and the answer to it, as they stand.
  init(context: String, response: String) { (post, question) = (context, response) }

  private static func split(_ query: String, opening: String, separator: String) -> (String, String)? {
    let bytes = Array(query.utf8)
    let (open, mark) = (Array(opening.utf8), Array(separator.utf8))
    guard bytes.starts(with: open), bytes.count >= open.count + mark.count else { return nil }
    let last = stride(from: bytes.count - mark.count, through: open.count, by: -1).first { bytes[$0...].starts(with: mark) }
    guard let last else { return nil }
    let post = String(decoding: bytes[open.count..<last], as: UTF8.self)
    let question = String(decoding: bytes[(last + mark.count)...], as: UTF8.self)
    return (String(post[...].trimmed), String(question[...].trimmed))
  }
}
