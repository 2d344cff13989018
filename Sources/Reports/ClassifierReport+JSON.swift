public import Files

// `results.json`: what a report shows, in one schema. Numbers that are not finite become null and read back as NaN.

extension ClassifierReport {
  /// The version of the schema below; a reader refuses others.
  public static let schema = 1

  public var json: JSON {
    [
      "schema": .integer(Self.schema), "kind": "classifier", "title": .string(title),
      "facts": .object(JSONObject(facts.map { ($0.name, JSON.string($0.value)) })), "datasets": .array(datasets.map(\.json)),
    ]
  }

  /// Reads what `json` wrote, so that a report can be drawn again.
  /// - Parameter source: the file, for errors.
  /// - Throws: `InputError` naming the first member that is missing or of another kind.
  public init(json: JSON, source: String) throws(InputError) {
    let reader = ResultsReader(json, source: source)
    let schema = try reader["schema"].integer()
    guard schema == Self.schema else {
      throw InputError(source, at: "schema", "found \(schema), expected \(Self.schema)", advice: "Read it with the version of attune that wrote it")
    }
    title = try reader["title"].string()
    facts = try reader["facts"].members().map { Fact($0.key, $0.value.string ?? "") }
    datasets = try reader["datasets"].map { reader throws(InputError) in try DatasetReport(reader) }
  }
}

extension DatasetReport {
  fileprivate var json: JSON {
    [
      "name": .string(name), "rows": .integer(rows), "labels": .array(labels.map(JSON.string)), "accuracy": accuracy.json,
      "weighted_f1": weightedF1.json, "macro_f1": macroF1.json,
      "baselines": .array(
        baselines.map {
          [
            "kind": .string($0.kind.rawValue), "accuracy": number($0.accuracy), "weighted_f1": number($0.weightedF1),
            "macro_f1": number($0.macroF1),
          ]
        }),
      "forms": .array(
        forms.map { ["name": .string($0.name), "rows": .integer($0.rows), "accuracy": $0.accuracy.json, "weighted_f1": $0.weightedF1.json] }),
      "classes": .array(
        classes.map {
          [
            "label": .string($0.label), "precision": number($0.precision), "recall": number($0.recall), "f1": $0.f1.json,
            "support": .integer($0.support),
          ]
        }),
      "confusion": .array(confusion.map { .array($0.map(JSON.integer)) }),
      "calibration": calibration?.json ?? .null, "curves": curves?.json ?? .null, "notes": .array(notes.map(JSON.string)),
    ]
  }

  fileprivate init(_ reader: ResultsReader) throws(InputError) {
    self.init(
      name: try reader["name"].string(), labels: try reader["labels"].map { reader throws(InputError) in try reader.string() },
      rows: try reader["rows"].integer(), accuracy: try Score(reader["accuracy"]), weightedF1: try Score(reader["weighted_f1"]),
      macroF1: try Score(reader["macro_f1"]))
    baselines = try reader["baselines"].map { reader throws(InputError) in
      let name = try reader["kind"].string()
      guard let kind = Baseline.Kind(rawValue: name) else {
        throw reader["kind"].error("\"\(name)\"", "one of \(Baseline.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return Baseline(
        kind, accuracy: try reader["accuracy"].number(), weightedF1: try reader["weighted_f1"].number(), macroF1: try reader["macro_f1"].number())
    }
    forms = try reader["forms"].map { reader throws(InputError) in
      Form(
        name: try reader["name"].string(), rows: try reader["rows"].integer(), accuracy: try Score(reader["accuracy"]),
        weightedF1: try Score(reader["weighted_f1"]))
    }
    classes = try reader["classes"].map { reader throws(InputError) in
      ClassScore(
        label: try reader["label"].string(), precision: try reader["precision"].number(), recall: try reader["recall"].number(),
        f1: try Score(reader["f1"]), support: try reader["support"].integer())
    }
    confusion = try reader["confusion"].map { reader throws(InputError) in try reader.map { reader throws(InputError) in try reader.integer() } }
    guard confusion.isEmpty || confusion.count == labels.count && confusion.allSatisfy({ $0.count == labels.count }) else {
      throw reader["confusion"].error("\(confusion.count) rows", "\(labels.count) rows and columns, one a label")
    }
    if !reader["calibration"].isNull { calibration = try Calibration(reader["calibration"]) }
    if !reader["curves"].isNull { curves = try Curves(reader["curves"]) }
    notes = try reader["notes"].map { reader throws(InputError) in try reader.string() }
  }
}

extension Score {
  fileprivate var json: JSON {
    ["mean": number(mean), "deviation": number(deviation), "low": number(low), "high": number(high)]
  }

  fileprivate init(_ reader: ResultsReader) throws(InputError) {
    self.init(
      try reader["mean"].number(), deviation: try reader["deviation"].optionalNumber(), low: try reader["low"].optionalNumber(),
      high: try reader["high"].optionalNumber())
  }
}

extension Calibration {
  fileprivate var json: JSON {
    func bins(_ bins: [Bin]) -> JSON {
      .array(bins.map { ["confidence": number($0.confidence), "accuracy": number($0.accuracy), "count": .integer($0.count)] })
    }
    return [
      "temperature": number(temperature), "ece_before": number(errorBefore), "ece_after": number(errorAfter), "before": bins(before),
      "after": bins(after),
    ]
  }

  fileprivate init(_ reader: ResultsReader) throws(InputError) {
    func bins(_ reader: ResultsReader) throws(InputError) -> [Bin] {
      try reader.map { reader throws(InputError) in
        Bin(confidence: try reader["confidence"].number(), accuracy: try reader["accuracy"].number(), count: try reader["count"].integer())
      }
    }
    self.init(
      temperature: try reader["temperature"].number(), errorBefore: try reader["ece_before"].number(),
      errorAfter: try reader["ece_after"].number(), before: try bins(reader["before"]), after: try bins(reader["after"]))
  }
}

extension Curves {
  fileprivate var json: JSON {
    func points(_ points: [Point]) -> JSON { .array(points.map { [.integer($0.step), number($0.value)] }) }
    return [
      "training_loss": points(trainingLoss), "validation_loss": points(validationLoss), "metric": .string(metricName),
      "validation_metric": points(validationMetric), "learning_rate": points(learningRate), "best_step": bestStep.map(JSON.integer) ?? .null,
    ]
  }

  fileprivate init(_ reader: ResultsReader) throws(InputError) {
    func points(_ reader: ResultsReader) throws(InputError) -> [Point] {
      try reader.map { reader throws(InputError) in Point(try reader[0].integer(), try reader[1].number()) }
    }
    self.init(
      trainingLoss: try points(reader["training_loss"]), validationLoss: try points(reader["validation_loss"]),
      metricName: try reader["metric"].string(), validationMetric: try points(reader["validation_metric"]),
      learningRate: try points(reader["learning_rate"]), bestStep: reader["best_step"].isNull ? nil : try reader["best_step"].integer())
  }
}

private func number(_ value: Double?) -> JSON { value.map { $0.isFinite ? .number($0) : .null } ?? .null }
