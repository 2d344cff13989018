import Configuration
import Datasets
import Files
import Models
import Reports
import Torch
import Training

/// `attune eval classifier`: a saved classifier on any labelled CSV or JSONL, in both forms where the rows are explanations.
struct EvaluateClassifier {
  let job: EvaluateClassifierJob

  func run() throws -> JobResult {
    let compute = try ComputeChoice(job.runtime)
    let trained = try TrainedClassifier.load(job.model, device: compute.device)
    let table = trained.metadata.dataset.isEmpty ? try LabelTable(dataset: "", names: trained.model.labels) : try trained.table(for: trained.metadata.dataset)
    let file = try DataFile.read(job.data, dataset: trained.metadata.dataset.isEmpty ? nil : trained.metadata.dataset, labels: table)
    let rows = try file.examples(onUnmatched: job.onUnmatched == .drop ? .drop : .fail)
    let order = try trained.goldOrder(table, dataset: table.dataset)

    let input = job.input ?? trained.metadata.input
    let views: [(name: String, view: TextView)] =
      if case .labelled = file.format { [("text", .full)] } else { input.testForms }
    let golds = rows.examples.map(\.label)
    var forms: [FormScores] = []
    var allLogits: [[[Float]]] = []
    for (name, view) in views {
      let texts = rows.examples.map { view.segments(of: $0, labels: table).first }
      let logits = try trained.logits(texts, compute: compute).map { row in order.indices.map { gold in row[order.firstIndex(of: gold)!] } }
      allLogits.append(logits)
      forms.append(try FormScores(name, golds: golds, predicted: logits.map(argmax)))
    }

    let report = try self.report(table, forms, allLogits, golds, trained, compute, dropped: rows.dropped.count)
    if let output = job.output { try write(report, to: output, rows.examples, forms, allLogits, temperature: trained.metadata.temperature) }
    return JobResult(
      text: ClassifierResults.text(report, folder: job.output), json: ClassifierResults.json(report, folder: job.output))
  }

  private func report(
    _ table: LabelTable, _ forms: [FormScores], _ logits: [[[Float]]], _ golds: [Int], _ trained: TrainedClassifier, _ compute: ComputeChoice, dropped: Int
  ) throws -> ClassifierReport {
    let first = forms[0]
    var dataset = DatasetReport(
      name: table.dataset.isEmpty ? job.data : table.dataset, labels: table.names, rows: golds.count, accuracy: Score(first.accuracy),
      weightedF1: Score(first.weightedF1), macroF1: Score(first.macroF1))
    dataset.forms = forms.map { Form(name: $0.name, rows: golds.count, accuracy: Score($0.accuracy), weightedF1: Score($0.weightedF1)) }
    dataset.classes = try ReportParts.classes(first, labels: table.names)
    dataset.confusion = ReportParts.confusion(first, classes: table.count)
    dataset.calibration = try ReportParts.calibration(logits: logits[0], golds: golds, temperature: trained.metadata.temperature)
    if dropped > 0 { dataset.notes.append("\(dropped) rows left out, their label cannot be read") }
    let facts: [ClassifierReport.Fact] = [
      .init("model", job.model), .init("data", job.data), .init("computed on", compute.summary), .init("libtorch", Runtime.version),
    ]
    return ClassifierReport(title: "Classifier evaluation", facts: facts, datasets: [dataset])
  }

  private func write(
    _ report: ClassifierReport, to folder: String, _ examples: [Example], _ forms: [FormScores], _ logits: [[[Float]]], temperature: Double
  ) throws {
    if FileSystem.exists(folder) {
      guard job.overwrite else { throw InputError(folder, "it exists already", advice: "Replace it with --overwrite, or choose another --output") }
      AtomicWrite.removeTree(folder)
    }
    try AtomicWrite.createFolder(folder)
    try ClassifierResults.write(report, into: folder)
    try PredictionLines.write(into: folder, examples: examples, forms: zip(forms.map(\.name), logits).map { ($0, $1) }, temperature: temperature)
  }
}
