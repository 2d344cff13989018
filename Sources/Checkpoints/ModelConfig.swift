public import Files
public import NN

/// A model folder's `config.json`: which family, its sizes, and what its classes are called.
///
/// Unknown keys are kept, so that saving a fine-tuned model changes only what training changed.
public struct ModelConfig: Sendable {
  /// The families that can be built; raw values are `model_type`.
  public enum Family: String, Sendable, CaseIterable {
    case bert, roberta
    case deberta = "deberta-v2"
    case llama, mistral, bart, t5
  }

  /// The sizes of a family's network.
  public enum Network: Sendable, Equatable {
    case encoder(BertConfig)
    case disentangled(DebertaConfig)
    case decoder(LlamaConfig)
    case bart(BartConfig)
    case t5(T5Config)
  }

  public let family: Family
  /// The class that transformers builds, for instance `BertForSequenceClassification`; empty when the file does not say.
  public var architectures: [String]
  public var network: Network
  /// The classes' names, by id. Never empty: without maps and count there are two, `LABEL_0` and `LABEL_1`; of BART three.
  public var labels: [String]
  /// Null in the file means: inferred from the labels, see `inferredProblemType`.
  public var problemType: ProblemType?
  /// What lies between encoder and logits; only BERT has a choice.
  public var head = Head.pooler
  /// The file's members as read, unknown ones included; `encoded()` overlays what the fields above say.
  public let json: JSONObject
  /// The file it was read from.
  public let path: String

  /// Reads `config.json` in `folder`.
  /// - Throws: `InputError` for a file that is missing, not strict JSON, of an unsupported family, or inconsistent.
  public static func read(folder: String) throws(InputError) -> ModelConfig {
    let path = folder + "/config.json"
    return try ModelConfig(try JSON.read(path), path: path)
  }

  /// - Parameter path: the file that errors name.
  public init(_ json: JSON, path: String) throws(InputError) {
    guard let object = json.object else { throw InputError(path, "found \(json.kind), expected an object", advice: "Fetch the file again") }
    let reader = ConfigReader(object, path: path)
    self.json = object
    self.path = path
    architectures = try reader.strings("architectures")
    family = try Self.family(reader, architectures)
    network =
      switch family {
      case .bert, .roberta: .encoder(try BertConfig(reader, family: family))
      case .deberta: .disentangled(try DebertaConfig(reader))
      case .llama, .mistral: .decoder(try LlamaConfig(reader, family: family))
      case .bart: .bart(try BartConfig(reader))
      case .t5: .t5(try T5Config(reader))
      }
    labels = try Self.labels(reader, fallback: family.defaultLabelCount)
    problemType = try Self.problemType(reader)
    head = try Self.head(reader, family)
  }

  /// What transformers infers where `problem_type` is null: one output is a regression; integer labels are single-label, else multi-label.
  public func inferredProblemType(labelsAreIntegers: Bool) -> ProblemType {
    problemType ?? (labels.count == 1 ? .regression : labelsAreIntegers ? .singleLabel : .multiLabel)
  }

  private static func family(_ reader: ConfigReader, _ architectures: [String]) throws(InputError) -> Family {
    if let type = try reader.string("model_type") {
      if let family = Family(rawValue: type) { return family }
      throw reader.wrong("model_type", .string(type), "a supported family: \(supported)")
    }
    // Checkpoints from before transformers 2 have no model_type.
    let stems = [
      "Bert": Family.bert, "Roberta": .roberta, "DebertaV2": .deberta, "Llama": .llama, "Mistral": .mistral, "Bart": .bart, "T5": .t5,
    ]
    for name in architectures {
      for (stem, family) in stems where name.hasPrefix(stem + "For") || name == stem + "Model" { return family }
    }
    throw InputError(reader.path, at: "key \"model_type\"", "missing, expected a supported family: \(supported)", advice: "Add the model_type of the checkpoint")
  }

  private static var supported: String { Family.allCases.map(\.rawValue).joined(separator: ", ") }

  private static func problemType(_ reader: ConfigReader) throws(InputError) -> ProblemType? {
    guard let name = try reader.string("problem_type") else { return nil }
    if let type = ProblemType(rawValue: name) { return type }
    throw reader.wrong("problem_type", .string(name), "one of \(ProblemType.allCases.map(\.rawValue).joined(separator: ", ")), or null")
  }
}
