internal import Files

/// The three kinds of IMHI rows.
public enum IMHIForm: String, Sendable, Hashable, CaseIterable {
  /// Posts with a question; what instruction-tuned models answer. The default.
  case instruction
  /// The same rows as sentences to complete.
  case completion
  /// 35 rows a set with explanations by experts; test only.
  case expert
}

/// Where the files of a dataset stand under a data root. Several layouts are read as they are.
struct Layout: Sendable {
  /// For messages: `imported`, `upstream`, `samples`.
  let name: String
  let form: IMHIForm
  /// Relative paths with `*` for the dataset; the first that exists counts.
  let train: [String]
  let validation: [String]
  let test: [String]
  /// A label table beside the rows, for sets that are not IMHI's.
  let labels: String?

  /// All known layouts, in the order they are looked for.
  static let all: [Layout] = [
    Layout(
      name: "imported", form: .instruction, train: ["train_data/imhi/instruction/*/train.csv"],
      validation: ["train_data/imhi/instruction/*/val.csv"], test: ["test_data/imhi/instruction/*.csv"], labels: nil),
    Layout(
      name: "imported", form: .completion, train: ["train_data/imhi/completion/*/train.csv"],
      validation: ["train_data/imhi/completion/*/val.csv"], test: ["test_data/imhi/completion/*.csv"], labels: nil),
    Layout(
      name: "imported", form: .expert, train: [], validation: [], test: ["test_data/imhi/expert/*.csv"], labels: nil),
    Layout(
      name: "upstream", form: .instruction, train: ["train_data/instruction_data/*/train.csv"],
      validation: ["train_data/instruction_data/*/val.csv"], test: ["test_data/test_instruction/*.csv"], labels: nil),
    Layout(
      name: "upstream", form: .completion,
      train: ["train_data/complete_data/*/train.csv", "train_data/complete_data/*/reddit_train.csv", "train_data/complete_data/*/dreaddit-train.csv"],
      validation: ["train_data/complete_data/*/val.csv", "train_data/complete_data/*/reddit_valid.csv"],
      test: ["test_data/test_complete/*.csv"], labels: nil),
    // The expert files moved twice upstream; IMHI.py still reads the second place.
    Layout(
      name: "upstream", form: .expert, train: [], validation: [],
      test: ["human_evaluation/test_instruction_expert/*.csv", "test_data/test_instruction_expert/*.csv", "test_data/expert_examples/*.csv"], labels: nil),
    Layout(
      name: "samples", form: .instruction, train: ["train_data/samples/*/train.csv"], validation: ["train_data/samples/*/val.csv"],
      test: ["test_data/samples/*.csv"], labels: "train_data/samples/*/labels.json"),
  ]

  /// The first of `patterns` that exists under `root` for `dataset`.
  static func find(_ patterns: [String], dataset: String, root: String) -> String? {
    patterns.lazy.map { path($0, dataset: dataset, root: root) }.first(where: FileSystem.exists)
  }

  static func path(_ pattern: String, dataset: String, root: String) -> String {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    return "\(root)/\(parts.joined(separator: dataset))"
  }

  /// The datasets that have any file in this layout under `root`, sorted.
  func datasets(root: String) -> [String] {
    var names: Set<String> = []
    for pattern in train + validation + test {
      let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
      for entry in FileSystem.entries("\(root)/\(parts[0])") {
        if parts[1] == ".csv" {
          if entry.hasSuffix(".csv") { names.insert(String(entry.dropLast(4))) }
        } else if FileSystem.exists("\(root)/\(parts[0])\(entry)\(parts[1])") {
          names.insert(entry)
        }
      }
    }
    return names.sorted()
  }
}
