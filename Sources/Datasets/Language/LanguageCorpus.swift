public import Files

/// The rows that a run learns from and is watched on, gathered from files and folders.
public struct LanguageCorpus: Sendable {
  public let train: [LanguageRow]
  public let validation: [LanguageRow]
  /// Every file read, in order.
  public let files: [String]
  /// Sentences for the user: held-out rows, a validation file standing in for a missing training file.
  public let notes: [String]

  /// One dataset's files.
  private struct Group {
    var name: String
    var train, validation: String?
  }

  /// Reads what `paths` name: a file of rows; a folder with `train` and `val` files (`.csv` or `.jsonl`); a folder of such folders; or
  /// one with `train_data/`, where every dataset of `form` counts.
  ///
  /// A set without validation rows gives up `holdOut` of its training rows, chosen by a hash of their prompt, so rows of one prompt
  /// stay together. A set without training rows is trained on its validation file.
  /// - Parameters:
  ///   - validation: files to validate on instead of what the folders have.
  ///   - holdOut: 0 holds nothing out.
  /// - Throws: `InputError` for a path that is none of these, or that has no rows to train on.
  public static func load(
    _ paths: [String], form: IMHIForm = .instruction, validation: [String] = [], holdOut: Double = 0.05
  ) throws(InputError) -> LanguageCorpus {
    var (train, held): ([LanguageRow], [LanguageRow]) = ([], [])
    var (files, notes): ([String], [String]) = ([], [])
    for path in paths {
      for group in try groups(path, form) {
        var own: [LanguageRow] = []
        var watched: [LanguageRow] = []
        if let file = group.train {
          own = try LanguageFile.read(file, split: .train, dataset: group.name).rows
          files.append(file)
        }
        if let file = group.validation, own.isEmpty || validation.isEmpty {
          watched = try LanguageFile.read(file, split: .validation, dataset: group.name).rows
          files.append(file)
        }
        if own.isEmpty {
          (own, watched) = (watched, [])
          notes.append("\(group.name): no training file; training on its validation file (\(own.count) rows)")
        }
        if watched.isEmpty, validation.isEmpty, holdOut > 0, own.count > 1 {
          (own, watched) = HoldOut.split(own, fraction: holdOut) { $0.prompt }
          notes.append("\(group.name): no validation rows besides; \(watched.count) training rows held out by a hash of their prompt")
        }
        train += own
        held += watched
      }
    }
    for path in validation {
      held += try LanguageFile.read(path, split: .validation).rows
      files.append(path)
    }
    return LanguageCorpus(train: train, validation: held, files: files, notes: notes)
  }

  private static func groups(_ path: String, _ form: IMHIForm) throws(InputError) -> [Group] {
    if FileSystem.isFile(path) { return [Group(name: LanguageFile.datasetName(path), train: path)] }
    guard FileSystem.isFolder(path) else {
      throw InputError(path, "no such file or folder", advice: "Name a CSV or JSONL file, a folder with train and val files, or one with train_data/")
    }
    if FileSystem.isFolder("\(path)/train_data") {
      let catalog = try Catalog(root: path)
      let names = catalog.trainable(form: form)
      guard !names.isEmpty else {
        throw InputError(path, "found no dataset with training rows (\(form.rawValue))", advice: "Import data with: attune data import imhi --from DIR")
      }
      var groups: [Group] = []
      for name in names {
        let entry = try catalog.entry(named: name, form: form)
        groups.append(Group(name: entry.name, train: entry.files[.train], validation: entry.files[.validation]))
      }
      return groups
    }
    if let group = group(path) { return [group] }
    let below = FileSystem.entries(path).map { "\(path)/\($0)" }.filter(FileSystem.isFolder).compactMap(group)
    guard !below.isEmpty else {
      throw InputError(path, "found no file train.csv or train.jsonl in it or its folders", advice: "Name the files themselves, or a folder that has them")
    }
    return below
  }

  /// The `train` and `val` files of a folder; nil when it has neither.
  private static func group(_ folder: String) -> Group? {
    let names = FileSystem.entries(folder).filter { $0.hasSuffix(".csv") || $0.hasSuffix(".jsonl") }
    func file(_ split: Split) -> String? { names.first { LanguageFile.namedSplit($0) == split }.map { "\(folder)/\($0)" } }
    let (train, validation) = (file(.train), file(.validation))
    guard train != nil || validation != nil else { return nil }
    return Group(name: FileSystem.name(of: folder), train: train, validation: validation)
  }
}
