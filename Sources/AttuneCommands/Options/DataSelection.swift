import Datasets
import Files
import Glibc

/// What the paths of `attune data check` and `stats` name: files, folders with `train_data/`, or datasets.
enum DataSelection {
  /// What is judged together: the files of one dataset in one form, or one file.
  struct Group {
    /// `DR`, `DR (completion)`, or the dataset of a file.
    var name: String
    var files: [DataFile]
  }

  /// The groups that `paths` name. No paths mean the current folder.
  /// - Throws: `InputError` for a path that is nothing of these, with the nearest dataset.
  static func groups(_ paths: [String]) throws(InputError) -> [Group] {
    var groups: [Group] = []
    for path in paths.isEmpty ? ["."] : paths {
      var status = stat()
      if stat(path, &status) != 0 {
        let files = path == DialogueSafety.name ? try dialogues(".") : try Catalog().files(named: path)
        groups.append(Group(name: name(of: files), files: files))
      } else if status.st_mode & S_IFMT == S_IFDIR {
        let dialogues = try dialogues(path)
        // A checkout of dialogue safety has neither train_data nor test_data.
        guard dialogues.isEmpty || FileSystem.isFolder("\(path)/train_data") || FileSystem.isFolder("\(path)/test_data") else {
          groups.append(Group(name: name(of: dialogues), files: dialogues))
          continue
        }
        let catalog = try Catalog(root: path)
        for form in IMHIForm.allCases {
          for entry in catalog.entries() where entry.form == form {
            let name = form == .instruction ? entry.name : "\(entry.name) (\(form.rawValue))"
            groups.append(Group(name: name, files: try catalog.files(named: entry.name, form: form)))
          }
        }
        if !dialogues.isEmpty { groups.append(Group(name: name(of: dialogues), files: dialogues)) }
      } else {
        let file = try file(path)
        groups.append(Group(name: name(of: [file]), files: [file]))
      }
    }
    return groups
  }

  /// The dialogue-safety files below `root`.
  private static func dialogues(_ root: String) throws(InputError) -> [DataFile] {
    var files: [DataFile] = []
    for (split, path) in DialogueSafety.files(root: root).sorted(by: { $0.value < $1.value }) { files.append(try DialogueSafety.read(path, split: split)) }
    return files
  }

  private static func name(of files: [DataFile]) -> String { files.first?.rows.first?.id.dataset ?? "" }

  /// A file by itself. Its label table is IMHI's where the file, or the folder it lies in, has the name of an IMHI set.
  static func file(_ path: String) throws(InputError) -> DataFile {
    let parts = path.split(separator: "/")
    let name = parts.last.map { $0.prefix { $0 != "." } } ?? ""
    let dataset = ([name] + parts.dropLast().suffix(1)).map(String.init).first { IMHILabels.table($0) != nil }
    let split: Split = name.contains("train") ? .train : name.contains("val") ? .validation : .test
    return try DataFile.read(path, dataset: dataset, split: split, labels: dataset.flatMap { IMHILabels.table($0) })
  }
}
