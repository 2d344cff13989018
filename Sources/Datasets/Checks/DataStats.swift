public import Files

/// What a data file is made of, and what guessing its commonest label would score.
public struct DataStats: Sendable, Hashable {
  public let dataset: String
  public let split: Split
  public let rows: Int
  /// Rows whose label can be read.
  public let labelled: Int
  /// Rows by label id.
  public let labelCounts: [Int]
  public let labelNames: [String]
  /// Lengths of the text in UTF-8 bytes: least, median, 95th percentile (nearest rank), greatest.
  public let bytes: Lengths
  /// Lengths in tokens, when a tokenizer was given.
  public let tokens: Lengths?

  /// Four points of a distribution of lengths.
  public struct Lengths: Sendable, Hashable {
    public let least: Int
    public let median: Int
    public let percentile95: Int
    public let greatest: Int

    /// Nearest-rank points of `values`; all zero when there are none.
    public init(_ values: [Int]) {
      let sorted = values.sorted()
      func point(_ share: Double) -> Int {
        sorted.isEmpty ? 0 : sorted[max(Int((share * Double(sorted.count)).rounded(.up)) - 1, 0)]
      }
      (least, median, percentile95, greatest) = (point(0), point(0.5), point(0.95), point(1))
    }

    var json: JSON {
      var object = JSONObject()
      object["least"] = .integer(least)
      object["median"] = .integer(median)
      object["p95"] = .integer(percentile95)
      object["greatest"] = .integer(greatest)
      return .object(object)
    }
  }

  /// - Parameter tokenCount: the number of tokens of a text; nil leaves `tokens` nil.
  public init(_ file: DataFile, tokenCount: ((String) -> Int)? = nil) {
    dataset = file.rows.first?.id.dataset ?? file.labels.dataset
    split = file.split
    rows = file.rows.count
    var counts = [Int](repeating: 0, count: file.labels.count)
    for row in file.rows { if let label = row.reading.label { counts[label] += 1 } }
    labelCounts = counts
    labelNames = file.labels.names
    labelled = counts.reduce(0, +)
    bytes = Lengths(file.rows.map { $0.text.utf8.count })
    tokens = tokenCount.map { count in Lengths(file.rows.map { count($0.text) }) }
  }

  /// The id of the commonest label (the first of equals) and the scores of always answering it.
  public var majority: (label: Int, accuracy: Double, weightedF1: Double, macroF1: Double) {
    guard labelled > 0, let most = labelCounts.max(), let label = labelCounts.firstIndex(of: most) else { return (0, 0, 0, 0) }
    // All answers are `label`: its precision is its share, its recall 1; every other class scores 0.
    let share = Double(most) / Double(labelled)
    let f1 = 2 * share / (1 + share)
    let classes = labelCounts.filter { $0 > 0 }.count
    return (label, share, share * f1, f1 / Double(classes))
  }

  /// One object with every number above.
  public var json: JSON {
    var labels = JSONObject()
    for (name, count) in zip(labelNames, labelCounts) { labels[name] = .integer(count) }
    var baseline = JSONObject()
    let majority = majority
    baseline["label"] = .string(labelNames[majority.label])
    baseline["accuracy"] = .number(majority.accuracy)
    baseline["weighted_f1"] = .number(majority.weightedF1)
    baseline["macro_f1"] = .number(majority.macroF1)
    var object = JSONObject()
    object["dataset"] = .string(dataset)
    object["split"] = .string(split.rawValue)
    object["rows"] = .integer(rows)
    object["labelled"] = .integer(labelled)
    object["labels"] = .object(labels)
    object["bytes"] = bytes.json
    if let tokens { object["tokens"] = tokens.json }
    object["majority"] = .object(baseline)
    return .object(object)
  }
}
