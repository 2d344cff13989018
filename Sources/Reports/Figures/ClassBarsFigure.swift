/// One bar a label: its F1 with the interval, its name and how many rows it has.
struct ClassBarsFigure {
  var dataset: String
  var classes: [ClassScore]

  func drawn() -> SVG {
    let rowHeight = 28.0
    let top = 26.0
    var svg = SVG(width: 440, height: top + rowHeight * Double(classes.count) + 26, title: "\(dataset): F1 by label")
    let plot = Plot(
      left: 168, top: top, width: 220, height: rowHeight * Double(classes.count), x: Axis(from: 0, to: 100, step: 25),
      y: Axis(from: 0, to: 1, step: 1))
    svg.text(plot.left, 14, "F1, %", "quiet")
    for tick in plot.x.ticks {
      let at = plot.position(tick, 0).x
      svg.line(at, plot.top, at, plot.top + plot.height, "grid")
      svg.text(at, plot.top + plot.height + 17, plot.x.label(tick), "quiet", anchor: .middle)
    }
    for (row, item) in classes.enumerated() {
      let y = plot.top + rowHeight * (Double(row) + 0.5)
      let count = Format.count(item.support)
      svg.text(plot.left - 46, y + 4, fitted(item.label, 118), anchor: .end)
      svg.text(plot.left - 8, y + 4, count, "quiet", anchor: .end)
      let hover = "\(item.label): precision \(Format.percent(item.precision)), recall \(Format.percent(item.recall)), F1 \(item.f1.text), \(count) rows"
      svg.rectangle(plot.left, y - 8, plot.width * item.f1.mean, 16, "fill bar", hover: hover)
      if let low = item.f1.low, let high = item.f1.high {
        let (from, to) = (plot.position(100 * low, 0).x, plot.position(100 * high, 0).x)
        svg.line(from, y, to, y, "whisker ink-line")
        for end in [from, to] { svg.line(end, y - 4, end, y + 4, "whisker ink-line") }
      }
      svg.text(438, y + 4, Format.percent(item.f1.mean), anchor: .end)
    }
    svg.text(plot.left - 8, 14, "rows", "quiet", anchor: .end)
    return svg
  }
}
