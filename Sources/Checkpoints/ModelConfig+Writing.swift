internal import Files
internal import NN

extension ModelConfig {
  /// The file as transformers 5 writes it: two spaces, sorted keys, ASCII, a final newline.
  ///
  /// `id2label` and `label2id` are left out for the default pair `LABEL_0`, `LABEL_1`, and `num_labels` always, since the maps
  /// imply it. The dtype is written as `dtype` (version 5) and `torch_dtype` (version 4).
  public func encoded() -> String {
    var members = json
    members["model_type"] = .string(family.rawValue)
    if !architectures.isEmpty { members["architectures"] = .array(architectures.map { .string($0) }) }
    members["num_labels"] = nil
    members["_num_labels"] = nil
    // BART's default is three classes: two must be said.
    let isDefault = labels == ["LABEL_0", "LABEL_1"] && family.defaultLabelCount == 2
    let ids = labels.enumerated().map { ($1, JSON.integer($0)) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    members["id2label"] = isDefault ? nil : .object(JSONObject(labels.enumerated().map { ("\($0)", .string($1)) }))
    members["label2id"] = isDefault ? nil : .object(JSONObject(ids))
    if let problemType { members["problem_type"] = .string(problemType.rawValue) }
    members["classifier_head"] = head == .pooler ? nil : .string(head.rawValue)
    members["dtype"] = "float32"  // parameters are kept and saved in single precision
    members["torch_dtype"] = "float32"
    return JSON.object(Self.sorted(members)).encoded(indent: 2, asciiOnly: true) + "\n"
  }

  /// Keys in code-point order at every level, but `id2label` by number: Python sorts its integer keys before it spells them.
  private static func sorted(_ object: JSONObject) -> JSONObject {
    let members = object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return JSONObject(members.map { key, value in (key, key == "id2label" ? value : sorted(value)) })
  }

  private static func sorted(_ value: JSON) -> JSON {
    switch value {
    case .object(let object): .object(sorted(object))
    case .array(let values): .array(values.map(sorted))
    default: value
    }
  }
}
