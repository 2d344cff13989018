internal import Files

extension ModelConfig {
  /// How a BERT classifier turns the encoder's output into logits. RoBERTa has a head of its own, which is `dense` with other names.
  public enum Head: String, Sendable, CaseIterable {
    /// Pooler (dense and tanh over the first token), dropout, projection: transformers' `BertForSequenceClassification`.
    case pooler
    /// Dropout and projection of the first token's hidden state. Saved as transformers' `BertForTokenClassification`, whose logits at
    /// the first token are these.
    case firstToken = "first_token"
    /// Dropout, dense, tanh, dropout, projection of the first token's hidden state. Saved under the pooler's names, because without dropout the two are one.
    case dense
  }

  /// `classifier_head`, a key that Attune adds for heads other than the pooler's.
  static func head(_ reader: ConfigReader, _ family: Family) throws(InputError) -> Head {
    guard let name = try reader.string("classifier_head") else { return .pooler }
    guard let head = Head(rawValue: name) else { throw reader.wrong("classifier_head", .string(name), "one of \(Head.allCases.map(\.rawValue).joined(separator: ", "))") }
    guard family == .bert || head == .pooler else { throw reader.wrong("classifier_head", .string(name), "none: a model of the family \(family.rawValue) has a head of its own") }
    return head
  }

  /// The class that transformers builds for this classifier.
  public var classifierArchitecture: String { head == .firstToken ? "BertForTokenClassification" : family.classifierArchitecture }

  /// Whether a canonical name belongs to the head, which is new where other classes are learned.
  func isHead(_ name: String) -> Bool { name.hasPrefix(family.headPrefix) || head == .dense && name.hasPrefix("bert.pooler.") }

  /// Whether a canonical name belongs to what this classifier never uses.
  public func isKnownUnused(_ name: String) -> Bool { family.isKnownUnused(name) || head == .firstToken && name.hasPrefix("bert.pooler.") }
}
