import Configuration
import Datasets
import Files

/// The prompts of `attune generate`: sets of rows, each prompt with its gold.
struct GenerateData {
  struct Row {
    let prompt: LanguageRow
    /// What the answer is compared with; empty where the file has none.
    let gold: String
  }

  /// One output file.
  struct Set {
    let name: String
    let path: String
    let rows: [Row]
  }

  let sets: [Set]

  /// Sets made elsewhere.
  init(sets: [Set]) { self.sets = sets }

  /// - Throws: `InputError` when a set or a column is missing.
  init(_ settings: GenerateSettings.Data) throws(InputError) {
    let forms: [String: IMHIForm] = ["imhi": .instruction, "imhi-completion": .completion, "expert": .expert]
    guard let form = forms[settings.dataset] else {
      guard FileSystem.isFile(settings.dataset) else {
        throw InputError(settings.dataset, "no such file, and none of: imhi, imhi-completion, expert", advice: "Check the path, or choose one of these")
      }
      sets = [try Self.set(settings.dataset)]
      return
    }
    let entries = try Catalog(root: settings.folder).entries().filter { $0.form == form && $0.files[.test] != nil }
    // The samples stand in only where nothing else does.
    let own = entries.filter { $0.layout != "samples" }
    var found: [Set] = []
    for entry in own.isEmpty ? entries : own { if let path = entry.files[.test] { found.append(try Self.set(path, name: entry.name)) } }
    guard !found.isEmpty else {
      throw InputError(settings.folder, "found no test set (\(form.rawValue))", advice: "Import data with: attune data import imhi --from DIR")
    }
    sets = found
  }

  private static func set(_ path: String, name: String? = nil) throws(InputError) -> Set {
    let file = try PromptFile.read(path)
    return Set(name: name ?? file.name, path: path, rows: file.rows.map { Row(prompt: $0.prompt, gold: $0.gold) })
  }
}
