/// A validation part taken out of training rows, for sets that publish none.
public enum HoldOut {
  /// Splits `examples` by a hash of each post, so the same rows always fall on the same side, rows of one post (asked about
  /// several aspects, or repeated) never fall on both, and no random generator is consulted.
  /// - Parameters:
  ///   - fraction: the share of rows to hold out, 0 < fraction < 1; met to within one post.
  ///   - salt: another number gives another split.
  /// - Returns: both parts in the order of `examples`.
  public static func split(_ examples: [Example], fraction: Double = 0.1, salt: UInt64 = 0) -> (train: [Example], validation: [Example]) {
    split(examples, fraction: fraction, salt: salt) { $0.post }
  }

  /// The same for rows of any kind, by the text that must not fall on both sides.
  public static func split<Row>(
    _ examples: [Row], fraction: Double, salt: UInt64 = 0, by text: (Row) -> String
  ) -> (train: [Row], validation: [Row]) {
    precondition(fraction > 0 && fraction < 1, "HoldOut: fraction is \(fraction), expected between 0 and 1")
    let keys = examples.map { contentDigest(text($0), String(salt)) }
    var counts: [UInt64: Int] = [:]
    for key in keys { counts[key, default: 0] += 1 }
    let wanted = Int((Double(examples.count) * fraction).rounded())
    var held: Set<UInt64> = []
    var rows = 0
    for key in counts.keys.sorted() {
      if rows >= wanted || counts.count - held.count <= 1 { break }
      held.insert(key)
      rows += counts[key]!  // `key` comes from `counts`
    }
    let sides = zip(examples, keys)
    return (sides.filter { !held.contains($1) }.map(\.0), sides.filter { held.contains($1) }.map(\.0))
  }
}
