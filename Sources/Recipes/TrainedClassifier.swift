import Baselines
import Checkpoints
import Configuration
import Datasets
import Files
import Models

/// A classifier folder, encoder or linear, with what Attune adds to it (`ClassifierMetadata`). A folder without that is a plain
/// classifier of texts, as Hugging Face publishes them.
struct TrainedClassifier {
  let folder: String
  let classifier: any TextClassifier
  let metadata: ClassifierMetadata

  /// - Parameter batchSize: texts of one forward pass; nil packs by length.
  /// - Throws: `InputError` for files that cannot be read or do not belong together.
  static func load(_ folder: String, compute: ComputeChoice, batchSize: Int?) throws -> TrainedClassifier {
    if LinearClassifier.isSaved(in: folder) {
      let linear = try LinearClassifier.load(folder)
      let metadata = try ClassifierMetadata.read(folder, classes: linear.labelNames.count, longest: .max)
      return TrainedClassifier(folder: folder, classifier: linear, metadata: metadata)
    }
    let model = try ClassifierModel.load(folder, frozenType: compute.frozenType, device: compute.device)
    let metadata = try ClassifierMetadata.read(folder, classes: model.labels.count, longest: model.config.maximumLength)
    let encoder = EncoderClassifier(model: model, maxLength: metadata.maxLength, computeType: compute.dtype, batchSize: batchSize, cut: metadata.input.trainingViews[0].cut)
    return TrainedClassifier(folder: folder, classifier: encoder, metadata: metadata)
  }

  /// The label table for rows of `dataset`: IMHI's by name, else the one saved with the model, else the classes' names without rules.
  func table(for dataset: String) throws -> LabelTable {
    if let table = IMHILabels.table(dataset) ?? metadata.labels { return table }
    do {
      return try LabelTable(dataset: dataset, names: classifier.labels)
    } catch {
      throw InputError(folder, at: "labels", "\(error)", advice: "Give the classes names of their own in config.json")
    }
  }

  /// One text as this classifier was trained to read texts: without its verdict where it never saw one.
  func segments(of text: String, _ table: LabelTable) -> TextSegments {
    (metadata.input == .reasoning ? table.strippedReasoning(text) : text, nil)
  }

  /// The gold id of each class: by name; for a released classifier without names, its published order.
  /// - Throws: `InputError` when the classes are not the table's labels.
  func goldIDs(_ table: LabelTable) throws(InputError) -> [Int] {
    let names = classifier.labels
    let byName = names.compactMap { table.id(named: $0) }
    if byName.sorted() == Array(0..<table.count), names.count == table.count { return byName }
    let isUnnamed = names == names.indices.map { "LABEL_\($0)" }
    if isUnnamed, let order = UpstreamRules.classifierOrder(table.dataset), order.count == names.count { return order }
    throw InputError(
      "\(folder)/config.json", at: "key \"id2label\"",
      "found \(names.joined(separator: ", ")); expected the labels of \(table.dataset): \(table.names.joined(separator: ", "))",
      advice: "Use the classifier of this dataset")
  }

  /// Logits by gold id (texts, labels of `table`).
  func goldLogits(_ texts: [TextSegments], _ table: LabelTable) throws -> [[Float]] {
    let ids = try goldIDs(table)
    return try classifier.logits(texts).map { row in
      var ordered = row
      for (value, id) in zip(row, ids) { ordered[id] = value }
      return ordered
    }
  }
}
