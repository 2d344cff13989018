import Configuration
import Datasets
import Files
import Reports
import Torch

/// `attune eval classifier`: a saved classifier on any labelled CSV or JSONL; explanations in both forms, and labelled as a whole.
struct EvaluateClassifier {
  let job: EvaluateClassifierJob

  func run() throws -> JobResult {
    if let output = job.output, FileSystem.exists(output) {
      guard job.overwrite else { throw InputError(output, "it exists already", advice: "Replace it with --overwrite, or choose another --output") }
      try RunFolder.requireReplaceable(output, marker: "results.json")
    }
    let compute = try ComputeChoice(job.runtime)
    let trained = try TrainedClassifier.load(job.model, compute: compute, batchSize: job.batchSize)
    let dataset = trained.metadata.dataset
    let file = try DataFile.read(job.data, dataset: dataset.isEmpty ? nil : dataset, labels: try trained.table(for: dataset))
    let (examples, dropped) = try file.examples(onUnmatched: job.onUnmatched == .drop ? .drop : .fail)
    guard !examples.isEmpty else { throw InputError(job.data, "no row has a label that can be read", advice: "Check the label column") }

    let golds = examples.map(\.label)
    let views = self.views(file, trained.metadata.input)
    let segments = views.map { form in examples.map { form.view.segments(of: $0, labels: file.labels) } }
    let logits = try segments.map { try trained.goldLogits($0, file.labels) }
    let forms = try zip(views, logits).map { try FormScores($0.name, golds: golds, predicted: $1.map(argmax)) }
    let whole = try Labeler(labels: file.labels).scores(forms.indices.map { (views[$0].view, segments[$0].map(\.first), forms[$0]) })

    let report = try self.report(file, forms, whole, logits[0], trained, compute, dropped: dropped.count)
    if let output = job.output {
      try AtomicWrite.createParent(of: output)
      try AtomicWrite.folder(output) { temporary in
        try ClassifierResults.write(report, into: temporary, named: output)
        try PredictionLines.write(
          into: temporary, examples: examples, forms: zip(views, logits).map { ($0.name, $1) }, temperature: trained.metadata.temperature)
      }
    }
    return JobResult(text: ClassifierResults.text(report, folder: job.output), json: ClassifierResults.json(report, folder: job.output))
  }

  /// Plain texts as they are, unless asked otherwise; explanations in both forms.
  private func views(_ file: DataFile, _ trained: InputView) -> [(name: String, view: TextView)] {
    if job.input == nil, case .labelled = file.format { return [("text", .full)] }
    return (job.input ?? trained).testForms
  }

  private func report(
    _ file: DataFile, _ forms: [FormScores], _ whole: [FormScores], _ logits: [[Float]], _ trained: TrainedClassifier, _ compute: ComputeChoice,
    dropped: Int
  ) throws -> ClassifierReport {
    let (first, labels) = (forms[0], file.labels)
    var dataset = DatasetReport(
      name: labels.dataset.isEmpty ? job.data : labels.dataset, labels: labels.names, rows: first.golds.count, accuracy: Score(first.accuracy),
      weightedF1: Score(first.weightedF1), macroF1: Score(first.macroF1))
    dataset.forms = (forms + whole).map { Form(name: $0.name, rows: first.golds.count, accuracy: Score($0.accuracy), weightedF1: Score($0.weightedF1)) }
    dataset.classes = try ReportParts.classes(first, labels: labels.names)
    dataset.confusion = ReportParts.confusion(first, classes: labels.count)
    dataset.calibration = try ReportParts.calibration(logits: logits, golds: first.golds, temperature: trained.metadata.temperature)
    if dropped > 0 { dataset.notes.append("\(dropped) rows left out, their label cannot be read") }
    let facts: [ClassifierReport.Fact] = [
      .init("model", job.model), .init("data", job.data), .init("computed on", compute.summary), .init("libtorch", Runtime.version),
    ]
    return ClassifierReport(title: "Classifier evaluation", facts: facts, datasets: [dataset])
  }
}
