public import Files

/// Everything that decides the results of `attune eval imhi`: what `attune generate` needs, where answers and classifiers come from instead or besides.
public struct IMHISettings: Sendable, Equatable {
  /// The model, the test sets and how they are answered. `model.base` is empty where answers are stored.
  public var generate = GenerateSettings()
  /// A model to ask that is no folder of this machine, as `ModelReference` reads it; nil asks `generate.model`.
  public var endpoint: String?
  /// How servers are asked.
  public var asking = EndpointSettings()
  /// A folder of stored answers, `DATASET.csv` with `goldens,generated_text`, or JSON Lines; nil asks the model.
  public var answers: String?
  /// A folder with one classifier a dataset; nil reads labels by rule, and from a column `labels` where stored answers have one.
  public var classifiers: String?
  public var networks = Networks()

  /// Scores of texts with a network inside; none unless models are named.
  public struct Networks: Sendable, Equatable {
    /// The folder of an encoder: BERTScore.
    public var bertScore: String?
    /// Whose output BERTScore compares; nil takes the published choice for the folder's name, else the last.
    public var bertScoreLayer: Int?
    /// BERTScore: tokens that few goldens of a set have weigh more.
    public var bertScoreIDF = false
    /// BERTScore: a file of baselines by layer that scores are rescaled by.
    public var bertScoreBaseline: String?
    /// BERTScore: a space before each text.
    public var bertScorePrefixSpace = false
    /// A setting of BERTScore that was made although no encoder was named.
    public var settingWithoutEncoder: String? {
      guard bertScore == nil else { return nil }
      let made = [("layer", bertScoreLayer != nil), ("idf", bertScoreIDF), ("baseline", bertScoreBaseline != nil), ("prefix_space", bertScorePrefixSpace)]
      return made.first(where: \.1).map { "scores.bert_score_\($0.0)" }
    }
    /// The folder of a BART or T5: BARTScore of the golden, given the answer.
    public var bartScore: String?
  }

  public init() { generate.data.dataset = "imhi" }

  /// Reads a recipe and overrides over the defaults.
  /// - Throws: `InputError` with file and line, or the override, of an unknown key or an unusable value.
  public static func read(
    recipe: String?, overrides: [Override] = []
  ) throws(InputError) -> (settings: IMHISettings, configuration: ResolvedConfiguration) {
    var reader = try SettingsReader(recipe: recipe, overrides: overrides)
    var settings = IMHISettings()
    try settings.generate.read(&reader)
    try reader.read("model.endpoint", &settings.endpoint, "that is a model of a server") { $0.map { !$0.isEmpty } ?? true }
    try settings.asking.read(&reader)
    try reader.read("answers.folder", &settings.answers, "that is a folder") { $0.map { !$0.isEmpty } ?? true }
    try reader.read("labels.models", &settings.classifiers, "that is a folder") { $0.map { !$0.isEmpty } ?? true }
    try reader.read("scores.bert_score", &settings.networks.bertScore, "that is a folder") { $0.map { !$0.isEmpty } ?? true }
    try reader.read("scores.bert_score_layer", &settings.networks.bertScoreLayer, "from 0") { $0.map { $0 >= 0 } ?? true }
    try reader.read("scores.bert_score_idf", &settings.networks.bertScoreIDF)
    try reader.read("scores.bert_score_baseline", &settings.networks.bertScoreBaseline, "that is a file") { $0.map { !$0.isEmpty } ?? true }
    try reader.read("scores.bert_score_prefix_space", &settings.networks.bertScorePrefixSpace)
    try reader.read("scores.bart_score", &settings.networks.bartScore, "that is a folder") { $0.map { !$0.isEmpty } ?? true }
    return (settings, try reader.finish())
  }
}

/// The IMHI benchmark from model or stored answers to report: `attune eval imhi`.
public struct IMHIJob: Sendable {
  public var settings: IMHISettings
  /// `settings` with origins, for the run folder.
  public var configuration: ResolvedConfiguration
  /// The folder of another run, to compare with row by row.
  public var comparedRun: String?
  /// A folder of people's ratings of the same rows.
  public var annotations: String?
  /// Also write upstream's numbers and its `results.txt`.
  public var compatibility: Compatibility
  /// Replace the run folder instead of continuing it.
  public var overwrite: Bool
  public var console: ConsoleOptions

  public init(
    settings: IMHISettings, configuration: ResolvedConfiguration, comparedRun: String? = nil, annotations: String? = nil,
    compatibility: Compatibility = .corrected, overwrite: Bool = false, console: ConsoleOptions = .init()
  ) {
    (self.settings, self.configuration, self.comparedRun, self.annotations) = (settings, configuration, comparedRun, annotations)
    (self.compatibility, self.overwrite, self.console) = (compatibility, overwrite, console)
  }
}
