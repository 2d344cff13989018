/// The three parts of a dataset.
public enum Split: String, Sendable, Hashable, CaseIterable {
  case train, validation, test
}

/// Which row of which file an example is. Stable from run to run; says nothing of the text, so it may be logged.
public struct ExampleID: Hashable, Sendable, CustomStringConvertible {
  /// The dataset, e.g. `DR`.
  public let dataset: String
  /// The file the row stands in, as published: a row of `val.csv` stays `validation` even when it is trained on.
  public let split: Split
  /// 1-based, not counting the header.
  public let row: Int
  /// `contentDigest` of post, question and text.
  public let digest: UInt64

  public init(dataset: String, split: Split, row: Int, digest: UInt64) {
    (self.dataset, self.split, self.row, self.digest) = (dataset, split, row, digest)
  }

  /// `DR/train/12#9f86d081884c7d65`
  public var description: String { "\(dataset)/\(split.rawValue)/\(row)#\(hexadecimal(digest))" }
}

/// One row to train on or to judge: a text with its label.
public struct Example: Sendable, Hashable {
  public let id: ExampleID
  /// What somebody wrote; in plain labelled files the text itself.
  public let post: String
  /// What is asked about the post; "" where a file has no questions.
  public let question: String
  /// The explanation: gold, generated, or in plain labelled files the text itself.
  public let text: String
  /// The index into the label table.
  public let label: Int

  public init(id: ExampleID, post: String, question: String, text: String, label: Int) {
    (self.id, self.post, self.question, self.text, self.label) = (id, post, question, text, label)
  }
}

/// A 64-bit digest of strings, the same on every machine and in every run: FNV-1a over the UTF-8 bytes with a separator that
/// UTF-8 cannot contain, then the finaliser of MurmurHash3. For telling rows apart, not against an adversary.
public func contentDigest(_ parts: String...) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for part in parts {
    for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = (hash ^ 0xFF) &* 0x100_0000_01b3
  }
  hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
  hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
  return hash ^ (hash >> 33)
}

/// Sixteen lower-case hexadecimal digits.
func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
