public import Files
internal import NN
public import Torch

/// What a folder of an adapter says beside its tensors.
public struct AdapterDescription: Sendable {
  public var config: AdapterConfig
  /// Paths of the adapted layers, written where the configuration says `all-linear` or nothing.
  public var layers: [String]
  /// Of a classifier: its classes and their names go with the adapter.
  public var classifier: ModelConfig?

  public init(config: AdapterConfig, layers: [String], classifier: ModelConfig? = nil) {
    (self.config, self.layers, self.classifier) = (config, layers, classifier)
  }
}

extension AdapterFolder {
  /// Writes an adapter into a folder that exists, as PEFT saves it; the caller makes the folder atomic.
  ///
  /// Beside PEFT's three files a classifier gets `labels.json` and `base_config/config.json`. The full configuration must not stand
  /// beside `adapter_config.json`: transformers would take the folder for a whole model.
  /// - Parameter tensors: under PEFT's keys, as `ParameterStore.adapterTensors` gives them.
  public static func write(_ description: AdapterDescription, tensors: [(name: String, tensor: Tensor)], into folder: String) throws(InputError) {
    try AtomicWrite.file("\(folder)/\(AdapterConfig.fileName)", description.config.encoded(expanding: description.layers))
    try Safetensors.write(tensors, to: "\(folder)/\(weightsName)")
    try AtomicWrite.file("\(folder)/README.md", readme(description))
    guard let classifier = description.classifier else { return }
    let labels: JSON = ["labels": .array(classifier.labels.map { .string($0) })]
    try AtomicWrite.file("\(folder)/labels.json", labels.encoded(indent: 2) + "\n")
    try AtomicWrite.createFolder("\(folder)/base_config")
    try AtomicWrite.file("\(folder)/base_config/config.json", classifier.encoded())
  }

  /// The configuration of the classifier that was adapted: with its labels where the folder has them, else with as many as its head has.
  /// - Parameter base: the folder of the base model.
  public func classifierConfig(base: String) throws(InputError) -> ModelConfig {
    let hasOwn = FileSystem.isFile("\(path)/base_config/config.json")
    var model = try ModelConfig.read(folder: hasOwn ? "\(path)/base_config" : base)
    model.architectures = [model.family.classifierArchitecture]
    if !hasOwn, let classes, classes != model.labels.count { model.labels = (0..<classes).map { "LABEL_\($0)" } }
    return model
  }

  /// Whether the adapter is one of a classifier.
  public var isClassifier: Bool { config.task == .sequenceClassification || FileSystem.isFile("\(path)/base_config/config.json") }

  /// Rows of the head's last layer; nil where the head is the base model's.
  private var classes: Int? {
    let heads = ["classifier", "score", "classifier.out_proj", "classification_head.out_proj"].map { "\(AdapterSetup.prefix)\($0).weight" }
    return heads.lazy.compactMap { tensors.description(of: $0)?.shape.first }.first
  }

  /// The lines that load it in Python; each was run.
  private static func readme(_ description: AdapterDescription) -> String {
    let base = description.config.baseModel ?? "BASE"
    let generator = description.config.task == .sequenceToSequence ? "AutoModelForSeq2SeqLM" : "AutoModelForCausalLM"
    let name = description.classifier == nil ? generator : "AutoModelForSequenceClassification"
    let load = description.classifier == nil
      ? """
        from peft import PeftModel
        from transformers import \(generator)

        model = PeftModel.from_pretrained(\(generator).from_pretrained("\(base)"), "ADAPTER")
        """
      : """
        from peft import PeftModel
        from transformers import AutoConfig, AutoModelForSequenceClassification

        config = AutoConfig.from_pretrained("ADAPTER/base_config")  # the class names; never beside adapter_config.json
        base = AutoModelForSequenceClassification.from_pretrained("\(base)", config=config, ignore_mismatched_sizes=True)
        model = PeftModel.from_pretrained(base, "ADAPTER")
        """
    let kind = description.config.useDoRA ? "DoRA" : description.config.useRSLoRA ? "rsLoRA" : "LoRA"
    return """
      ---
      base_model: \(base)
      library_name: peft
      tags:
      - \(description.config.useDoRA ? "dora" : "lora")
      ---
      A \(kind) adapter of rank \(description.config.rank) for \(name), trained with Attune.

      In Python, with ADAPTER for this folder:

      ```python
      \(load)
      ```

      Without Python: `attune merge --base \(base) --adapter ADAPTER --output MERGED` writes the whole model.

      Research software. Not for clinical use.

      """
  }
}
