public import Files

/// Finds datasets by name under a data root: what was imported, a checkout of the upstream repository as it is, and the shipped samples.
public struct Catalog: Sendable {
  /// The folder that holds `train_data/` and `test_data/`.
  public let root: String

  /// - Throws: `InputError` when `root` has neither `train_data` nor `test_data`.
  public init(root: String = ".") throws(InputError) {
    guard FileSystem.isFolder("\(root)/train_data") || FileSystem.isFolder("\(root)/test_data") else {
      throw InputError(
        root, "found no folder train_data or test_data in it",
        advice: "Name the folder that holds them, or import data with: attune data import imhi --from DIR")
    }
    self.root = root
  }

  /// One dataset that is there.
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let form: IMHIForm
    /// `imported`, `upstream` or `samples`.
    public let layout: String
    /// The files found.
    public let files: [Split: String]
  }

  /// Every dataset found, each in the first layout that has it; in the order of forms, then names.
  public func entries() -> [Entry] {
    var entries: [Entry] = []
    for layout in Layout.all {
      for name in layout.datasets(root: root) where !entries.contains(where: { $0.name == name && $0.form == layout.form }) {
        entries.append(entry(name, layout))
      }
    }
    return entries.sorted { ($0.form.order, $0.name) < ($1.form.order, $1.name) }
  }

  /// The names of the datasets that can be trained on in `form`; the shipped samples only where there is nothing else.
  public func trainable(form: IMHIForm = .instruction) -> [String] {
    let all = entries().filter { $0.form == form && ($0.files[.train] ?? $0.files[.validation]) != nil }
    let own = all.filter { $0.layout != "samples" }
    return (own.isEmpty ? all : own).map(\.name)
  }

  /// The entry called `name`, in any case.
  /// - Throws: `InputError` with the nearest name and the names found.
  public func entry(named name: String, form: IMHIForm = .instruction) throws(InputError) -> Entry {
    let all = entries().filter { $0.form == form }
    if let entry = all.first(where: { $0.name.lowercased() == name.lowercased() }) { return entry }
    let names = all.map(\.name)
    let nearest = nearestName(to: name, among: names).map { "; the nearest is '\($0)'" } ?? ""
    throw InputError(
      root, "no dataset '\(name)' (\(form.rawValue))\(nearest)",
      advice: names.isEmpty ? "Import data with: attune data import imhi --from DIR" : "Found: \(names.joined(separator: ", "))")
  }

  /// The files of a dataset, read but not judged: what the linter looks at.
  public func files(named name: String, form: IMHIForm = .instruction) throws(InputError) -> [DataFile] {
    let entry = try entry(named: name, form: form)
    let labels = try labels(of: entry)
    var files: [DataFile] = []
    for split in Split.allCases {
      if let path = entry.files[split] { files.append(try DataFile.read(path, dataset: entry.name, split: split, labels: labels)) }
    }
    return files
  }

  /// Reads a dataset.
  ///
  /// Where no training file is published (Irf, MultiWD), the validation file is trained on; where that leaves no validation
  /// rows, `holdOut` of the training rows are set aside (`HoldOut`). Both are said in `notes`. Test rows are never used for either.
  public func load(
    _ name: String, form: IMHIForm = .instruction, onUnmatched policy: DataFile.UnmatchedPolicy = .fail, holdOut: Double = 0.1
  ) throws(InputError) -> Dataset {
    let files = try files(named: name, form: form)
    var parts: [Split: [Example]] = [:]
    var dropped: [ExampleID] = []
    for file in files {
      let part = try file.examples(onUnmatched: policy)
      parts[file.split] = part.examples
      dropped += part.dropped
    }
    let name = files[0].rows[0].id.dataset
    var notes: [String] = []
    var train = parts[.train] ?? []
    var validation = parts[.validation] ?? []
    if train.isEmpty, !validation.isEmpty {
      (train, validation) = (validation, [])
      notes.append("\(name): no train.csv is published; training on val.csv (\(train.count) rows)")
    }
    let holdsOut = validation.isEmpty && train.count > 1
    if holdsOut {
      (train, validation) = HoldOut.split(train, fraction: holdOut)
      notes.append("\(name): no validation rows besides; \(validation.count) training rows held out by a hash of their post")
    }
    if !dropped.isEmpty { notes.append("\(name): \(dropped.count) rows left out, their label cannot be read") }
    return Dataset(
      name: name, form: form, labels: files[0].labels, train: train, validation: validation, test: parts[.test] ?? [],
      holdsOut: holdsOut,
      sources: Dictionary(uniqueKeysWithValues: files.map { ($0.split, $0.path) }), dropped: dropped, notes: notes)
  }

  /// The label table of an entry: IMHI's by name, else the `labels.json` beside its rows.
  public func labels(of entry: Entry) throws(InputError) -> LabelTable {
    if let table = IMHILabels.table(entry.name) { return table }
    guard let pattern = Layout.all.first(where: { $0.name == entry.layout && $0.form == entry.form })?.labels else {
      throw InputError(
        entry.files.values.sorted()[0], "no label table for '\(entry.name)'",
        advice: "Name the file as one of: \(IMHILabels.datasets.joined(separator: ", "))")
    }
    return try LabelTable.read(Layout.path(pattern, dataset: entry.name, root: root))
  }

  private func entry(_ name: String, _ layout: Layout) -> Entry {
    var files: [Split: String] = [:]
    files[.train] = Layout.find(layout.train, dataset: name, root: root)
    files[.validation] = Layout.find(layout.validation, dataset: name, root: root)
    files[.test] = Layout.find(layout.test, dataset: name, root: root)
    return Entry(name: name, form: layout.form, layout: layout.name, files: files)
  }
}

extension IMHIForm {
  fileprivate var order: Int { switch self { case .instruction: 0; case .completion: 1; case .expert: 2 } }
}
