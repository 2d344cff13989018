public import Files

/// Reads released predictions and answers, in upstream's layout of one small file a row or as JSON Lines, and checks that they are whole.
///
/// ```
/// finetuned_model_predict/MODEL/SEED/0.json … 799.json      {"context", "response", "label", "predict_label"}
/// ChatGPT_gen/VERSION/SHOT/ROUND/0.json … 799.json          {"model", "choices", "item": {"label", …}}
/// SYSTEM.jsonl                                              {"seed" or "round", "index", "label", "predict_label" or "content"} a line
/// ```
public enum SafetyPredictions {
  /// Every system in `path`: a file, or a folder at any level of the layout.
  /// - Parameter golds: the labels of the test set; nil takes what the predictions say, and their largest index for the number of rows.
  /// - Throws: `InputError` naming the file and row of what is damaged, and for each run the rows that are missing, there twice, or beyond
  ///   the test set.
  public static func read(_ path: String, golds: [Int]? = nil) throws(InputError) -> [SafetySystem] {
    guard FileSystem.exists(path) else {
      throw InputError(path, "is missing, expected predictions: a .jsonl file or a folder", advice: "Check the path")
    }
    let found = FileSystem.isFolder(path) ? try runs(inFolder: path) : try runs(inFile: path)
    guard !found.isEmpty else {
      throw InputError(
        path, "found no predictions: neither folders with 0.json, 1.json, … nor .jsonl files",
        advice: "Name a file or folder as the README describes, for instance finetuned_model_predict/bert-base-chinese")
    }
    let rows = golds?.count ?? (found.flatMap(\.entries).map(\.index).max() ?? -1) + 1
    var systems: [(name: String, runs: [SafetyRun])] = []
    var known = golds
    for run in found {
      let whole = try run.whole(rows: rows, golds: known)
      known = known ?? whole.golds  // every run judges the same rows
      if let position = systems.firstIndex(where: { $0.name == run.system }) {
        guard !systems[position].runs.contains(where: { $0.name == run.name }) else {
          throw InputError(run.path, "run \(run.name) of \(run.system) is there twice", advice: "Name one of the two places")
        }
        systems[position].runs.append(whole)
      } else {
        systems.append((run.system, [whole]))
      }
    }
    return systems.map { SafetySystem(name: $0.name, runs: $0.runs) }
  }

  /// A run as it was found.
  struct FoundRun {
    struct Entry {
      let index: Int
      let label: Int
      let predicted: Int?
      /// Which file, or which line, for errors.
      let place: String
    }

    let system: String
    let name: String
    /// The folder or file.
    let path: String
    var entries: [Entry] = []
    /// Files that are no row.
    var strays: [String] = []

    /// The run, when every row is there exactly once.
    func whole(rows: Int, golds: [Int]?) throws(InputError) -> SafetyRun {
      var byIndex: [Entry?] = Array(repeating: nil, count: rows)
      var (extra, double) = (strays, [String]())
      for entry in entries {
        if entry.index >= rows {
          extra.append(entry.place)
        } else if let first = byIndex[entry.index] {
          double.append("\(entry.place) (row \(entry.index), as \(first.place))")
        } else {
          byIndex[entry.index] = entry
        }
      }
      let missing = byIndex.indices.filter { byIndex[$0] == nil }.map { path.hasSuffix(".jsonl") ? "row \($0)" : "\($0).json" }
      let problems = [("missing", missing), ("there twice", double), ("not of the test set", extra)].filter { !$0.1.isEmpty }
      guard problems.isEmpty else {
        let words = problems.map { kind, places in
          "\(places.count) \(kind): \(places.prefix(10).joined(separator: ", "))\(places.count > 10 ? ", …" : "")"
        }
        throw InputError(
          path, at: "run \(name)", "expected \(rows) rows, each once; \(words.joined(separator: "; "))",
          advice: "Complete the run or leave it out: scores of a part are not those of the test set")
      }
      let whole = byIndex.compactMap { $0 }
      if let golds, let wrong = whole.first(where: { $0.label != golds[$0.index] }) {
        throw InputError(
          path, at: wrong.place, "row \(wrong.index) has label \(wrong.label), expected \(golds[wrong.index]) as in the test set",
          advice: "These are predictions of another version of the test set, or of other rows")
      }
      return SafetyRun(name: name, golds: whole.map(\.label), predicted: whole.map(\.predicted))
    }
  }
}
