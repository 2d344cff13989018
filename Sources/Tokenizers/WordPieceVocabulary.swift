internal import Files

/// The tokens of a WordPiece model, and the greedy search for the pieces of a word: tried from the longest down, each
/// prefix hashed once.
struct WordPieceVocabulary: Sendable {
  /// What a piece inside a word begins with, normally `##`.
  let continuation: [UInt8]
  let unknown: Int32
  /// Longer words, in code points, are unknown.
  let longestWord: Int
  let table: TokenTable

  /// - Throws: `InputError` naming `file` as `TokenTable` does, or when `unknownToken` is not among the tokens.
  init(
    _ tokens: [(token: String, id: Int)], unknownToken: String, continuation: String, longestWord: Int, file: String
  ) throws(InputError) {
    table = try TokenTable(tokens, file: file)
    guard let unknown = tokens.first(where: { $0.token.utf8.elementsEqual(unknownToken.utf8) }) else {
      throw InputError(
        file, "the unknown token \(JSON.string(unknownToken).encoded()) is not in the vocabulary",
        advice: "Add it, or name the right token as unk_token")
    }
    self.continuation = Array(continuation.utf8)
    self.unknown = Int32(unknown.id)
    self.longestWord = longestWord
  }

  /// One more than the largest id.
  var size: Int { table.size }
  func id(of token: String) -> Int32? { table.id(of: token) }
  func token(of id: Int32) -> String? { table.token(of: id) }

  /// The bytes that token `id` covers inside a word: without the continuation prefix unless it is the first piece.
  func length(of id: Int32, isFirst: Bool) -> Int {
    (table.bytes(of: id)?.count ?? 0) - (isFirst ? 0 : continuation.count)
  }

  /// Appends the pieces of a word to `output`: at every place the longest token, or one unknown token for the whole
  /// word when some place has none.
  func appendPieces(_ word: UnsafePointer<UInt8>, _ count: Int, to output: inout [Int32]) {
    if count > longestWord, codePoints(word, count) > longestWord { return output.append(unknown) }
    let first = output.count
    var start = 0
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: table.longest) { hashes in
      while start < count {
        let prefixCount = start > 0 ? continuation.count : 0
        let longest = min(count - start, table.longest)
        var hash = start > 0 ? continuation.reduce(TokenTable.seed, TokenTable.mix) : TokenTable.seed
        for index in 0..<longest {
          hash = TokenTable.mix(hash, word[start + index])
          hashes[index] = hash
        }
        var length = longest
        while length > 0 {
          if let id = table.find(word + start, length, hash: hashes[length - 1], after: continuation, prefixCount) {
            output.append(id)
            break
          }
          length -= 1
        }
        if length == 0 {
          output.removeSubrange(first...)
          output.append(unknown)
          return
        }
        start += length
      }
    }
  }

  private func codePoints(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    UnsafeBufferPointer(start: bytes, count: count).count { $0 & 0xC0 != 0x80 }
  }
}
