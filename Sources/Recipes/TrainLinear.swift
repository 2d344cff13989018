import Baselines
import Configuration
import Datasets
import Files
import Metrics
import Reports

/// `attune train classifier --method linear`: TF-IDF and multinomial logistic regression, per dataset, on the processor, without an encoder.
struct TrainLinear {
  let job: ClassifierJob

  func run() throws -> JobResult {
    let settings = job.settings
    let catalog = try Catalog(root: settings.data.folder)
    let names = try TrainClassifier.datasetNames(settings, catalog)
    if job.dryRun {
      return JobResult(
        text: job.configuration.yaml + "\nA linear model of each of \(names.joined(separator: ", ")): seconds, under 0.5 GB. Nothing was written.\n",
        json: .object(["status": "dry run", "datasets": .array(names.map { .string($0) })]))
    }
    let compute = try ComputeChoice(device: .cpu, precision: .fp32, threads: settings.training.threads, deterministic: true)
    let folder = try RunFolder(settings.training.output ?? "runs/linear-\(settings.data.dataset.yaml)", configuration: job.configuration, existing: job.existing)
    try RunManifest.begin(folder, settings: settings, base: nil, catalog: catalog, names: names, compute: compute)
    var reports: [DatasetReport] = []
    for name in names {
      let dataset = try catalog.load(
        name, onUnmatched: settings.data.onUnmatched == .drop ? .drop : .fail, holdOut: settings.data.validationFraction)
      try dataset.requireTraining()
      reports.append(try train(dataset, into: "\(folder.path)/models/\(dataset.name)"))
    }
    let facts: [ClassifierReport.Fact] = [.init("method", "TF-IDF + logistic regression"), .init("text read", settings.data.input.rawValue), .init("run folder", folder.path)]
    let report = ClassifierReport(title: "Linear label classifiers", facts: facts, datasets: reports)
    try ClassifierResults.write(report, into: folder.path)
    return JobResult(text: ClassifierResults.text(report, folder: folder.path), json: ClassifierResults.json(report, folder: folder.path))
  }

  private func train(_ dataset: Dataset, into folder: String) throws -> DatasetReport {
    let input = job.settings.data.input.applied(to: dataset)
    let labels = dataset.labels
    // Nothing is chosen here, so held-out rows are as good as any to learn from.
    let learned = dataset.train + (job.settings.refits(dataset) ? dataset.validation : [])
    let rows = learned.flatMap { example in
      Set(input.trainingViews.map { $0.text(of: example, labels: labels) }).sorted().map { (text: $0, label: example.label) }
    }
    let model = try LinearClassifier.train(texts: rows.map(\.text), labels: rows.map(\.label), labelNames: labels.names)
    try save(model, dataset, to: folder)

    let golds = dataset.test.map(\.label)
    let shown = input.testForms.map { form in (form.name, form.view, texts: dataset.test.map { form.view.text(of: $0, labels: labels) }) }
    let forms = try shown.map { name, _, texts in try FormScores(name, golds: golds, predicted: model.predict(texts)) }
    let whole = try Labeler(labels: labels).scores(zip(shown, forms).map { ($0.1, $0.texts, $1) })
    let common = try MajorityBaseline(labels: rows.map(\.label), labelCount: labels.count)
    var report = DatasetReport(
      name: dataset.name, labels: labels.names, rows: golds.count, accuracy: Score(forms[0].accuracy), weightedF1: Score(forms[0].weightedF1),
      macroF1: Score(forms[0].macroF1))
    report.baselines = [.init(.majority, try FormScores("majority", golds: golds, predicted: common.predict(count: golds.count)))]
    report.forms = (forms + whole).map { Form(name: $0.name, rows: golds.count, accuracy: Score($0.accuracy), weightedF1: Score($0.weightedF1)) }
    report.classes = try ReportParts.classes(forms[0], labels: labels.names)
    report.confusion = ReportParts.confusion(forms[0], classes: labels.count)
    report.notes = dataset.notes + input.notes(on: dataset, asked: job.settings.data.input)
    return report
  }

  private func save(_ model: LinearClassifier, _ dataset: Dataset, to folder: String) throws {
    try AtomicWrite.createParent(of: folder)
    try AtomicWrite.folder(folder) { temporary in
      try model.save(to: temporary)
      try ClassifierMetadata(
        dataset: dataset.name, input: job.settings.data.input.applied(to: dataset), maxLength: job.settings.model.maxLength, temperature: 1, labels: dataset.labels
      ).write(into: temporary)
    }
  }
}

extension TextView {
  /// Both segments as one text.
  func text(of example: Example, labels: LabelTable) -> String {
    let (first, second) = segments(of: example, labels: labels)
    return second.map { "\(first) \($0)" } ?? first
  }
}
