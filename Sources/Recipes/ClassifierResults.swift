import Files
import Reports

/// `results.json`, `report.html`, and the summary that a finished job prints.
enum ClassifierResults {
  /// - Parameter name: the folder's final path, where `folder` is a temporary one.
  static func write(_ report: ClassifierReport, into folder: String, named name: String? = nil) throws {
    try AtomicWrite.file("\(folder)/results.json", json(report, folder: name ?? folder).encoded(indent: 2) + "\n")
    try ReportPage.write(report, into: folder)
  }

  static func json(_ report: ClassifierReport, folder: String?) -> JSON {
    .object(["status": "done", "run": folder.map { .string($0) } ?? .null, "notice": .string(ReportPage.notice), "report": report.json])
  }

  /// A table of scores, one line a dataset and form.
  static func text(_ report: ClassifierReport, folder: String?) -> String {
    var table = TextTable(["dataset", "form", "rows", "accuracy %", "weighted F1 %"], leading: 2)
    for dataset in report.datasets {
      for (index, form) in dataset.forms.enumerated() {
        table.add([index == 0 ? dataset.name : "", form.name, "\(form.rows)", percent(form.accuracy), percent(form.weightedF1)])
      }
      if let majority = dataset.baselines.first(where: { $0.kind == .majority }) {
        table.add(["", "majority class", "\(dataset.rows)", Format.percent(majority.accuracy, 1), Format.percent(majority.weightedF1, 1)])
      }
    }
    let notes = report.datasets.flatMap { dataset in dataset.notes.map { $0.hasPrefix(dataset.name) ? $0 : "\(dataset.name): \($0)" } }
    return table.text + (notes.isEmpty ? "" : "\n" + notes.joined(separator: "\n") + "\n") + "\n\(ReportPage.notice)\n" + (folder.map { "Report: \($0)/report.html\n" } ?? "")
  }

  private static func percent(_ score: Score) -> String {
    guard let deviation = score.deviation, let low = score.low, let high = score.high else { return Format.percent(score.mean, 1) }
    return "\(Format.percent(score.mean, 1)) ± \(Format.percent(deviation, 1)) [\(Format.percent(low, 1)), \(Format.percent(high, 1))]"
  }
}
