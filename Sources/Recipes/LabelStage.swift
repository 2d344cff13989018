import Configuration
import Datasets
import Files
import Reports
import Training

/// Generated explanations to labels, one complete file a dataset: a stated verdict is read by rule, the classifier reads the rest.
///
/// Stopped or killed, it continues with the first file that is not there.
struct LabelStage {
  /// The folder with one classifier a dataset.
  let models: String
  /// The folder for the labelled files.
  let output: String
  let compute: ComputeChoice
  /// Texts of one forward pass; nil packs by length.
  let batchSize: Int?

  /// - Parameter models: that folder, or a run's, which holds it as `models`.
  init(models: String, output: String, compute: ComputeChoice, batchSize: Int?) {
    self.models = FileSystem.isFolder("\(models)/models") ? "\(models)/models" : models
    (self.output, self.compute, self.batchSize) = (output, compute, batchSize)
  }

  /// - Returns: the files with their labels; nil after a signal.
  func run(_ files: [GenerationFile], overwrite: Bool, isQuiet: Bool) throws -> [LabelledFile]? {
    let done = try LabelFolder.open(output, models: models, files: files, overwrite: overwrite)
    let progress = Progress("labelling", total: files.reduce(0) { $0 + $1.generated.count }, unit: "texts", isQuiet: isQuiet)
    defer { progress.finish() }
    var rows = 0
    var result: [LabelledFile] = []
    for file in files {
      if done.contains(file.dataset) {
        result.append(try LabelledFile.reading(try GenerationFile.read("\(output)/\(file.dataset).csv"), try knownTable(file)))
        progress.note("\(file.dataset): labelled before, kept")
      } else {
        let trained = try TrainedClassifier.load("\(models)/\(file.dataset)", compute: compute, batchSize: batchSize)
        guard let labelled = try label(file, with: trained, progress: { progress.update(rows + $0) }) else { return nil }
        try labelled.file.write(to: output)
        progress.note("\(file.dataset): \(file.generated.count) texts, \(labelled.byRule) read by rule from a stated verdict, the rest by the classifier")
        result.append(labelled)
      }
      rows += file.generated.count
      progress.update(rows)
    }
    return result
  }

  func hasModel(_ dataset: String) -> Bool { FileSystem.isFolder("\(models)/\(dataset)") }

  /// - Throws: `InputError` naming the folder, when there is no classifier for `dataset`.
  func requireModel(_ dataset: String) throws(InputError) {
    if FileSystem.isFolder("\(models)/\(dataset)") { return }
    throw InputError(
      "\(models)/\(dataset)", "no classifier for \(dataset).csv; found \(FileSystem.entries(models).joined(separator: ", "))",
      advice: "Train one with: attune train classifier --dataset \(dataset)")
  }

  /// The rules for a file that was labelled before, without loading its model's weights.
  private func knownTable(_ file: GenerationFile) throws -> LabelTable {
    if let table = IMHILabels.table(file.dataset) { return table }
    let path = "\(models)/\(file.dataset)/\(ClassifierMetadata.fileName)"
    if let json = FileSystem.isFile(path) ? try JSON.read(path)["labels"] : nil, json != .null { return try LabelTable(json: json, source: path) }
    return try LabelTable(dataset: file.dataset, names: Set(file.labels ?? []).sorted())
  }

  /// Nil after a signal.
  private func label(_ file: GenerationFile, with trained: TrainedClassifier, progress: (Int) -> Void) throws -> LabelledFile? {
    let table = try trained.table(for: file.dataset)
    if trained.metadata.input == .post || trained.metadata.input == .postAndQuestion {
      throw InputError(
        trained.folder, "this classifier reads posts, expected one of explanations", advice: "Train one with: attune train classifier --dataset \(file.dataset) --input both")
    }
    // What the rule would have read is not shown to the classifier, unless it knows texts with verdicts only.
    let texts: [TextSegments] = file.generated.map { (trained.metadata.input == .full ? $0 : table.strippedReasoning($0), nil) }
    var isStopped = false
    let (ids, byRule) = try Labeler(labels: table).combine(file.generated) { open in
      var answers: [Int] = []
      for start in stride(from: 0, to: open.count, by: 1024) {
        isStopped = isStopped || StopSignal.isRaised
        let part = open[start..<min(start + 1024, open.count)]
        answers += isStopped ? part.map { _ in 0 } : try trained.goldLogits(part.map { texts[$0] }, table).map(argmax)
        progress(answers.count)
      }
      return answers
    }
    if isStopped { return nil }
    let names = ids.map { table.labels[$0].shortName }
    return LabelledFile(
      file: GenerationFile(dataset: file.dataset, goldens: file.goldens, generated: file.generated, labels: names), ids: ids, table: table, byRule: byRule)
  }
}
