/// Learns merges from words: again and again the most frequent pair of neighbouring symbols becomes one (Sennrich et al. 2016).
///
/// For vocabularies of hundreds of tokens from texts of kilobytes: every round looks at every word.
struct PairTrainer {
  /// Words as symbols, each with how often it occurs, in a fixed order.
  private var words: [(symbols: [String], count: Int)]
  private(set) var merges: [(left: String, right: String)] = []
  /// How the text of a merged pair is spelled.
  private let join: (String, String) -> String

  /// - Parameter join: the spelling of two symbols merged; WordPiece drops the second one's `##`.
  init(_ counts: [[String]: Int], join: @escaping (String, String) -> String) {
    words = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
    self.join = join
  }

  /// Learns one merge.
  /// - Returns: the new token; nil when no pair occurs at least twice.
  mutating func step() -> String? {
    var counts: [[String]: Int] = [:]
    for (symbols, count) in words {
      for index in symbols.indices.dropLast() { counts[[symbols[index], symbols[index + 1]], default: 0] += count }
    }
    // Of equally frequent pairs the first by bytes, so that the result does not depend on hashing.
    let best = counts.max { a, b in
      a.value != b.value ? a.value < b.value : !a.key.lexicographicallyPrecedes(b.key) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    guard let best, best.value > 1 else { return nil }
    let (left, right) = (best.key[0], best.key[1])
    let merged = join(left, right)
    for index in words.indices where words[index].symbols.count > 1 {
      var symbols: [String] = []
      for symbol in words[index].symbols {
        if symbol == right, symbols.last == left {
          symbols[symbols.count - 1] = merged
        } else {
          symbols.append(symbol)
        }
      }
      words[index].symbols = symbols
    }
    merges.append((left, right))
    return merged
  }
}
