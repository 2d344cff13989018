import Glibc

/// Turns texts into sparse rows of TF-IDF weights over words and pairs of neighbouring words, as scikit-learn's
/// `TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=minimumDocuments)` does.
///
/// weight = (1 + ln count) · idf, idf = 1 + ln((1 + n) / (1 + df)), each row scaled to length 1. Columns are in the order of the
/// terms' code points.
struct TfidfVectorizer: Sendable {
  /// Per column: the inverse document frequency.
  private(set) var idf: [Double]
  private var words = WordTable()
  private var wordColumns: [Int32] = []  // word → column, -1 when the word alone is no term
  private var pairs = PairTable()
  private var pairColumns: [Int32] = []  // pair → column, -1 when dropped

  var columnCount: Int { idf.count }

  /// Learns the terms of `texts` and returns their rows too. Terms in fewer than `minimumDocuments` texts are dropped.
  static func fit(_ texts: [String], minimumDocuments: Int) -> (TfidfVectorizer, SparseRows) {
    var vectorizer = TfidfVectorizer(idf: [])
    var rows = vectorizer.count(texts, learning: true)
    let pairOffset = Int32.max / 2  // pairs are numbered from here until both kinds of term have columns
    var wordDocuments = [Int32](repeating: 0, count: vectorizer.words.count)
    var pairDocuments = [Int32](repeating: 0, count: vectorizer.pairs.keys.count)
    for id in rows.columns {
      if id < pairOffset { wordDocuments[Int(id)] += 1 } else { pairDocuments[Int(id - pairOffset)] += 1 }
    }
    vectorizer.assignColumns(wordDocuments, pairDocuments, minimumDocuments, texts.count)
    var kept = 0
    var start = 0
    for i in 0..<rows.rowCount {
      let end = Int(rows.starts[i + 1])
      for k in start..<end {
        let id = rows.columns[k]
        let column = id < pairOffset ? vectorizer.wordColumns[Int(id)] : vectorizer.pairColumns[Int(id - pairOffset)]
        guard column >= 0 else { continue }
        rows.columns[kept] = column
        rows.values[kept] = rows.values[k]
        kept += 1
      }
      start = end
      rows.starts[i + 1] = Int32(kept)
    }
    rows.columns.removeSubrange(kept...)
    rows.values.removeSubrange(kept...)
    rows.columnCount = vectorizer.columnCount
    vectorizer.weigh(&rows)
    return (vectorizer, rows)
  }

  /// A vectorizer with known terms (words, or two words joined by a space), as saved by `terms`.
  init(terms: [String], idf: [Double]) {
    self.idf = idf
    for (column, term) in terms.enumerated() {
      let parts = term.utf8.split(separator: 0x20).map { Array($0) }
      let ids = parts.map { $0.withUnsafeBufferPointer { words.insert($0) } }
      while wordColumns.count < words.count { wordColumns.append(-1) }
      if ids.count == 1 {
        wordColumns[Int(ids[0])] = Int32(column)
      } else if ids.count == 2, Int(pairs.insert(PairTable.key(ids[0], ids[1]))) == pairColumns.count {
        pairColumns.append(Int32(column))
      }
    }
  }

  private init(idf: [Double]) { self.idf = idf }

  /// The rows of `texts`; terms that were not learnt are ignored, and a text without any gets an empty row.
  func transform(_ texts: [String]) -> SparseRows {
    var copy = self  // counting shares its code with learning, which adds words; this one adds none
    var rows = copy.count(texts, learning: false)
    weigh(&rows)
    return rows
  }

  /// Every term, in the order of the columns.
  var terms: [String] {
    var terms = [String](repeating: "", count: columnCount)
    func word(_ id: Int) -> String { String(decoding: words[id], as: UTF8.self) }
    for (id, column) in wordColumns.enumerated() where column >= 0 { terms[Int(column)] = word(id) }
    for (id, column) in pairColumns.enumerated() where column >= 0 {
      let key = pairs.keys[id]
      terms[Int(column)] = word(Int(key >> 32)) + " " + word(Int(key & 0xFFFF_FFFF))
    }
    return terms
  }

  /// Rows of raw counts, each term once a row in order of first sight. When learning, columns are word numbers, and pair
  /// numbers from `Int32.max / 2` on; otherwise columns.
  private mutating func count(_ texts: [String], learning: Bool) -> SparseRows {
    var rows = SparseRows(columnCount: columnCount)
    var splitter = WordSplitter()
    // Where in `rows` each term of the current text is; valid when not below the row's start.
    var wordPlaces: [Int32] = Array(repeating: -1, count: learning ? 0 : words.count)
    var pairPlaces: [Int32] = Array(repeating: -1, count: learning ? 0 : pairs.keys.count)
    let pairOffset = Int32.max / 2
    rows.starts.reserveCapacity(texts.count + 1)
    for text in texts {
      let rowStart = Int32(rows.columns.count)
      var previous: Int32 = -1
      splitter.forEachWord(in: text) { word in
        let id = learning ? words.insert(word) : words.find(word)
        if id >= 0 {
          if learning && Int(id) == wordPlaces.count { wordPlaces.append(-1) }
          let column = learning ? id : wordColumns[Int(id)]
          if column >= 0 { Self.tally(column, &wordPlaces[Int(id)], rowStart, &rows) }
          if previous >= 0 {
            let key = PairTable.key(previous, id)
            let pair = learning ? pairs.insert(key) : pairs.find(key)
            if pair >= 0 {
              if learning && Int(pair) == pairPlaces.count { pairPlaces.append(-1) }
              let column = learning ? pair + pairOffset : pairColumns[Int(pair)]
              if column >= 0 { Self.tally(column, &pairPlaces[Int(pair)], rowStart, &rows) }
            }
          }
        }
        previous = id
      }
      rows.starts.append(Int32(rows.columns.count))
    }
    return rows
  }

  private static func tally(_ column: Int32, _ place: inout Int32, _ rowStart: Int32, _ rows: inout SparseRows) {
    if place >= rowStart {
      rows.values[Int(place)] += 1
    } else {
      place = Int32(rows.columns.count)
      rows.columns.append(column)
      rows.values.append(1)
    }
  }

  /// Gives the frequent terms their columns, in code point order, and their idf.
  ///
  /// A space sorts before every word character, so "a b" sorts as the pair (a, b) with "a" before all "a …": ranking the words
  /// once makes the order of the terms an order of integers.
  private mutating func assignColumns(_ wordDocuments: [Int32], _ pairDocuments: [Int32], _ minimum: Int, _ textCount: Int) {
    let sorted = (0..<words.count).sorted { words[$0].lexicographicallyPrecedes(words[$1]) }
    var rank = [UInt64](repeating: 0, count: words.count)
    for (position, id) in sorted.enumerated() { rank[id] = UInt64(position) }
    var order: [(key: UInt64, id: Int, isPair: Bool)] = []
    for (id, documents) in wordDocuments.enumerated() where documents >= minimum { order.append((rank[id] << 32, id, false)) }
    for (id, documents) in pairDocuments.enumerated() where documents >= minimum {
      let key = pairs.keys[id]
      order.append((rank[Int(key >> 32)] << 32 | (rank[Int(key & 0xFFFF_FFFF)] + 1), id, true))
    }
    order.sort { $0.key < $1.key }
    wordColumns = Array(repeating: -1, count: wordDocuments.count)
    pairColumns = Array(repeating: -1, count: pairDocuments.count)
    idf = []
    for (column, term) in order.enumerated() {
      let documents = term.isPair ? pairDocuments[term.id] : wordDocuments[term.id]
      idf.append(1 + log(Double(textCount + 1) / Double(documents + 1)))
      if term.isPair { pairColumns[term.id] = Int32(column) } else { wordColumns[term.id] = Int32(column) }
    }
  }

  /// Counts to TF-IDF weights, rows to length 1.
  private func weigh(_ rows: inout SparseRows) {
    for i in 0..<rows.rowCount {
      let range = Int(rows.starts[i])..<Int(rows.starts[i + 1])
      var squares = 0.0
      for k in range {
        let count = rows.values[k]
        let weight = (count == 1 ? 1 : 1 + log(count)) * idf[Int(rows.columns[k])]
        rows.values[k] = weight
        squares += weight * weight
      }
      guard squares > 0 else { continue }
      let norm = squares.squareRoot()
      for k in range { rows.values[k] /= norm }
    }
  }
}
