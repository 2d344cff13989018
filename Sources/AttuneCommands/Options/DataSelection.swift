import Datasets
import Files
import Glibc

/// What the paths of `attune data check` and `stats` name: files, folders with `train_data/`, or datasets.
enum DataSelection {
  /// The files of each dataset, together. No paths mean the current folder.
  /// - Throws: `InputError` for a path that is nothing of these, with the nearest dataset.
  static func files(_ paths: [String]) throws(InputError) -> [[DataFile]] {
    var groups: [[DataFile]] = []
    for path in paths.isEmpty ? ["."] : paths {
      var status = stat()
      if stat(path, &status) != 0 {
        groups.append(try Catalog().files(named: path))
      } else if status.st_mode & S_IFMT == S_IFDIR {
        let catalog = try Catalog(root: path)
        for form in IMHIForm.allCases {
          for entry in catalog.entries() where entry.form == form { groups.append(try catalog.files(named: entry.name, form: form)) }
        }
      } else {
        groups.append([try file(path)])
      }
    }
    return groups
  }

  /// A file by itself. Its label table is IMHI's where the file, or the folder it lies in, has the name of an IMHI set.
  static func file(_ path: String) throws(InputError) -> DataFile {
    let parts = path.split(separator: "/")
    let name = parts.last.map { $0.prefix { $0 != "." } } ?? ""
    let dataset = ([name] + parts.dropLast().suffix(1)).map(String.init).first { IMHILabels.table($0) != nil }
    let split: Split = name.contains("train") ? .train : name.contains("val") ? .validation : .test
    return try DataFile.read(path, dataset: dataset, split: split, labels: dataset.flatMap { IMHILabels.table($0) })
  }
}
