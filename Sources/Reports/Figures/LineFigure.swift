/// Values over optimizer steps, one line a series, each named at its end.
struct LineFigure {
  struct Series {
    var name: String
    /// `first`, `second`: colour and dash, from `ReportStyle`.
    var style: String
    var points: [Curves.Point]
    /// Marks every point; for series with few.
    var isMarked = false
  }

  var title: String
  var yName: String
  var series: [Series]
  /// A step to mark with a vertical line, and its name.
  var mark: (step: Int, name: String)?
  /// Starts the vertical axis at 0.
  var fromZero = false

  func drawn() -> SVG {
    let shown = series.filter { !$0.points.isEmpty }
    var svg = SVG(width: 440, height: 260, title: title)
    let points = shown.flatMap(\.points)
    let values: [Double] = points.map(\.value) + (fromZero ? [0] : [])
    let steps: [Double] = points.map { Double($0.step) } + [0]
    var x = Axis(covering: steps, count: 4)
    x.ticks.removeAll { $0 != $0.rounded() }
    x.high = max(steps.max() ?? 1, 1)
    x.ticks.removeAll { $0 > x.high }
    x.digits = 0
    let plot = Plot(left: 52, top: 40, width: shown.count > 1 ? 300 : 368, height: 170, x: x, y: Axis(covering: values, count: 4))
    plot.frame(&svg, xName: "optimizer step", yName: yName)

    if let mark, Double(mark.step) <= x.high {
      let at = plot.position(Double(mark.step), plot.y.low).x
      svg.line(at, plot.top, at, plot.top + plot.height, "mark")
      let isRight = at > plot.left + plot.width * 0.6
      svg.text(at + (isRight ? -5 : 5), plot.top - 10, mark.name, "quiet", anchor: isRight ? .end : .start)
    }
    for line in shown {
      let points = thinned(line.points).map { plot.position(Double($0.step), $0.value) }
      svg.polyline(points, "line \(line.style)")
      if line.isMarked || points.count == 1 {
        for (point, value) in zip(points, thinned(line.points)) {
          svg.circle(point.x, point.y, 3.5, "dot \(line.style)", hover: "step \(value.step): \(Format.short(value.value, 4))")
        }
      }
    }
    if shown.count > 1 {
      let ends = shown.map { plot.position(Double($0.points.last!.step), $0.points.last!.value) }
      let heights = spread(ends.map { $0.y + 4 }, gap: 15, within: plot.top...(plot.top + plot.height))
      for (line, height) in zip(shown, heights) { svg.text(plot.left + plot.width + 8, height, line.name, "name \(line.style)") }
    }
    return svg
  }

  /// At most 400 points: means of equal runs, so that a long run's curve stays a small file and shows its course.
  private func thinned(_ points: [Curves.Point]) -> [Curves.Point] {
    let limit = 400
    guard points.count > limit else { return points }
    return (0..<limit).map { index in
      let run = points[(index * points.count / limit)..<((index + 1) * points.count / limit)]
      return Curves.Point(run.last!.step, run.reduce(0) { $0 + $1.value } / Double(run.count))
    }
  }
}
