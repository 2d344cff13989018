public import Files

/// Everything that decides how a label classifier is trained. Defaults are the values that reproduce the published
/// results; `scripts/recipes/classifier.yaml` explains each by its effect.
public struct ClassifierSettings: Sendable, Equatable {
  public struct Model: Sendable, Equatable {
    public var method = ClassifierMethod.full
    /// The folder of the pretrained encoder.
    public var base = "checkpoints/all-MiniLM-L6-v2"
    /// Tokens a text is cut to, special tokens included.
    public var maxLength = 256
    /// Overrides the checkpoint's dropout probabilities; nil keeps them.
    public var dropout: Double?
    /// What lies between a BERT encoder and the logits.
    public var head = EncoderHead.pooler
  }

  public struct Data: Sendable, Equatable {
    public var dataset = DatasetSelection.all
    /// The folder that holds `train_data/` and `test_data/`, as `attune data import` fills them.
    public var folder = "."
    public var input = InputView.both
    public var onUnmatched = UnmatchedPolicy.error
    /// The share of the training rows held out where the dataset has no validation file.
    public var validationFraction = 0.1
  }

  /// AdamW (Loshchilov and Hutter, 2019).
  public struct Optimizer: Sendable, Equatable {
    /// The rate after the warm-up.
    public var learningRate = 5e-5
    /// Decoupled decay of matrices; biases and norms never decay.
    public var weightDecay = 0.01
    public var beta1 = 0.9
    public var beta2 = 0.999
    public var epsilon = 1e-8
    /// Gradients with a larger L2 norm are scaled to it; 0 turns clipping off.
    public var maxGradientNorm = 1.0
  }

  public struct Schedule: Sendable, Equatable {
    public var shape = ScheduleShape.linear
    /// The share of all steps over which the rate rises from 0. Unused when `warmupSteps` is set.
    public var warmupRatio = 0.1
    public var warmupSteps: Int?
  }

  public struct Training: Sendable, Equatable {
    public var epochs = 3
    /// Ends before `epochs` when set.
    public var maxSteps: Int?
    /// Items one optimizer step sees.
    public var batchSize = 16
    /// Items one forward pass sees; nil fits the whole batch. Changes memory, never the result beyond rounding.
    public var microBatchSize: Int?
    public var device = DeviceChoice.auto
    public var precision = Precision.auto
    /// Decides initial head weights, order of rows, dropout and the validation split.
    public var seed: UInt64 = 42
    /// Runs a dataset, with seeds `seed`, `seed + 1`, …
    public var seeds = 1
    public var evalEvery = Interval.epoch
    public var saveEvery = Interval.epoch
    /// Checkpoints kept besides the best one.
    public var keep = 1
    /// Evaluations without a better `bestMetric` before training stops; nil never stops early.
    public var earlyStoppingPatience: Int?
    public var bestMetric = BestMetric.auto
    public var refit = RefitPolicy.auto
    public var classWeights = ClassWeights.off
    /// Probability mass moved from the gold label to all labels alike.
    public var labelSmoothing = 0.0
    /// γ of the focal loss; 0 is cross-entropy.
    public var focalGamma = 0.0
    /// Refuses every operation whose result may differ between two runs.
    public var deterministic = false
    /// Threads of one operation; nil is one a physical core.
    public var threads: Int?
    /// The run folder; nil names one below `runs/` after the dataset.
    public var output: String?
  }

  public var model = Model()
  public var data = Data()
  public var optimizer = Optimizer()
  public var schedule = Schedule()
  public var training = Training()
  /// Only for `lora`.
  public var lora = LoRASettings()

  /// The learning rate of `lora` unless one is set: a thousandth of the weights moves, so each moves further.
  public static let adapterLearningRate = 5e-4

  public init() {}

  /// Reads a recipe and overrides over the defaults.
  /// - Parameters:
  ///   - recipe: a YAML file, or nil.
  ///   - overrides: in order; the last of a key wins.
  /// - Returns: the settings, and every value with its origin.
  /// - Throws: `InputError` with file and line, or the override, of an unknown key or an unusable value.
  public static func read(
    recipe: String?, overrides: [Override] = []
  ) throws(InputError) -> (settings: ClassifierSettings, configuration: ResolvedConfiguration) {
    var reader = try SettingsReader(recipe: recipe, overrides: overrides)
    var settings = ClassifierSettings()
    try settings.read(&reader)
    return (settings, try reader.finish())
  }

  /// Reads every section over what the settings hold.
  /// - Parameter head: the head that a base model has unless one is set.
  mutating func read(_ reader: inout SettingsReader, head: (Model) -> EncoderHead = { $0.head }) throws(InputError) {
    try model.read(&reader, head: head)
    if model.method == .lora {
      optimizer.learningRate = Self.adapterLearningRate
      try lora.read(&reader)
    }
    try data.read(&reader)
    try optimizer.read(&reader)
    try schedule.read(&reader)
    try training.read(&reader)
  }
}

extension ClassifierSettings.Model {
  fileprivate mutating func read(_ reader: inout SettingsReader, head published: (Self) -> EncoderHead) throws(InputError) {
    try reader.read("model.method", &method)
    try reader.read("model.base", aliases: ["model_name_or_path"], &base, "that is a folder") { !$0.isEmpty }
    try reader.read("model.max_length", aliases: ["max_seq_length", "max_seq_len"], &maxLength, "from 8") { $0 >= 8 }
    try reader.read("model.dropout", &dropout, "from 0, below 1") { $0.map { $0 >= 0 && $0 < 1 } ?? true }
    head = published(self)
    let isFull = method == .full
    try reader.read("model.head", &head, isFull ? "" : "that is pooler, as method \(method.rawValue) needs") { isFull || $0 == .pooler }
  }
}

extension ClassifierSettings.Data {
  fileprivate mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("data.dataset", aliases: ["dataset_name"], &dataset)
    try reader.read("data.folder", aliases: ["data_dir"], &folder, "that is a folder") { !$0.isEmpty }
    try reader.read("data.input", &input)
    try reader.read("data.on_unmatched", &onUnmatched)
    try reader.read("data.validation_fraction", &validationFraction, "above 0, at most 0.5") { $0 > 0 && $0 <= 0.5 }
  }
}

extension ClassifierSettings.Optimizer {
  mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("optimizer.learning_rate", aliases: ["lr"], &learningRate, "above 0, at most 1") { $0 > 0 && $0 <= 1 }
    try reader.read("optimizer.weight_decay", &weightDecay, "from 0, at most 1") { $0 >= 0 && $0 <= 1 }
    try reader.read("optimizer.beta1", aliases: ["adam_beta1"], &beta1, "from 0, below 1") { $0 >= 0 && $0 < 1 }
    try reader.read("optimizer.beta2", aliases: ["adam_beta2"], &beta2, "from 0, below 1") { $0 >= 0 && $0 < 1 }
    try reader.read("optimizer.epsilon", aliases: ["adam_epsilon"], &epsilon, "above 0") { $0 > 0 }
    try reader.read("optimizer.max_gradient_norm", aliases: ["max_grad_norm"], &maxGradientNorm, "from 0") { $0 >= 0 }
  }
}

extension ClassifierSettings.Schedule {
  mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("schedule.shape", aliases: ["lr_scheduler_type", "scheduler"], &shape)
    try reader.read("schedule.warmup_ratio", &warmupRatio, "from 0, below 1") { $0 >= 0 && $0 < 1 }
    try reader.read("schedule.warmup_steps", &warmupSteps, "from 0") { $0.map { $0 >= 0 } ?? true }
  }
}

extension ClassifierSettings.Training {
  fileprivate mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("training.epochs", aliases: ["num_train_epochs", "num_epochs"], &epochs, "above 0") { $0 > 0 }
    try reader.read("training.max_steps", &maxSteps, "above 0") { $0.map { $0 > 0 } ?? true }
    try reader.read("training.batch_size", aliases: ["train_batch_size"], &batchSize, "above 0") { $0 > 0 }
    let batch = batchSize
    try reader.read("training.micro_batch_size", &microBatchSize, "from 1 to batch_size (\(batch))") { $0.map { 1...batch ~= $0 } ?? true }
    try reader.read("training.device", &device)
    try reader.read("training.precision", &precision)
    try reader.read("training.seed", &seed)
    try reader.read("training.seeds", aliases: ["num_seeds"], &seeds, "from 1 to 100") { 1...100 ~= $0 }
    try reader.read("training.eval_every", aliases: ["eval_steps"], &evalEvery)
    try reader.read("training.save_every", aliases: ["save_steps"], &saveEvery)
    try reader.read("training.keep", aliases: ["save_total_limit"], &keep, "from 1") { $0 >= 1 }
    try reader.read("training.early_stopping_patience", &earlyStoppingPatience, "above 0") { $0.map { $0 > 0 } ?? true }
    try reader.read("training.best_metric", aliases: ["metric_for_best_model"], &bestMetric)
    try reader.read("training.refit", &refit)
    try reader.read("training.class_weights", &classWeights)
    try reader.read("training.label_smoothing", aliases: ["label_smoothing_factor"], &labelSmoothing, "from 0, below 1") { $0 >= 0 && $0 < 1 }
    let smoothing = labelSmoothing
    try reader.read("training.focal_gamma", &focalGamma, "from 0 to 10, and 0 with label_smoothing") { 0...10 ~= $0 && ($0 == 0 || smoothing == 0) }
    try reader.read("training.deterministic", aliases: ["full_determinism"], &deterministic)
    try reader.read("training.threads", &threads, "above 0") { $0.map { $0 > 0 } ?? true }
    try reader.read("training.output", aliases: ["output_dir"], &output)
  }
}
