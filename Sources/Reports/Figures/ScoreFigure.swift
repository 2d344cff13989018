/// One row a dataset: the model's mean with its interval and the linear baseline, and the numbers beside them.
///
/// The axis shows the range where the two differ; the majority class, far below, is a number only.
struct ScoreFigure {
  var datasets: [DatasetReport]

  func drawn() -> SVG {
    let (rowHeight, top) = (30.0, 44.0)
    var svg = SVG(width: 440, height: top + rowHeight * Double(datasets.count) + 44, title: "Weighted F1 by dataset, beside the baselines")
    let values = datasets.flatMap { dataset in
      [dataset.weightedF1.mean, dataset.weightedF1.low, dataset.weightedF1.high, dataset.score(of: .linear)].compactMap { $0 }
    }
    let axis = Axis(covering: values.map { 100 * $0 }, count: 4)
    let plot = Plot(left: 96, top: top, width: 156, height: rowHeight * Double(datasets.count), x: axis, y: Axis(from: 0, to: 1, step: 1))
    let columns = (model: 306.0, linear: 364.0, majority: 438.0)

    svg.circle(columns.model - 18, 12, 5, "dot first")
    svg.text(columns.model, 32, "model", "name first", anchor: .end)
    svg.diamond(columns.linear - 16, 12, 6, "hollow second")
    svg.text(columns.linear, 32, "linear", "name second", anchor: .end)
    svg.text(columns.majority, 32, "majority", "name third", anchor: .end)
    for tick in axis.ticks {
      let at = plot.position(tick, 0).x
      svg.line(at, plot.top, at, plot.top + plot.height, "grid")
      svg.text(at, plot.top + plot.height + 17, axis.label(tick), "quiet", anchor: .middle)
    }
    svg.text(plot.left + plot.width / 2, plot.top + plot.height + 36, "weighted F1, %", "quiet", anchor: .middle)

    for (row, dataset) in datasets.enumerated() {
      let y = plot.top + rowHeight * (Double(row) + 0.5)
      let score = dataset.weightedF1
      svg.text(plot.left - 10, y + 4, fitted(dataset.name, 86), anchor: .end)
      svg.text(columns.model, y + 4, Format.percent(score.mean), "name first", anchor: .end)
      if let low = score.low, let high = score.high {
        svg.line(plot.position(100 * low, 0).x, y, plot.position(100 * high, 0).x, y, "whisker first")
      }
      svg.circle(plot.position(100 * score.mean, 0).x, y, 5, "dot first", hover: "\(dataset.name), model: \(score.text)")
      if let linear = dataset.score(of: .linear) {
        svg.diamond(plot.position(100 * linear, 0).x, y, 6, "hollow second", hover: "\(dataset.name), linear: \(Format.percent(linear))")
        svg.text(columns.linear, y + 4, Format.percent(linear), "name second", anchor: .end)
      }
      if let majority = dataset.score(of: .majority) {
        svg.text(columns.majority, y + 4, Format.percent(majority), "name third", anchor: .end)
      }
    }
    return svg
  }
}

extension DatasetReport {
  /// A baseline's weighted F1.
  fileprivate func score(of kind: Baseline.Kind) -> Double? { baselines.first { $0.kind == kind }?.weightedF1 }
}

extension Baseline.Kind {
  /// As in a sentence and a table's head.
  var name: String {
    switch self {
    case .majority: "majority class"
    case .linear: "linear"
    }
  }
}
