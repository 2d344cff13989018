/// One bar a label: its name and rows above, its F1 with the interval.
struct ClassBarsFigure {
  var dataset: String
  var classes: [ClassScore]

  func drawn() -> SVG {
    let rowHeight = 40.0
    var svg = SVG(width: 440, height: rowHeight * Double(classes.count) + 40, title: "\(dataset): F1 by label")
    let plot = Plot(
      left: 12, top: 4, width: 364, height: rowHeight * Double(classes.count), x: Axis(from: 0, to: 100, step: 25), y: Axis(from: 0, to: 1, step: 1))
    for tick in plot.x.ticks {
      let at = plot.position(tick, 0).x
      svg.line(at, plot.top, at, plot.top + plot.height, "grid")
      svg.text(at, plot.top + plot.height + 16, plot.x.label(tick), "quiet", anchor: .middle)
    }
    svg.text(436, plot.top + plot.height + 16, "F1, %", "quiet", anchor: .end)
    for (row, item) in classes.enumerated() {
      let y = plot.top + rowHeight * Double(row)
      let rows = "\(Format.count(item.support)) rows"
      svg.text(plot.left, y + 14, fitted(item.label, plot.width - 90))
      svg.text(plot.left + plot.width, y + 14, rows, "quiet", anchor: .end)
      let hover = "\(item.label): precision \(Format.percent(item.precision)), recall \(Format.percent(item.recall)), F1 \(item.f1.text), \(rows)"
      svg.rectangle(plot.left, y + 20, plot.width * item.f1.mean, 14, "fill bar", hover: hover)
      if let low = item.f1.low, let high = item.f1.high {
        let (from, to) = (plot.position(100 * low, 0).x, plot.position(100 * high, 0).x)
        svg.line(from, y + 27, to, y + 27, "whisker ink-line")
        for end in [from, to] { svg.line(end, y + 23, end, y + 31, "whisker ink-line") }
      }
      svg.text(436, y + 31, Format.percent(item.f1.mean), anchor: .end)
    }
    return svg
  }
}
