public import Files

/// The rows of a dialogue-safety run: what to learn from, what chooses, what judges.
public struct DialogueRows: Sendable {
  /// Empty where only a test set is at hand: then it is cross-validated.
  public let train: [Example]
  public let validation: [Example]
  public let test: [Example]
  /// The files read.
  public let sources: [Split: String]
  /// Sentences for the user: held-out rows, leaks, dropped rows.
  public let notes: [String]

  /// Reads the files named, or, where none is, those below `root`. Where files are named only they count, but for the test set, which may
  /// be that of `root`.
  ///
  /// Without a validation file a tenth of the training rows is held out, every label in its share, rows of one context together.
  /// - Throws: `InputError` when there is no test set, or training rows are missing though a validation file is named.
  public init(
    train: String? = nil, validation: String? = nil, test: String? = nil, root: String, onUnmatched policy: DataFile.UnmatchedPolicy = .fail
  ) throws(InputError) {
    let found = DialogueSafety.files(root: root)
    var sources = found
    if train != nil || validation != nil || test != nil {
      sources = [:]
      (sources[.train], sources[.validation], sources[.test]) = (train, validation, test ?? found[.test])
    }
    guard sources[.test] != nil else {
      throw InputError(root, "found no dialogue-safety rows in it", advice: "Name a file with --test, or import: attune data import dialogue-safety --from DIR")
    }
    if let validation = sources[.validation], sources[.train] == nil {
      throw InputError(validation, "rows to validate on, but none to train on", advice: "Name the training rows with --train")
    }
    var (parts, dropped): ([Split: [Example]], Int) = ([:], 0)
    for split in Split.allCases {
      guard let path = sources[split] else { continue }
      let part = try DialogueSafety.read(path, split: split).examples(onUnmatched: policy)
      parts[split] = part.examples
      dropped += part.dropped.count
      guard !part.examples.isEmpty else { throw InputError(path, "no row has a label that can be read", advice: "Check the label column") }
    }
    var (learned, held, notes): ([Example], [Example], [String]) = (parts[.train] ?? [], parts[.validation] ?? [], [])
    self.test = parts[.test] ?? []
    if held.isEmpty, !learned.isEmpty {
      (learned, held) = Self.held(of: learned, seed: 0)
      notes.append("no validation rows: \(held.count) of the training rows are held out to choose the best checkpoint")
    }
    let seen = Set((learned + held).map { contentDigest($0.post, $0.text) })
    let leaks = self.test.count { seen.contains(contentDigest($0.post, $0.text)) }
    if leaks > 0 { notes.append("\(leaks) test rows are among the training rows too: scores on them are not honest") }
    if dropped > 0 { notes.append("\(dropped) rows left out, their label cannot be read") }
    (self.train, self.validation, self.sources, self.notes) = (learned, held, sources, notes)
  }

  /// Whether the test set has to serve for training too.
  public var isCrossValidated: Bool { train.isEmpty }

  /// The parts of one training: the given ones.
  public var dataset: Dataset { Self.dataset(train, validation, test) }

  /// The parts of each training of a cross-validation on the test set, in which every row is judged once by a model that has not seen it or
  /// another row of its context; of the others a tenth chooses the checkpoint.
  /// - Returns: for each fold its parts, and the positions of its judged rows in `test`.
  public func folds(_ count: Int, seed: UInt64) -> [(dataset: Dataset, rows: [Int])] {
    StratifiedFolds(labels: test.map(\.label), groups: test.map(\.post), count: count, seed: seed).folds.map { rows in
      let judged = Set(rows)
      let (train, validation) = Self.held(of: test.indices.filter { !judged.contains($0) }.map { test[$0] }, seed: seed)
      return (Self.dataset(train, validation, rows.map { test[$0] }), rows)
    }
  }

  /// A tenth set aside.
  private static func held(of examples: [Example], seed: UInt64) -> (train: [Example], held: [Example]) {
    let held = Set(StratifiedFolds(labels: examples.map(\.label), groups: examples.map(\.post), count: 10, seed: seed).folds[0])
    return (examples.indices.filter { !held.contains($0) }.map { examples[$0] }, held.sorted().map { examples[$0] })
  }

  private static func dataset(_ train: [Example], _ validation: [Example], _ test: [Example]) -> Dataset {
    Dataset(name: DialogueSafety.name, labels: DialogueSafety.labels, train: train, validation: validation, test: test)
  }

  /// One labelled row of each label to show to a language model, another choice for every seed; never a row of the test set.
  /// - Throws: `InputError` when a label has no training row.
  public func shots(seed: UInt64) throws(InputError) -> [Example] {
    let judged = Set(test.map { contentDigest($0.post, $0.text) })
    let candidates = train.filter { !judged.contains(contentDigest($0.post, $0.text)) }
    var shots: [Example] = []
    for (label, name) in DialogueSafety.labels.names.enumerated() {
      let rows = candidates.filter { $0.label == label }
      // By a hash of row and seed: no generator, the same on every machine.
      guard let chosen = rows.min(by: { (rank($0, seed), $0.id.row) < (rank($1, seed), $1.id.row) }) else {
        throw InputError(sources[.train] ?? "--train", "no row of \(name), expected one of each label to show", advice: "Name training rows with --train, or ask with --shots zero")
      }
      shots.append(chosen)
    }
    return shots
  }

  private func rank(_ example: Example, _ seed: UInt64) -> UInt64 { contentDigest("\(seed)", "\(example.id.digest)") }
}
