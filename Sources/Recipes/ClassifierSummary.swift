import Datasets
import Metrics
import Reports

/// One dataset's seeds put together for the report.
struct ClassifierSummary {
  let data: ClassifierData
  let baselines: ClassifierBaselines
  let outcomes: [ClassifierRun.Outcome]

  func report() throws -> DatasetReport {
    let first = outcomes[0]
    let headline = outcomes.map { $0.forms[0] }
    var report = DatasetReport(
      name: data.dataset.name, labels: data.dataset.labels.names, rows: data.dataset.test.count,
      accuracy: try ReportParts.score(headline.map(\.accuracy)), weightedF1: try ReportParts.score(headline.map(\.weightedF1)),
      macroF1: try ReportParts.score(headline.map(\.macroF1)))
    report.baselines = baselines.report
    report.forms = try forms()
    report.classes = try ReportParts.classes(first.forms[0], labels: report.labels)
    report.confusion = ReportParts.confusion(first.forms[0], classes: report.labels.count)
    report.calibration = first.calibration
    report.curves = first.curves
    report.notes = data.notes + refitNotes() + (try comparisonNotes())
    return report
  }

  /// Every form of the model alone, then of labelling as a whole, then of the linear baseline.
  private func forms() throws -> [Form] {
    func over(_ name: String, _ scores: [FormScores]) throws -> Form {
      Form(
        name: name, rows: scores[0].golds.count, accuracy: try ReportParts.score(scores.map(\.accuracy)),
        weightedF1: try ReportParts.score(scores.map(\.weightedF1)))
    }
    let alone = try outcomes[0].forms.indices.map { i in try over(outcomes[0].forms[i].name, outcomes.map { $0.forms[i] }) }
    let whole = try outcomes[0].labelled.indices.map { i in try over(outcomes[0].labelled[i].name, outcomes.map { $0.labelled[i] }) }
    return alone + whole + (try baselines.linear.map { try over("TF-IDF + logistic regression, \($0.name)", [$0]) })
  }

  /// Says what the scores are of when validation rows were trained on in the end.
  private func refitNotes() -> [String] {
    let refits = outcomes.compactMap(\.refit)
    guard let first = refits.first else { return [] }
    let epochs = refits.map { ClassifierRun.text($0.epochs) }.joined(separator: ", ")
    return ["the model that is kept was trained again on all \(first.rows) rows (each text in every form it is read in), for the epochs that held-out rows found best: \(epochs)"]
  }

  /// Says where the encoder does not beat the linear baseline, with an exact McNemar test on the first seed's rows.
  private func comparisonNotes() throws -> [String] {
    try zip(outcomes[0].forms, baselines.linear).compactMap { encoder, linear in
      let right = { (scores: FormScores) in zip(scores.golds, scores.predicted).map { $0 == $1 } }
      guard encoder.accuracy <= linear.accuracy else { return nil }
      let p = try PairedTests.mcNemar(first: right(encoder), second: right(linear)).p
      return "\(encoder.name): the encoder does not beat TF-IDF + logistic regression (accuracy \(Format.percent(encoder.accuracy, 1)) % against "
        + "\(Format.percent(linear.accuracy, 1)) %, McNemar p = \(Format.short(p)))"
    }
  }
}
