internal import Files

extension SafetyPredictions {
  // MARK: One file a row

  /// The runs below a folder; files and folders by name.
  static func runs(inFolder folder: String, depth: Int = 0) throws(InputError) -> [FoundRun] {
    let names = FileSystem.entries(folder)
    if names.contains(where: { isIndex($0) }) { return [try run(inFolder: folder, names)] }
    var runs: [FoundRun] = []
    for name in names {
      let path = "\(folder)/\(name)"
      if FileSystem.isFolder(path) {
        if depth < 5 { runs += try self.runs(inFolder: path, depth: depth + 1) }
      } else if name.hasSuffix(".jsonl") {
        runs += try self.runs(inFile: path)
      }
    }
    return runs
  }

  private static func isIndex(_ name: String) -> Bool { name.hasSuffix(".json") && Int(name.dropLast(5)) != nil }

  private static func run(inFolder folder: String, _ names: [String]) throws(InputError) -> FoundRun {
    let parts = folder.split(separator: "/").map(String.init)
    let parent = parts.dropLast().last { $0 != "." } ?? "predictions"
    var (entries, strays, models): ([FoundRun.Entry], [String], Set<String>) = ([], [], [])
    for name in names where name.hasSuffix(".json") {
      guard let index = Int(name.dropLast(5)), index >= 0, name == "\(index).json" else {
        strays.append(name)
        continue
      }
      let path = "\(folder)/\(name)"
      let json = try JSON.read(path)
      if let model = json["model"]?.string { models.insert(model) }
      let row = json["item"] ?? json
      entries.append(.init(
        index: index, label: try label(row["label"], "label", path, nil), predicted: try answer(json, path, nil), place: name))
    }
    guard models.count <= 1 else {
      throw InputError(folder, "holds answers of \(models.sorted().joined(separator: " and "))", advice: "Keep the runs of different models apart")
    }
    let system = models.first.map { "\($0)_\(parent)" } ?? parent
    return FoundRun(system: system, name: parts.last ?? folder, path: folder, entries: entries, strays: strays)
  }

  // MARK: One line a row

  static func runs(inFile path: String) throws(InputError) -> [FoundRun] {
    guard path.hasSuffix(".jsonl") else {
      throw InputError(path, "found another kind of file, expected .jsonl or a folder", advice: "Name predictions in one of the layouts of the README")
    }
    let system = systemName(path)
    var order: [String] = []
    var entries: [String: [FoundRun.Entry]] = [:]
    for (number, row) in try JSONLines.read(path).enumerated() {
      let place = "line \(row.line), row \(number + 1)"
      let run = row.object["seed"] ?? row.object["round"] ?? row.object["run"] ?? 1
      guard let name = run.string ?? run.int.map(String.init) else { throw InputError(path, at: place, "the run is \(run.kind), expected a name or a number") }
      guard let index = row.object["index"]?.int, index >= 0 else {
        throw InputError(path, at: place, "no index from 0, which says the row of the test set", advice: "Correct that row")
      }
      let entry = FoundRun.Entry(
        index: index, label: try label(row.object["label"], "label", path, place), predicted: try answer(.object(row.object), path, place),
        place: "line \(row.line)")
      if entries[name] == nil { order.append(name) }
      entries[name, default: []].append(entry)
    }
    return order.map { FoundRun(system: system, name: $0, path: path, entries: entries[$0] ?? []) }
  }

  /// The name of the released files' system, `ChatGPT_gen.0613.zero_shot.jsonl` for instance, else the file's name.
  private static func systemName(_ path: String) -> String {
    var parts = FileSystem.stem(of: path).split(separator: ".").map(String.init)
    if parts.count == 3, parts[0] == "ChatGPT_gen" { return "gpt-3.5-turbo-\(parts[1])_\(parts[2])" }
    if parts.count > 1, parts[0] == "finetuned_model_predict" { parts.removeFirst() }
    return parts.joined(separator: ".")
  }

  // MARK: What a row says

  /// The predicted label, or what the words of an answer name; nil where they name none.
  private static func answer(_ json: JSON, _ path: String, _ place: String?) throws(InputError) -> Int? {
    if let predicted = json["predict_label"] { return predicted.isNull ? nil : try label(predicted, "predict_label", path, place) }
    if let text = (json["content"] ?? json["choices"]?.array?.first?["message"]?["content"])?.string { return SafetyAnswer.label(of: text) }
    throw InputError(
      path, at: place, "no answer: neither predict_label nor content nor choices[0].message.content", advice: "Name predictions in one of the layouts of the README")
  }

  private static func label(_ json: JSON?, _ key: String, _ path: String, _ place: String?) throws(InputError) -> Int {
    let labels = DialogueSafety.labels
    guard let label = json?.int, labels.labels.indices.contains(label) else {
      let found = json.map { $0.int.map(String.init) ?? $0.kind } ?? "nothing"
      throw InputError(path, at: place, "\(key) is \(found), expected 0 to \(labels.count - 1)", advice: "Correct that row")
    }
    return label
  }
}
