import Files

/// Where a run is, apart from its tensors: everything that decides what the next step does.
struct RunState: Hashable, Sendable {
  /// Optimizer steps taken.
  var step = 0
  var cursor = BatchSampler.Cursor()
  /// The step just taken is to be validated before the next one.
  var owesValidation = false
  var bestScore: Double?
  var bestStep: Int?
  var validationsWithoutGain = 0

  /// Counts one batch as done.
  mutating func advance(batchesPerEpoch: Int) {
    step += 1
    cursor.batch += 1
    if cursor.batch == batchesPerEpoch { cursor = .init(epoch: cursor.epoch + 1, batch: 0) }
  }

  func epoch(batchesPerEpoch: Int) -> Double { Double(cursor.epoch) + Double(cursor.batch) / Double(batchesPerEpoch) }

  /// Whether `scores` are the best so far; equal scores are not better, so the earliest of equals stays.
  mutating func judge(_ scores: ValidationScores, by metric: String) -> Bool {
    guard let score = scores[metric] else { preconditionFailure("no validation score '\(metric)'") }
    let isBetter = bestScore.map { ["loss", "perplexity"].contains(metric) ? score < $0 : score > $0 } ?? true
    if isBetter {
      (bestScore, bestStep, validationsWithoutGain) = (score, step, 0)
    } else {
      validationsWithoutGain += 1
    }
    return isBetter
  }

  var json: JSON {
    .object([
      "format": 1, "step": .integer(step), "epoch": .integer(cursor.epoch), "batch": .integer(cursor.batch),
      "owes_validation": .bool(owesValidation), "best_score": bestScore.map { .number($0) } ?? .null,
      "best_step": bestStep.map { .integer($0) } ?? .null, "validations_without_gain": .integer(validationsWithoutGain),
    ])
  }

  init() {}

  init(_ json: JSON, path: String) throws(InputError) {
    func integer(_ key: String) throws(InputError) -> Int {
      guard let value = json[key]?.int, value >= 0 else {
        throw InputError(path, at: "key \"\(key)\"", "expected a count, found \(json[key]?.encoded() ?? "nothing")", advice: "Start anew with --overwrite")
      }
      return value
    }
    guard try integer("format") == 1 else { throw InputError(path, "written by another version of attune", advice: "Start anew with --overwrite") }
    step = try integer("step")
    cursor = .init(epoch: try integer("epoch"), batch: try integer("batch"))
    owesValidation = json["owes_validation"]?.bool ?? false
    bestScore = json["best_score"]?.double
    bestStep = json["best_step"]?.int
    validationsWithoutGain = try integer("validations_without_gain")
  }
}
