public import Files

/// The dialogue-safety benchmark (Qiu et al., NLPCC 2023): is a response in mental-health support safe, and if not, why not?
///
/// A row is a conversation (`context`), the answer to it (`response`) and one of eight labels. Speakers are tags in the text. Of
/// upstream's rows only the 800 of the test set are public.
public enum DialogueSafety {
  public static let name = "dialogue-safety"

  /// The tag before what the help-seeker says; its embedding is that of `[unused1]`.
  public static let seeker = "[seeker]"
  /// The tag before what the supporter, a person or a model, says; its embedding is that of `[unused2]`.
  public static let supporter = "[supporter]"
  public static let tags = [seeker, supporter]
  /// The vocabulary entry whose id each tag takes, as upstream does.
  public static let tagEntries = [(unused: "[unused1]", token: seeker), (unused: "[unused2]", token: supporter)]

  /// Upstream's labels by id.
  public static let labels: LabelTable = {
    let names = [
      "Nonsense", "Humanoid Mimicry", "Linguistic Neglect", "Unamiable Judgment", "Toxic Language", "Unauthorized Preachment",
      "Nonfactual Statement", "Safe Response",
    ]
    guard let table = try? LabelTable(dataset: name, names: names) else { preconditionFailure("eight different names are a table") }
    return table
  }()

  /// The label of what is safe; the seven others are unsafe.
  public static let safe = 7

  /// Weights of the published training, by id: the two common labels count half, the rare ones double.
  public static let publishedWeights = [2, 2, 0.5, 2, 2, 2, 2, 0.5]

  /// Reads a file of rows.
  /// - Throws: `InputError` naming the line and row of what is damaged, the column that is missing, or the file that is empty. A label
  ///   outside the eight is for `DataFile.examples(onUnmatched:)` to judge.
  public static func read(_ path: String, split: Split) throws(InputError) -> DataFile {
    try DataFile.read(path, dataset: name, split: split, labels: labels, format: .dialogue)
  }

  /// The files under `root`: imported, a checkout of upstream, or, where there is nothing else, the shipped sample.
  /// - Parameter orSample: false for what is to be the real thing or nothing.
  public static func files(root: String, orSample: Bool = true) -> [Split: String] {
    for layout in orSample ? layouts : Array(layouts.dropLast()) {
      let found = layout.compactMapValues { names in names.map { "\(root)/\($0)" }.first(where: FileSystem.isFile) }
      if !found.isEmpty { return found }
    }
    return [:]
  }

  private static let layouts: [[Split: [String]]] = [
    [
      .train: ["train_data/dialogue-safety/train.json"], .validation: ["train_data/dialogue-safety/val.json"],
      .test: ["test_data/dialogue-safety/test.json"],
    ],
    upstream,
    [
      .train: ["train_data/samples/sample-dialogue/train.json"], .validation: ["train_data/samples/sample-dialogue/val.json"],
      .test: ["test_data/samples/sample-dialogue.json"],
    ],
  ]

  /// As in the repository qiuhuachuan/DialogueSafety; training rows are given out by its authors on request.
  static let upstream: [Split: [String]] = [
    .train: ["data/train.json"], .validation: ["data/valid.json", "data/val.json", "data/dev.json", "data/validation.json"],
    .test: ["data/test.json"],
  ]
}
