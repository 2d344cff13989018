/// A Unigram vocabulary: every piece has a log-probability, and a word becomes the pieces whose sum is largest.
///
/// Source of the rules and of the order in which equal paths are tried: `models/unigram` of the `tokenizers` library
/// (`encode_optimized`); the method is Kudo's, https://arxiv.org/abs/1804.10959. A space stands for the pieces' "▁".
struct UnigramModel: Sendable {
  let table: TokenTable
  private let scores: [Double]
  private let trie: ByteTrie
  /// What a character without a piece becomes; nil when the model has no such piece.
  let unknown: Int32?
  private let unknownScore: Double
  /// The ids of `<0x00>` to `<0xFF>`; empty without byte fallback, and when one of them is missing.
  private let byteTokens: [Int32]

  /// - Parameter pieces: id by id, with their scores. `table` has the same.
  init(_ pieces: [(text: String, score: Double)], table: TokenTable, unknown: Int32?, fallsBackToBytes: Bool) {
    self.table = table
    self.unknown = unknown
    scores = pieces.map(\.score)
    unknownScore = (scores.min() ?? 0) - 10  // kUnkPenalty
    // No word has a space of its own, so a piece with one is never found.
    trie = ByteTrie(pieces.enumerated().filter { !$1.text.utf8.contains(0x20) }.map { (Self.marked($1.text), Int32($0)) })
    let bytes = fallsBackToBytes ? (0...255).compactMap { table.id(of: BPEModel.byteToken($0)) } : []
    byteTokens = bytes.count == 256 ? bytes : []
  }

  private static func marked(_ piece: String) -> [UInt8] {
    piece.unicodeScalars.flatMap { $0 == "▁" ? [0x20] : Array(String($0).utf8) }
  }

  /// Leaves the pieces of a word, which is not empty, in `path`.
  func segment(_ word: UnsafePointer<UInt8>, _ count: Int, _ path: UnigramPath) {
    path.reset(count)
    path.nodes.withUnsafeMutableBufferPointer { nodes in
      var start = 0
      while start < count {
        let width = Self.width(of: word[start])
        let score = nodes[start].score
        var hasCharacter = false
        trie.forEachPrefix(word + start, count - start) { length, id in
          nodes[start + length].offer(score + scores[Int(id)], id, from: start)
          if length == width { hasCharacter = true }
        }
        if !hasCharacter { nodes[start + width].offer(score + unknownScore, -1, from: start) }
        start += width
      }
    }
    path.collect(count)
    for index in path.pieces.indices.reversed() where path.pieces[index].id < 0 { resolve(index, word, path) }
  }

  /// Unknown characters in a row are one unknown token, or a token for each of their bytes.
  private func resolve(_ index: Int, _ word: UnsafePointer<UInt8>, _ path: UnigramPath) {
    let piece = path.pieces[index]
    guard !byteTokens.isEmpty else { return path.pieces[index].id = unknown ?? -1 }
    // The library gives every byte the place of the whole piece.
    let bytes = (0..<piece.length).map { UnigramPath.Piece(id: byteTokens[Int(word[piece.start + $0])], start: piece.start, length: piece.length) }
    path.pieces.replaceSubrange(index...index, with: bytes)
  }

  @inline(__always)
  private static func width(of byte: UInt8) -> Int { byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4 }
}

/// The memory in which one word at a time is segmented.
final class UnigramPath {
  struct Node {
    var score = 0.0
    /// Where the best piece that ends here begins; -1 while there is none.
    var start: Int32 = -1
    var id: Int32 = -1

    @inline(__always)
    mutating func offer(_ score: Double, _ id: Int32, from start: Int) {
      guard self.start < 0 || score > self.score else { return }
      self = Node(score: score, start: Int32(truncatingIfNeeded: start), id: id)
    }
  }

  struct Piece {
    /// -1: characters without a piece.
    var id: Int32
    var start: Int
    var length: Int
  }

  /// One more than the word has bytes.
  fileprivate var nodes: [Node] = []
  /// The result, in order.
  fileprivate(set) var pieces: [Piece] = []

  fileprivate func reset(_ count: Int) {
    nodes.removeAll(keepingCapacity: nodes.capacity < 1 << 16)
    nodes.append(contentsOf: repeatElement(Node(), count: count + 1))
    pieces.removeAll(keepingCapacity: pieces.capacity < 1 << 16)
  }

  /// Follows the best path back from the end, making unknown neighbours one.
  fileprivate func collect(_ count: Int) {
    var end = count
    while end > 0 {
      let node = nodes[end]
      let start = Int(node.start)
      if node.id < 0, let last = pieces.last, last.id < 0 {
        pieces[pieces.count - 1] = Piece(id: -1, start: start, length: last.start + last.length - start)
      } else {
        pieces.append(Piece(id: node.id, start: start, length: end - start))
      }
      end = start
    }
    pieces.reverse()
  }
}

/// Byte strings, for finding all that a text begins with.
///
/// Nodes are numbered breadth first, so the edge number `e` leads to the node `e + 1` and needs no target.
struct ByteTrie: Sendable {
  /// Each node's first edge; one entry more at the end.
  private var edges: [Int32] = []
  private var labels: [UInt8] = []
  /// Each node's string, or -1.
  private var values: [Int32] = []
  /// The root's children by byte, or -1.
  private var firstNodes = [Int32](repeating: -1, count: 256)

  init(_ strings: [(bytes: [UInt8], value: Int32)]) {
    let sorted = strings.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    var queue: [(range: Range<Int>, depth: Int)] = [(0..<sorted.count, 0)]
    var next = 0
    while next < queue.count {
      var (range, depth) = queue[next]
      next += 1
      edges.append(Int32(labels.count))
      var value: Int32 = -1
      if let first = range.first, sorted[first].bytes.count == depth {
        value = sorted[first].value
        range = range.dropFirst()
      }
      values.append(value)
      while let first = range.first {
        let byte = sorted[first].bytes[depth]
        let end = range.first { sorted[$0].bytes[depth] != byte } ?? range.upperBound
        if depth == 0 { firstNodes[Int(byte)] = Int32(labels.count + 1) }
        labels.append(byte)
        queue.append((first..<end, depth + 1))
        range = end..<range.upperBound
      }
    }
    edges.append(Int32(labels.count))
  }

  /// Calls `body` with the length and the value of each string that `text` begins with, the shortest first.
  @inline(__always)
  func forEachPrefix(_ text: UnsafePointer<UInt8>, _ count: Int, _ body: (Int, Int32) -> Void) {
    var node = Int(firstNodes[Int(text[0])])
    var length = 1
    while node >= 0 {
      if values[node] >= 0 { body(length, values[node]) }
      guard length < count else { return }
      node = child(of: node, text[length])
      length += 1
    }
  }

  @inline(__always)
  private func child(of node: Int, _ byte: UInt8) -> Int {
    var low = Int(edges[node])
    var high = Int(edges[node + 1])
    while low < high {
      let middle = (low + high) / 2
      if labels[middle] < byte { low = middle + 1 } else { high = middle }
    }
    return low < Int(edges[node + 1]) && labels[low] == byte ? low + 1 : -1
  }
}
