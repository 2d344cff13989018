/// One row a test set: this run's weighted F1 with its interval, the majority class, and the best published system.
struct BenchmarkFigure {
  var sets: [IMHIReport.Set]

  func drawn() -> SVG {
    let (rowHeight, top) = (30.0, 44.0)
    let height = rowHeight * Double(sets.count)
    var svg = SVG(width: 440, height: top + height + 44, title: "Weighted F1 by test set")
    let plot = Plot(left: 84, top: top, width: 156, height: height, x: Axis(from: 0, to: 100, step: 25), y: Axis(from: 0, to: 1, step: 1))
    let hasPublished = sets.contains { $0.best != nil }
    let columns = (run: 300.0, majority: 364.0, published: 438.0)
    svg.circle(columns.run - 18, 12, 5, "dot first")
    svg.text(columns.run, 32, "this run", "name first", anchor: .end)
    svg.rectangle(columns.majority - 24, 7, 3, 12, "fill third")
    svg.text(columns.majority, 32, "majority", "name third", anchor: .end)
    if hasPublished {
      svg.diamond(columns.published - 26, 12, 6, "hollow second")
      svg.text(columns.published, 32, "published", "name second", anchor: .end)
    }
    for tick in plot.x.ticks {
      let at = plot.position(tick, 0).x
      svg.line(at, top, at, top + height, "grid")
      svg.text(at, top + height + 17, plot.x.label(tick), "quiet", anchor: .middle)
    }
    svg.text(plot.left + plot.width / 2, top + height + 36, "weighted F1, %", "quiet", anchor: .middle)
    for (row, set) in sets.enumerated() {
      let y = top + rowHeight * (Double(row) + 0.5)
      svg.text(plot.left - 10, y + 4, fitted(set.name, 76), anchor: .end)
      if let majority = set.majority {
        svg.rectangle(plot.position(100 * majority, 0).x - 1.5, y - 7, 3, 14, "fill third", hover: "\(set.name), majority class: \(Format.percent(majority))")
        svg.text(columns.majority, y + 4, Format.percent(majority), "name third", anchor: .end)
      }
      if let best = set.best {
        svg.diamond(plot.position(best.score, 0).x, y, 6, "hollow second", hover: "\(set.name), \(best.name), published: \(Format.fixed(best.score, 1))")
        svg.text(columns.published, y + 4, Format.fixed(best.score, 1), "name second", anchor: .end)
      }
      guard let score = set.main else { continue }
      if let low = score.low, let high = score.high {
        svg.line(plot.position(100 * low, 0).x, y, plot.position(100 * high, 0).x, y, "whisker first")
      }
      svg.circle(plot.position(100 * score.mean, 0).x, y, 5, "dot first", hover: "\(set.name), this run: \(score.text)")
      svg.text(columns.run, y + 4, Format.percent(score.mean), "name first", anchor: .end)
    }
    return svg
  }
}
