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

    let stage = LabelStage(models: models, output: output, compute: try ComputeChoice(job.runtime), batchSize: job.batchSize)
    for file in files { try stage.requireModel(file.dataset) }
    StopSignal.install()
    guard let labelled = try stage.run(files, overwrite: job.overwrite, isQuiet: job.console.detail == .quiet) else {
      return JobResult(.stopped, text: "Stopped. Run the same command again to continue.\n", json: ["status": "stopped", "output": .string(output)])
    }
    let scores = try job.calculate ? labelled.map { try self.scores($0) } : []
    return JobResult(text: LabelScores.text(scores) + "Labelled files: \(output)\n", json: json(scores, output: output))
  }

  private func scores(_ file: LabelledFile) throws -> LabelScores {
    try LabelScores(file, path: "\(job.data)/\(file.file.dataset).csv", policy: job.onUnmatched, compatibility: job.compatibility)
  }

  /// Scores of the labels that the files have, whoever gave them.
  private func score(_ files: [GenerationFile]) throws -> JobResult {
    let scores = try files.map { file in
      let path = "\(job.data)/\(file.dataset).csv"
      guard file.labels != nil else { throw InputError(path, "no column 'labels'", advice: "Name the classifiers with --models and a folder with --output") }
      guard let table = try LabelTable.known(for: path) else {
        throw InputError(path, "no label rules for '\(file.dataset)'", advice: "Name the file after its dataset, or put a labels.json beside it")
      }
      return try self.scores(LabelledFile.reading(file, table))
    }
    return JobResult(text: LabelScores.text(scores), json: json(scores, output: nil))
  }

  private func json(_ scores: [LabelScores], output: String?) -> JSON {
    ["status": "done", "output": output.map(JSON.string) ?? .null, "scores": .array(scores.map(\.json))]
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
