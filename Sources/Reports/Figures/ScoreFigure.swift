/// One row a dataset: the model's mean with its interval, beside what it must beat.
struct ScoreFigure {
  var datasets: [DatasetReport]

  func drawn() -> SVG {
    let rowHeight = 30.0
    let top = 52.0
    var svg = SVG(width: 440, height: top + rowHeight * Double(datasets.count) + 46, title: "Weighted F1 by dataset, with baselines")
    let values = datasets.flatMap { dataset in
      [dataset.weightedF1.mean, dataset.weightedF1.low, dataset.weightedF1.high].compactMap { $0 } + dataset.baselines.map(\.weightedF1)
    }
    let axis = Axis(covering: values.map { 100 * $0 }, count: 5)
    let plot = Plot(left: 108, top: top, width: 262, height: rowHeight * Double(datasets.count), x: axis, y: Axis(from: 0, to: 1, step: 1))

    legend(&svg)
    for tick in axis.ticks {
      let at = plot.position(tick, 0).x
      svg.line(at, plot.top, at, plot.top + plot.height, "grid")
      svg.text(at, plot.top + plot.height + 17, axis.label(tick), "quiet", anchor: .middle)
    }
    svg.text(plot.left + plot.width / 2, plot.top + plot.height + 36, "weighted F1, %", "quiet", anchor: .middle)

    for (row, dataset) in datasets.enumerated() {
      let y = plot.top + rowHeight * (Double(row) + 0.5)
      svg.text(plot.left - 12, y + 4, fitted(dataset.name, 92), anchor: .end)
      for baseline in dataset.baselines {
        let x = plot.position(100 * baseline.weightedF1, 0).x
        let hover = "\(dataset.name), \(baseline.kind.name): \(Format.percent(baseline.weightedF1))"
        switch baseline.kind {
        case .majority: svg.rectangle(x - 1.5, y - 7, 3, 14, "fill third", hover: hover)
        case .linear: svg.diamond(x, y, 6, "hollow second", hover: hover)
        }
      }
      let score = dataset.weightedF1
      if let low = score.low, let high = score.high {
        svg.line(plot.position(100 * low, 0).x, y, plot.position(100 * high, 0).x, y, "whisker first")
      }
      svg.circle(plot.position(100 * score.mean, 0).x, y, 5, "dot first", hover: "\(dataset.name): \(score.text)")
      svg.text(plot.left + plot.width + 14, y + 4, Format.percent(score.mean), "name first")
    }
    return svg
  }

  private func legend(_ svg: inout SVG) {
    svg.circle(14, 16, 5, "dot first")
    svg.text(25, 20, "model", "name first")
    guard datasets.contains(where: { !$0.baselines.isEmpty }) else { return }
    svg.diamond(88, 16, 6, "hollow second")
    svg.text(100, 20, Baseline.Kind.linear.name, "name second")
    svg.rectangle(292, 9, 3, 14, "fill third")
    svg.text(302, 20, Baseline.Kind.majority.name, "name third")
  }
}

extension Baseline.Kind {
  var name: String {
    switch self {
    case .majority: "majority class"
    case .linear: "TF-IDF + logistic regression"
    }
  }
}
