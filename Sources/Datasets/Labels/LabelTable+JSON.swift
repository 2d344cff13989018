public import Files

extension LabelTable {
  /// Reads a `labels.json`:
  /// ```json
  /// {"dataset": "sample-stress", "lead_ins": [],
  ///  "labels": [{"name": "no", "short": "no", "phrases": ["^no"]}, {"name": "yes", "short": "yes", "phrases": ["^yes"]}]}
  /// ```
  /// Ids are positions. `short` and `lead_ins` may be left out; the grammar of phrases is `Phrase`'s.
  /// - Throws: `InputError` naming the key that is missing, unknown, or of the wrong type, and whatever `LabelTable.init` refuses.
  public static func read(_ path: String) throws(InputError) -> LabelTable { try LabelTable(json: try JSON.read(path), source: path) }

  /// What `json` gives. `path` is the file it stands in, for errors.
  public init(json root: JSON, source path: String) throws(InputError) {
    try Self.checkKeys(root, ["dataset", "labels", "lead_ins"], path, "the top level")
    guard let dataset = root["dataset"]?.string else { throw Self.wrong(path, "dataset", "a name") }
    guard let entries = root["labels"]?.array else { throw Self.wrong(path, "labels", "a list of labels") }
    var labels: [Label] = []
    for (id, entry) in entries.enumerated() {
      try Self.checkKeys(entry, ["name", "short", "phrases"], path, "labels[\(id)]")
      guard let name = entry["name"]?.string, !name.isEmpty else { throw Self.wrong(path, "labels[\(id)].name", "a name") }
      guard let patterns = entry["phrases"]?.array, !patterns.isEmpty else { throw Self.wrong(path, "labels[\(id)].phrases", "a list of phrases") }
      var phrases: [Phrase] = []
      for (k, pattern) in patterns.enumerated() {
        guard let phrase = pattern.string.flatMap(Phrase.init) else {
          throw Self.wrong(path, "labels[\(id)].phrases[\(k)]", "lower-case words, with ^, […] or * as in \"^yes\", \"health issue[s]\", \"suicid*\"")
        }
        phrases.append(phrase)
      }
      labels.append(Label(id: id, name: name, shortName: entry["short"]?.string ?? name, phrases: phrases))
    }
    let leadIns = (root["lead_ins"]?.array ?? []).compactMap(\.string)
    do {
      try self.init(dataset: dataset, labels: labels, leadIns: leadIns)
    } catch {
      throw InputError(path, error.description, advice: "Correct the table")
    }
  }

  /// The table as `labels.json` holds it.
  public var json: JSON {
    [
      "dataset": .string(dataset), "lead_ins": .array(leadIns.map(JSON.string)),
      "labels": .array(labels.map { label in
        ["name": .string(label.name), "short": .string(label.shortName), "phrases": .array(label.phrases.map { .string($0.pattern) })]
      }),
    ]
  }

  /// The table that belongs to a data file by its place: IMHI's when the file or its folder is named after a set (`DR.csv`,
  /// `DR/train.csv`), else the `labels.json` beside it, or for `test_data/samples/NAME.csv` the one beside its training rows. Nil when there is none.
  public static func known(for path: String) throws(InputError) -> LabelTable? {
    let parts = path.split(separator: "/").map(String.init)
    let name = FileSystem.stem(of: path)
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    for candidate in [name] + parts.dropLast().suffix(1) {
      if let table = IMHILabels.table(candidate) { return table }
    }
    var places = ["\(folder)/labels.json"]
    for side in ["test_data/samples", "test_data/samples/generations"] where folder.hasSuffix(side) {
      places.append("\(folder.dropLast(side.count))train_data/samples/\(name)/labels.json")
    }
    for place in places where FileSystem.exists(place) { return try read(place) }
    return nil
  }

  private static func checkKeys(_ json: JSON, _ known: [String], _ path: String, _ place: String) throws(InputError) {
    guard let object = json.object else { throw InputError(path, at: place, "expected an object") }
    for key in object.keys where !known.contains(key) {
      let nearest = nearestName(to: key, among: known).map { "; the nearest is '\($0)'" } ?? ""
      throw InputError(path, at: place, "unknown key '\(key)'\(nearest)", advice: "Known keys: \(known.joined(separator: ", "))")
    }
  }

  private static func wrong(_ path: String, _ key: String, _ expected: String) -> InputError {
    InputError(path, at: "key \"\(key)\"", "missing or of the wrong type, expected \(expected)", advice: "Correct the table")
  }
}
