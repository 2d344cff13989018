import Metrics

/// Damaged copies of a file, for fuzzing a reader: the same seed gives the same damage.
public enum Corruption {
  /// One to four random edits of `bytes`: bit flips, overwritten, inserted, deleted, duplicated or moved runs, truncation,
  /// and bytes that formats care about (quotes, brackets, digits, zeros, 0xFF). May return the input unchanged.
  public static func mutate(_ bytes: [UInt8], seed: UInt64) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) { edit(&result, &random) }
    return result
  }

  private static let telling: [UInt8] = Array("\"{}[]():,.-+eE0123456789\\/\n\r\t #".utf8) + [0x00, 0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]

  private static func edit(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    let position = Int.random(in: 0...bytes.count, using: &random)
    // Mostly short runs; now and then a large part of the file.
    let longest = Int.random(in: 0..<8, using: &random) == 0 ? bytes.count : 16
    let end = min(bytes.count, position + Int.random(in: 0...longest, using: &random))
    switch Int.random(in: 0..<8, using: &random) {
    case 0 where position < bytes.count:
      bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1 where position < bytes.count:
      bytes[position] = telling.randomElement(using: &random)!
    case 2:
      for index in position..<end { bytes[index] = UInt8.random(in: .min ... .max, using: &random) }
    case 3:
      let run = (0..<Int.random(in: 1...8, using: &random)).map { _ in telling.randomElement(using: &random)! }
      bytes.insert(contentsOf: run, at: position)
    case 4:
      bytes.removeSubrange(position..<end)
    case 5:
      bytes.insert(contentsOf: Array(bytes[position..<end]), at: position)
    case 6:  // splice: one part of the file over another
      let source = Int.random(in: 0...bytes.count, using: &random)
      bytes.replaceSubrange(position..<end, with: Array(bytes[source..<min(bytes.count, source + end - position)]))
    default:
      bytes.removeSubrange(position...)
    }
  }
}
