import Checkpoints
import Configuration
import Datasets
import Files
import Metrics
import Models
import Reports
import Tokenizers
import Torch
import Training

/// `attune label`: labels folders of generated explanations as MentaLLaMA's pipeline does, `DATASET.csv` in, the same with a
/// column `labels` out, in upstream's spelling and bytes.
struct Label {
  let job: LabelJob

  func run() throws -> JobResult {
    let compute = try ComputeChoice(job.runtime)
    let files = try GenerationFile.readFolder(job.data)
    let models = FileSystem.isFolder("\(job.models)/models") ? "\(job.models)/models" : job.models
    for file in files {
      let folder = "\(models)/\(file.dataset)"
      guard FileSystem.isFolder(folder) else {
        throw InputError(
          folder, "no classifier for \(file.dataset).csv; found \(FileSystem.entries(models).joined(separator: ", "))",
          advice: "Train one with: attune train classifier --dataset \(file.dataset)")
      }
      let target = "\(job.output)/\(file.dataset).csv"
      if FileSystem.exists(target), !job.overwrite { throw InputError(target, "it exists already", advice: "Replace it with --overwrite, or choose another --output") }
    }

    let progress = Progress("labelling", total: files.reduce(0) { $0 + $1.generated.count }, unit: "texts", isQuiet: job.console.detail == .quiet)
    var scores: [LabelScores] = []
    var done = 0
    for file in files {
      let labelled = try self.label(file, models: models, compute: compute)
      try labelled.file.write(to: job.output)
      done += file.generated.count
      progress.update(done)
      progress.note("\(file.dataset): \(file.generated.count) texts, \(labelled.byRule) read by rule from a stated verdict, the rest by the classifier")
      if job.calculate { scores.append(try LabelScores(labelled, policy: job.onUnmatched, compatibility: job.compatibility)) }
    }
    progress.finish()
    return JobResult(
      text: LabelScores.text(scores) + "Labelled files: \(job.output)\n",
      json: .object(["status": "done", "output": .string(job.output), "scores": .array(scores.map(\.json))]))
  }

  private func label(_ file: GenerationFile, models: String, compute: ComputeChoice) throws -> LabelledFile {
    let trained = try TrainedClassifier.load("\(models)/\(file.dataset)", device: compute.device)
    let table = try trained.table(for: file.dataset)
    let order = try trained.goldOrder(table, dataset: file.dataset)
    let (ids, byRule) = try Labeler(labels: table).combine(file.generated) { rows in
      let texts = rows.map { trained.metadata.input == .full ? file.generated[$0] : table.strippedReasoning(file.generated[$0]) }
      return try trained.classify(texts, compute: compute).map { order[$0] }
    }
    let names = ids.map { table.labels[$0].shortName }
    return LabelledFile(
      file: GenerationFile(dataset: file.dataset, goldens: file.goldens, generated: file.generated, labels: names), ids: ids, table: table, byRule: byRule)
  }
}

/// A file with its labels, by gold id.
struct LabelledFile {
  let file: GenerationFile
  let ids: [Int]
  let table: LabelTable
  let byRule: Int
}

extension TrainedClassifier {
  /// The label table of a dataset: IMHI's by name, else the classes' own names.
  func table(for dataset: String) throws -> LabelTable {
    try IMHILabels.table(dataset) ?? LabelTable(dataset: dataset, names: model.labels)
  }

  /// The gold id of each of the model's classes: by name; for a released classifier without names, its published order.
  func goldOrder(_ table: LabelTable, dataset: String) throws -> [Int] {
    let byName = model.labels.map { table.id(named: $0) }
    if byName.allSatisfy({ $0 != nil }) { return byName.map { $0! } }  // the line above
    let isUnnamed = model.labels == model.labels.indices.map { "LABEL_\($0)" }
    if isUnnamed, let order = UpstreamRules.classifierOrder(dataset), order.count == model.labels.count { return order }
    throw InputError(
      model.config.path, at: "key \"id2label\"", "found \(model.labels.joined(separator: ", ")); expected the labels of \(dataset): \(table.names.joined(separator: ", "))",
      advice: "Use the classifier of this dataset")
  }

  /// The class of each text as it stands, cut to the length the model was trained with.
  func classify(_ texts: [String], compute: ComputeChoice) throws -> [Int] { try logits(texts, compute: compute).map(argmax) }

  func logits(_ texts: [String], compute: ComputeChoice) throws -> [[Float]] {
    let options = EncodingOptions(truncation: Truncation(maximumLength: metadata.maxLength))
    let examples = try texts.enumerated().map { index, text in
      EncodedExample(index: index, ids: try model.tokenizer.encode(text, pair: nil, options: options).ids, target: .label(0))
    }
    return Predictor(model, computeType: compute.dtype).logits(examples)
  }
}
