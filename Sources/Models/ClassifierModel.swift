public import Checkpoints
internal import Files
public import NN
public import Tokenizers
public import Torch

/// A sequence classifier with everything its folder holds: configuration with label names, tokenizer, weights. What there is to announce: a new
/// head, a replaced one, weights that are not needed.
public final class ClassifierModel: FolderModel {
  public let network: any SequenceClassifier
  /// Of matrices under an adapter; nil where they are as stored.
  public let frozenType: DType?

  /// The classes' names, by id.
  public var labels: [String] { config.labels }
  /// Parameters that the checkpoint did not have, a new head for instance.
  public var newParameters: [String] { parameters.initialised }
  override var isClassifier: Bool { true }

  /// Reads a folder as Hugging Face publishes it, or an adapter as PEFT saves it together with the base model it names.
  /// - Parameters:
  ///   - adapter: the folder of an adapter for the model.
  ///   - newAdapter: an adapter to start: the model is frozen under it.
  ///   - labels: the classes to train for: a head of another size in the checkpoint is replaced by a new one. Nil keeps the checkpoint's.
  ///   - problem: what the logits mean, when `labels` is given.
  ///   - head: what lies between encoder and logits, when `labels` is given; BERT only.
  ///   - tokenizer: in place of the folder's own; it is saved with the model.
  ///   - dropout: overrides the configuration's probabilities.
  ///   - frozenType: of matrices under an adapter; nil keeps bfloat16 and float32 as they are stored.
  ///   - seed: of a new head's weights, and of a new adapter.
  /// - Throws: `InputError` for files that cannot be read, `ParameterError` when the tensors do not fit the configuration.
  public static func load(
    _ folder: String, adapter: String? = nil, newAdapter: AdapterConfig? = nil, labels: [String]? = nil, problem: ProblemType = .singleLabel, head: ModelConfig.Head = .pooler,
    tokenizer: (any Tokenizer)? = nil, dropout: Double? = nil, frozenType: DType? = nil, device: Device = .cpu, seed: UInt64 = 0
  ) throws -> ClassifierModel {
    var adapted = try AdaptedFolder(folder, adapter: adapter, new: newAdapter)
    let folder = adapted.base
    var config = try adapted.adapter?.classifierConfig(base: folder) ?? ModelConfig.read(folder: folder)
    let tokenizer = if let tokenizer { tokenizer } else { try Tokenizers.load(folder) }
    if let labels {
      config.labels = labels
      config.problemType = problem
      // RoBERTa's own head is the dense one.
      guard head == .pooler || config.family == .bert || config.family == .roberta && head == .dense else {
        throw InputError(
          config.path, at: "key \"model_type\"", "found \(config.family.rawValue), whose head is its own, expected bert for the head \(head.rawValue)",
          advice: "Set model.head=pooler, which leaves the family's head, or choose a BERT model")
      }
      config.head = config.family == .bert ? head : .pooler
    }
    config.architectures = [config.classifierArchitecture]
    if let dropout { config.setDropout(dropout) }
    let checkpoint = try Checkpoint.open(folder)
    let source = try checkpoint.parameters(for: config, replacingHead: labels != nil)
    adapted.train(config.family.headPrefixes, absentFrom: source.names)
    let store = ParameterStore(source: source, adapters: try adapted.setup(for: config.family), frozenType: frozenType, device: device, seed: seed)
    let network = Self.network(config, store)
    let prefixes = labels != nil || config.family.isHeadless(source.names) ? config.family.headPrefixes : []
    try adapted.finish(store, expectingNew: prefixes, ignoring: config.isKnownUnused)
    return try ClassifierModel(
      network, adapted, config: config, tokenizer: tokenizer, parameters: store, device: device, frozenType: frozenType,
      announcements: source.announcements(initialised: store.initialised))
  }

  /// The network of a family with its classification head, built against a store: the one place that chooses it.
  public static func network(_ config: ModelConfig, _ store: ParameterStore) -> any SequenceClassifier {
    switch config.family {
    case .bert: BertClassifier(config.encoder, classes: config.labels.count, head: config.head, at: store.root)
    case .roberta: RobertaClassifier(config.encoder, classes: config.labels.count, at: store.root)
    case .deberta: DebertaClassifier(config.disentangled, classes: config.labels.count, at: store.root)
    case .llama, .mistral: LlamaClassifier(config.decoder, classes: config.labels.count, at: store.root)
    case .bart: BartClassifier(config.bart, classes: config.labels.count, at: store.root)
    case .t5: T5Classifier(config.t5, classes: config.labels.count, at: store.root)
    }
  }

  private init(
    _ network: any SequenceClassifier, _ adapted: AdaptedFolder, config: ModelConfig, tokenizer: any Tokenizer, parameters: ParameterStore, device: Device,
    frozenType: DType?, announcements: [String]
  ) throws(InputError) {
    (self.network, self.frozenType) = (network, frozenType)
    try super.init(adapted, config: config, tokenizer: tokenizer, parameters: parameters, device: device, announcements: announcements)
  }
}
