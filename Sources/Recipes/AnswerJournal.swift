import Files
import Glibc

/// The answers of one set as they end: a line each, on the disk before the next is asked for.
///
/// A kill at any moment leaves whole lines and at most one torn one at the end, which is cut off when the journal is opened again.
final class AnswerJournal {
  struct Answer: Equatable {
    /// 1-based row of the set.
    let row: Int
    /// Which prompt was answered, by its digest.
    let prompt: String
    let text: String
    /// New tokens.
    let tokens: Int
    /// `end`, `stop`, `length` or `capacity`.
    let finish: String
  }

  let path: String
  private(set) var answers: [Int: Answer] = [:]
  private let descriptor: Int32

  /// Opens or makes the file.
  /// - Parameter prompts: the digest of each row; an answer to another prompt is refused.
  /// - Throws: `InputError` naming the line that is not of this set.
  init(_ path: String, prompts: [String]) throws(InputError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    var whole = 0
    if let size = Self.size(descriptor), size > 0 {
      let (rows, length) = try MappedFile.withBytes(of: path) { bytes throws(InputError) in
        let length = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (try Self.lines(UnsafeRawBufferPointer(rebasing: bytes[..<length]), path), length)
      }
      whole = length
      for (line, object) in rows { try add(object, line: line, prompts) }
      if whole < size, ftruncate(descriptor, off_t(whole)) != 0 { throw Self.failure(path, errno) }
    }
  }

  deinit { close(descriptor) }

  /// Writes an answer and waits until the disk has it.
  func append(_ answer: Answer) throws(InputError) {
    let json: JSON = [
      "row": .integer(answer.row), "prompt": .string(answer.prompt), "tokens": .integer(answer.tokens), "finish": .string(answer.finish),
      "text": .string(answer.text),
    ]
    let line = Array((json.encoded() + "\n").utf8)
    var offset = 0
    while offset < line.count {
      let written = line.withUnsafeBytes { write(descriptor, $0.baseAddress! + offset, line.count - offset) }
      if written < 0 && errno != EINTR { throw Self.failure(path, errno) }
      offset += max(0, written)
    }
    guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
    answers[answer.row] = answer
  }

  private func add(_ json: JSON, line: Int, _ prompts: [String]) throws(InputError) {
    let place = "line \(line)"
    let advice = "Choose another --output, or start anew with --overwrite"
    guard let row = json["row"]?.int, let prompt = json["prompt"]?.string, let text = json["text"]?.string, let tokens = json["tokens"]?.int,
      let finish = json["finish"]?.string
    else { throw InputError(path, at: place, "not an answer: expected row, prompt, tokens, finish and text", advice: advice) }
    guard (1...max(1, prompts.count)).contains(row), row <= prompts.count, prompts[row - 1] == prompt else {
      throw InputError(path, at: place, "answers row \(row) of another set of prompts", advice: advice)
    }
    guard answers[row] == nil else { throw InputError(path, at: place, "answers row \(row) a second time", advice: advice) }
    answers[row] = Answer(row: row, prompt: prompt, text: text, tokens: tokens, finish: finish)
  }

  private static func lines(_ bytes: UnsafeRawBufferPointer, _ path: String) throws(InputError) -> [(Int, JSON)] {
    var result: [(Int, JSON)] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().enumerated() {
      do {
        result.append((index + 1, try JSON.parse(UnsafeRawBufferPointer(rebasing: line), source: path)))
      } catch {
        throw InputError(path, at: "line \(index + 1)", error.problem, advice: "Start anew with --overwrite")
      }
    }
    return result
  }

  private static func size(_ descriptor: Int32) -> Int? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : nil
  }

  private static func failure(_ path: String, _ code: Int32) -> InputError {
    InputError(path, "cannot write: \(systemMessage(code))", advice: "Free some space or check the folder, and run the same command again")
  }
}
