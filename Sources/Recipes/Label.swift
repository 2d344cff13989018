import Configuration
import Datasets
import Files
import Reports
import Training

/// `attune label`: labels folders of generated explanations as MentaLLaMA's pipeline does, `DATASET.csv` in, the same with a
/// column `labels` out, in upstream's spelling and bytes.
///
/// An explicit verdict is read by rule; the classifier reads the rest, without what the rule would read. Stopped, it continues
/// with the first file that is not there. Without models it scores the labels that the files already have.
struct Label {
  let job: LabelJob

  func run() throws -> JobResult {
    let files = try GenerationFile.readFolder(job.data)
    guard let models = job.models, let output = job.output else { return try score(files) }

    let compute = try ComputeChoice(job.runtime)
    let folder = FileSystem.isFolder("\(models)/models") ? "\(models)/models" : models
    for file in files { try requireModel(folder, file.dataset) }
    let done = try LabelFolder.open(output, data: job.data, models: folder, files: files, overwrite: job.overwrite)

    StopSignal.install()
    let progress = Progress("labelling", total: files.reduce(0) { $0 + $1.generated.count }, unit: "texts", isQuiet: job.console.detail == .quiet)
    var rows = 0
    var scores: [LabelScores] = []
    for file in files {
      let labelled: LabelledFile
      if done.contains(file.dataset) {
        labelled = try LabelledFile.reading(try GenerationFile.read("\(output)/\(file.dataset).csv"), try knownTable(file, folder))
        progress.note("\(file.dataset): labelled before, kept")
      } else {
        let trained = try TrainedClassifier.load("\(folder)/\(file.dataset)", compute: compute, batchSize: job.batchSize)
        guard let answered = try label(file, with: trained, progress: { progress.update(rows + $0) }) else {
          progress.finish()
          return JobResult(.stopped, text: "Stopped. Run the same command again to continue.\n", json: ["status": "stopped", "output": .string(output)])
        }
        labelled = answered
        try labelled.file.write(to: output)
        progress.note("\(file.dataset): \(file.generated.count) texts, \(labelled.byRule) read by rule from a stated verdict, the rest by the classifier")
      }
      rows += file.generated.count
      progress.update(rows)
      if job.calculate { scores.append(try LabelScores(labelled, path: "\(job.data)/\(file.dataset).csv", policy: job.onUnmatched, compatibility: job.compatibility)) }
    }
    progress.finish()
    return JobResult(text: LabelScores.text(scores) + "Labelled files: \(output)\n", json: json(scores, output: output))
  }

  /// Scores of the labels that the files have, whoever gave them.
  private func score(_ files: [GenerationFile]) throws -> JobResult {
    let scores = try files.map { file in
      let path = "\(job.data)/\(file.dataset).csv"
      guard file.labels != nil else { throw InputError(path, "no column 'labels'", advice: "Name the classifiers with --models and a folder with --output") }
      guard let table = try LabelTable.known(for: path) else {
        throw InputError(path, "no label rules for '\(file.dataset)'", advice: "Name the file after its dataset, or put a labels.json beside it")
      }
      return try LabelScores(try LabelledFile.reading(file, table), path: path, policy: job.onUnmatched, compatibility: job.compatibility)
    }
    return JobResult(text: LabelScores.text(scores), json: json(scores, output: nil))
  }

  private func json(_ scores: [LabelScores], output: String?) -> JSON {
    ["status": "done", "output": output.map(JSON.string) ?? .null, "scores": .array(scores.map(\.json))]
  }

  private func requireModel(_ models: String, _ dataset: String) throws(InputError) {
    if FileSystem.isFolder("\(models)/\(dataset)") { return }
    throw InputError(
      "\(models)/\(dataset)", "no classifier for \(dataset).csv; found \(FileSystem.entries(models).joined(separator: ", "))",
      advice: "Train one with: attune train classifier --dataset \(dataset)")
  }

  /// The rules for a file that was labelled before, without loading its model's weights.
  private func knownTable(_ file: GenerationFile, _ models: String) throws -> LabelTable {
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

/// A file with its labels.
struct LabelledFile {
  let file: GenerationFile
  /// Gold ids; nil for a name that the table does not have.
  let ids: [Int?]
  let table: LabelTable
  /// Labels that a stated verdict gave; the classifier gave the others.
  let byRule: Int

  /// A file that was labelled before.
  static func reading(_ file: GenerationFile, _ table: LabelTable) -> LabelledFile {
    LabelledFile(
      file: file, ids: (file.labels ?? []).map { table.id(named: $0) }, table: table, byRule: file.generated.count { table.verdict(of: $0) != nil })
  }
}
