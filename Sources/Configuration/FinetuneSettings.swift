public import Files

/// Everything that decides how a language model is fine-tuned, with LoRA or whole. `scripts/recipes/lora.yaml` and `full.yaml`
/// explain each setting by its effect.
public struct FinetuneSettings: Sendable, Equatable {
  public struct Model: Sendable, Equatable {
    /// The folder of the model to start from.
    public var base = ""
    /// The folder of an adapter to train on, instead of a new one; its own configuration then stands for `lora`. Only for `lora`.
    public var adapter: String?
    /// Overrides the checkpoint's attention dropout; nil keeps it.
    public var dropout: Double?
  }

  public struct Data: Sendable, Equatable {
    /// Files, folders with `train` and `val` files, or folders with `train_data/`.
    public var paths = PathList()
    /// Files to validate on instead of what the folders have.
    public var validation = PathList()
    public var form = DataForm.instruction
    /// `plain`, or a chat template by name; `auto` takes the model's own, else `plain`.
    public var template = "auto"
    /// Between prompt and completion; nil is what suits the tokenizer.
    public var separator: String?
    /// Tokens of a row.
    public var maxLength = 1024
    public var loss = LossScope.completion
    public var onTruncate = TruncationPolicy.error
    public var truncationSide = CutSide.left
    /// The share of the training rows held out where a set has no validation file; 0 holds nothing out.
    public var validationFraction = 0.05
  }

  public struct Training: Sendable, Equatable {
    public var epochs = 3
    public var maxSteps: Int?
    /// Rows one optimizer step sees.
    public var batchSize = 16
    /// Rows, and tokens, that one forward pass sees. Change memory and speed, never the result beyond rounding.
    public var microBatchSize: Int?
    public var microBatchTokens: Int? = 4096
    /// Rows in a new order each epoch; off, in the order of the files.
    public var shuffle = true
    /// Rows share forward passes, laid end to end; off, each has its own.
    public var packing = true
    /// Keep only each layer's input for the backward pass, and compute the rest again.
    public var gradientCheckpointing = false
    public var device = DeviceChoice.auto
    public var precision = Precision.auto
    /// Decides new weights, order of rows and dropout.
    public var seed: UInt64 = 42
    public var evalEvery = Interval.epoch
    public var saveEvery = Interval.epoch
    public var keep = 1
    public var earlyStoppingPatience: Int?
    public var bestMetric = FinetuneMetric.loss
    /// Validation rows that the model is asked to answer at each validation; 0 asks none.
    public var evalGenerate = 0
    public var deterministic = false
    public var threads: Int?
    public var output: String?
  }

  public let method: FinetuneMethod
  public var model = Model()
  public var data = Data()
  /// Only for `lora`.
  public var lora = LoRASettings()
  public var optimizer = ClassifierSettings.Optimizer()
  public var schedule = ClassifierSettings.Schedule()
  public var training = Training()

  public init(_ method: FinetuneMethod) {
    self.method = method
    optimizer.learningRate = method == .lora ? 2e-4 : 2e-5
    schedule.warmupRatio = 0.03
    schedule.shape = .cosine
  }

  /// Reads a recipe and overrides over the defaults of `method`.
  /// - Throws: `InputError` with file and line, or the override, of an unknown key or an unusable value.
  public static func read(
    _ method: FinetuneMethod, recipe: String?, overrides: [Override] = []
  ) throws(InputError) -> (settings: FinetuneSettings, configuration: ResolvedConfiguration) {
    var reader = try SettingsReader(recipe: recipe, overrides: overrides)
    var settings = FinetuneSettings(method)
    try settings.model.read(&reader, method)
    try settings.data.read(&reader)
    if method == .lora { try settings.lora.read(&reader) }
    try settings.optimizer.read(&reader)
    try settings.schedule.read(&reader)
    try settings.training.read(&reader)
    let configuration = try reader.finish()
    func missing(_ key: String, _ option: String) -> InputError {
      InputError(commandLine, at: key, "nothing is set, expected a path", advice: "Name it with \(option)")
    }
    if settings.model.base.isEmpty { throw missing("model.base", "--base DIR") }
    if settings.data.paths.paths.isEmpty { throw missing("data.paths", "--data PATH") }
    if settings.training.bestMetric == .weightedF1, settings.training.evalGenerate == 0 {
      throw InputError(
        commandLine, at: "training.best_metric", "found weighted_f1 while no answers are generated", advice: "Set training.eval_generate to a number of rows")
    }
    return (settings, configuration)
  }
}

extension FinetuneSettings.Model {
  fileprivate mutating func read(_ reader: inout SettingsReader, _ method: FinetuneMethod) throws(InputError) {
    try reader.read("model.base", aliases: ["model_name_or_path", "base_model"], &base)
    if method == .lora { try reader.read("model.adapter", aliases: ["adapter_name_or_path"], &adapter) }
    try reader.read("model.dropout", aliases: ["attention_dropout"], &dropout, "from 0, below 1") { $0.map { $0 >= 0 && $0 < 1 } ?? true }
  }
}

extension FinetuneSettings.Data {
  fileprivate mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("data.paths", aliases: ["data", "dataset", "train_file", "data_path"], &paths)
    try reader.read("data.validation", aliases: ["validation_file", "eval_data_path"], &validation)
    try reader.read("data.form", &form)
    try reader.read("data.template", aliases: ["chat_template", "prompt_template"], &template) { !$0.isEmpty }
    try reader.read("data.separator", &separator)
    try reader.read("data.max_length", aliases: ["max_seq_length", "max_seq_len", "model_max_length", "cutoff_len"], &maxLength, "from 8") { $0 >= 8 }
    try reader.read("data.loss", &loss)
    try reader.read("data.on_truncate", &onTruncate)
    try reader.read("data.truncation_side", &truncationSide)
    try reader.read("data.validation_fraction", &validationFraction, "from 0, at most 0.5") { $0 >= 0 && $0 <= 0.5 }
  }
}

extension FinetuneSettings.Training {
  fileprivate mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("training.epochs", aliases: ["num_train_epochs", "num_epochs"], &epochs, "above 0") { $0 > 0 }
    try reader.read("training.max_steps", &maxSteps, "above 0") { $0.map { $0 > 0 } ?? true }
    try reader.read("training.batch_size", aliases: ["train_batch_size"], &batchSize, "above 0") { $0 > 0 }
    let batch = batchSize
    try reader.read("training.micro_batch_size", &microBatchSize, "from 1 to batch_size (\(batch))") { $0.map { 1...batch ~= $0 } ?? true }
    try reader.read("training.micro_batch_tokens", aliases: ["max_tokens"], &microBatchTokens, "above 0") { $0.map { $0 > 0 } ?? true }
    try reader.read("training.shuffle", &shuffle)
    try reader.read("training.packing", aliases: ["sample_packing"], &packing)
    try reader.read("training.gradient_checkpointing", aliases: ["gradient_checkpointing", "activation_checkpointing"], &gradientCheckpointing)
    try reader.read("training.device", &device)
    try reader.read("training.precision", &precision)
    try reader.read("training.seed", &seed)
    try reader.read("training.eval_every", aliases: ["eval_steps"], &evalEvery)
    try reader.read("training.save_every", aliases: ["save_steps"], &saveEvery)
    try reader.read("training.keep", aliases: ["save_total_limit"], &keep, "from 1") { $0 >= 1 }
    try reader.read("training.early_stopping_patience", &earlyStoppingPatience, "above 0") { $0.map { $0 > 0 } ?? true }
    try reader.read("training.best_metric", aliases: ["metric_for_best_model"], &bestMetric)
    try reader.read("training.eval_generate", &evalGenerate, "from 0") { $0 >= 0 }
    try reader.read("training.deterministic", aliases: ["full_determinism"], &deterministic)
    try reader.read("training.threads", &threads, "above 0") { $0.map { $0 > 0 } ?? true }
    try reader.read("training.output", aliases: ["output_dir"], &output)
  }
}
