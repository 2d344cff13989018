internal import Files

extension ModelConfig {
  /// A classifier wider than this is a damaged file.
  private static let plausibleLabels = 1...(1 << 20)

  /// Names by id, from `id2label`, `label2id` and `num_labels`, which must agree where they are given.
  ///
  /// A permuted or shortened map gives wrong predictions without a sign of it, so no disagreement is repaired.
  static func labels(_ reader: ConfigReader, fallback: Int) throws(InputError) -> [String] {
    var count: Int?
    for key in ["num_labels", "_num_labels"] where reader.object[key].map({ !$0.isNull }) ?? false {
      count = try reader.integer(key, in: plausibleLabels)
    }
    let names = try idToLabel(reader)
    let inverse = try labelToID(reader)
    if let names, let count, names.count != count {
      throw reader.wrong("num_labels", .integer(count), "\(names.count), the number of names in id2label")
    }
    if let names, let inverse {
      for (id, name) in names.enumerated() where inverse[name]?.int != id {
        throw InputError(
          reader.path, at: "key \"label2id\"", "id2label names class \(id) \"\(name)\", label2id says \(inverse[name]?.encoded() ?? "nothing")",
          advice: "Find out which map the model was trained with, and make both say it")
      }
      guard inverse.count == names.count else {
        throw InputError(reader.path, at: "key \"label2id\"", "found \(inverse.count) names, expected the \(names.count) of id2label")
      }
    }
    if let names { return names }
    if let inverse { return try labels(from: inverse, reader, count) }
    return (0..<(count ?? fallback)).map { "LABEL_\($0)" }
  }

  /// `id2label` as a list: its keys must be "0", "1", … without a gap, its names different.
  private static func idToLabel(_ reader: ConfigReader) throws(InputError) -> [String]? {
    guard let value = reader.object["id2label"], !value.isNull else { return nil }
    guard let map = value.object, !map.isEmpty else { throw reader.wrong("id2label", value, "an object such as {\"0\": \"no\", \"1\": \"yes\"}") }
    var names: [String] = []
    var seen: Set<[UInt8]> = []
    for id in 0..<map.count {
      guard let name = map["\(id)"] else {
        throw InputError(reader.path, at: "key \"id2label\"", "class \(id) is missing, expected the ids 0 to \(map.count - 1)", advice: "Name every class once")
      }
      guard let text = name.string else { throw reader.wrong("id2label.\(id)", name, "a string") }
      guard seen.insert(Array(text.utf8)).inserted else {
        throw InputError(reader.path, at: "key \"id2label\"", "two classes are named \"\(text)\"", advice: "Name every class differently")
      }
      names.append(text)
    }
    return names
  }

  private static func labelToID(_ reader: ConfigReader) throws(InputError) -> JSONObject? {
    guard let value = reader.object["label2id"], !value.isNull else { return nil }
    guard let map = value.object else { throw reader.wrong("label2id", value, "an object such as {\"no\": 0, \"yes\": 1}") }
    for (name, id) in map where id.int == nil { throw reader.wrong("label2id.\(name)", id, "an integer") }
    return map
  }

  /// The names of a file that has `label2id` alone.
  private static func labels(from map: JSONObject, _ reader: ConfigReader, _ count: Int?) throws(InputError) -> [String] {
    var entries: [(name: String, id: Int)] = []
    for (name, id) in map { entries.append((name, id.int ?? -1)) }  // labelToID checked that they are integers
    entries.sort { $0.id < $1.id }
    guard !entries.isEmpty, entries.map(\.id) == Array(entries.indices), count == nil || count == entries.count else {
      throw InputError(reader.path, at: "key \"label2id\"", "its ids are not 0 to \((count ?? map.count) - 1), each once", advice: "Name every class once")
    }
    return entries.map(\.name)
  }
}
