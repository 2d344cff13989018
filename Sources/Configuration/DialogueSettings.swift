public import Files

/// Which rows a dialogue-safety run reads, and in what it follows upstream.
public struct DialogueSettings: Sendable, Equatable {
  /// Files of rows; nil takes those below `data.folder`.
  public var train: String?
  public var validation: String?
  public var test: String?
  /// Parts of a cross-validation, where there are no training rows.
  public var folds = 5
  /// As the published code did: tags beside punctuation are split into pieces, the checkpoint is chosen on the test set by its accuracy, and the warm-up is rounded down.
  public var compat = false

  public init() {}

  mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try readRows(&reader)
    try reader.read("dialogue.folds", &folds, "from 2 to 20") { 2...20 ~= $0 }
    try reader.read("dialogue.compat", &compat)
  }

  mutating func readRows(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("dialogue.train", &train, "that is a file") { $0.map { !$0.isEmpty } ?? true }
    try reader.read("dialogue.validation", &validation, "that is a file") { $0.map { !$0.isEmpty } ?? true }
    try reader.read("dialogue.test", &test, "that is a file") { $0.map { !$0.isEmpty } ?? true }
  }
}

/// Trains dialogue-safety classifiers and judges them: `attune eval dialogue-safety --model DIR`.
public struct DialogueTrainingJob: Sendable {
  public var settings: ClassifierSettings
  public var dialogue: DialogueSettings
  public var configuration: ResolvedConfiguration
  public var existing: ExistingRun
  public var dryRun: Bool
  public var console: ConsoleOptions

  /// Reads a recipe and overrides over the published training.
  /// - Throws: `InputError` as `ClassifierSettings.read`.
  public init(
    recipe: String?, overrides: [Override], existing: ExistingRun = .resume, dryRun: Bool = false, console: ConsoleOptions = .init()
  ) throws(InputError) {
    (settings, dialogue, configuration) = try Self.read(recipe: recipe, overrides: overrides)
    (self.existing, self.dryRun, self.console) = (existing, dryRun, console)
  }

  public static func read(
    recipe: String?, overrides: [Override] = []
  ) throws(InputError) -> (settings: ClassifierSettings, dialogue: DialogueSettings, configuration: ResolvedConfiguration) {
    var reader = try SettingsReader(recipe: recipe, overrides: overrides)
    var (settings, dialogue) = (ClassifierSettings.dialogueSafety, DialogueSettings())
    try dialogue.read(&reader)
    if dialogue.compat { settings.training.bestMetric = .accuracy }
    try settings.read(&reader, head: ClassifierSettings.publishedHead)
    guard settings.model.method != .linear else {
      throw InputError(commandLine, at: "model.method", "found linear, expected full or lora", advice: "The linear model is trained beside every run")
    }
    guard settings.data.input == .dialogue else {
      throw InputError(commandLine, at: "data.input", "found \(settings.data.input.rawValue), expected \(InputView.dialogue.rawValue)", advice: "Leave it out")
    }
    return (settings, dialogue, try reader.finish())
  }
}

extension ClassifierSettings {
  /// The training of Qiu et al. (2023).
  public static let dialogueSafety: ClassifierSettings = {
    var settings = ClassifierSettings()
    settings.model.base = "checkpoints/bert-base-chinese"
    settings.model.maxLength = 512
    (settings.data.dataset, settings.data.input) = (.named("dialogue-safety"), .dialogue)
    settings.optimizer.learningRate = 2e-5
    settings.optimizer.maxGradientNorm = 0
    (settings.training.epochs, settings.training.seeds, settings.training.refit) = (5, 5, .never)
    settings.training.classWeights = .named([
      .init("Nonsense", 2), .init("Humanoid Mimicry", 2), .init("Linguistic Neglect", 0.5), .init("Unamiable Judgment", 2), .init("Toxic Language", 2),
      .init("Unauthorized Preachment", 2), .init("Nonfactual Statement", 2), .init("Safe Response", 0.5),
    ])
    return settings
  }()

  /// Upstream gives `chinese-roberta-wwm-ext-large`, a BERT by its configuration, the dense head and other BERT models the plain one.
  static func publishedHead(_ model: Model) -> EncoderHead {
    guard model.method == .full else { return .pooler }
    let name = model.base.split(separator: "/").last.map { $0.lowercased() } ?? ""
    return name.contains("roberta") ? .dense : .firstToken
  }
}
