/// The words of ROUGE: runs of a-z and 0-9 after lower-casing, everything else between them, so that other scripts vanish.
struct RougeTokenizer {
  let isStemming: Bool
  private var words = WordTable()
  /// The stem of each word by its number, -1 where it was not asked for yet.
  private var stems: [Int32] = []
  private var word: [UInt8] = []

  init(stemming: Bool) { isStemming = stemming }

  /// Word numbers, and where each line with words ends in them: the "sentences" of ROUGE-Lsum.
  mutating func read(_ text: String) -> (words: [Int32], lineEnds: [Int]) {
    var (ids, ends): ([Int32], [Int]) = ([], [])
    func endLine() { if ids.count > ends.last ?? 0 { ends.append(ids.count) } }
    var text = text
    text.withUTF8 { bytes in
      var i = 0
      while i < bytes.count {
        let byte = bytes[i]
        i += 1
        if byte >= 97 && byte <= 122 || byte >= 48 && byte <= 57 {
          word.append(byte)
        } else if byte >= 65 && byte <= 90 {
          word.append(byte | 0x20)
        } else if byte == 0xC4, i < bytes.count, bytes[i] == 0xB0 {
          word.append(105)  // U+0130 becomes an i with a dot above, and the dot is no letter
          endWord(&ids)
        } else if byte == 0xE2, i + 1 < bytes.count, bytes[i] == 0x84, bytes[i + 1] == 0xAA {
          word.append(107)  // U+212A, the Kelvin sign, becomes a k
          i += 2
        } else {
          endWord(&ids)
          if byte == 10 { endLine() }
        }
      }
      endWord(&ids)
      endLine()
    }
    return (ids, ends)
  }

  private mutating func endWord(_ ids: inout [Int32]) {
    guard !word.isEmpty else { return }
    let id = word.withUnsafeBufferPointer { words.id(of: $0) }
    ids.append(isStemming && word.count > 3 ? stem(of: id) : id)
    word.removeAll(keepingCapacity: true)
  }

  /// Each distinct word is stemmed once.
  private mutating func stem(of id: Int32) -> Int32 {
    while stems.count < words.count { stems.append(-1) }
    if stems[Int(id)] < 0 { stems[Int(id)] = PorterStemmer.stem(word).withUnsafeBufferPointer { words.id(of: $0) } }
    return stems[Int(id)]
  }
}
