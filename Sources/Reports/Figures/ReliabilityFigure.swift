/// Accuracy against confidence, before and after temperature scaling. On the diagonal confidence is what it says.
struct ReliabilityFigure {
  var dataset: String
  var calibration: Calibration

  func drawn() -> SVG {
    var svg = SVG(width: 440, height: 330, title: "\(dataset): reliability diagram")
    let axis = Axis(from: 0, to: 1, step: 0.25)
    let plot = Plot(left: 64, top: 62, width: 312, height: 220, x: axis, y: axis)
    plot.frame(&svg, xName: "confidence", yName: "accuracy")
    let (from, to) = (plot.position(0, 0), plot.position(1, 1))
    svg.line(from.x, from.y, to.x, to.y, "mark")

    for (bins, style) in [(calibration.before, "second"), (calibration.after, "first")] {
      let points = bins.map { plot.position($0.confidence, $0.accuracy) }
      svg.polyline(points, "line \(style)")
      for (point, bin) in zip(points, bins) {
        let hover = "confidence \(Format.percent(bin.confidence)), accuracy \(Format.percent(bin.accuracy)), \(bin.count) rows"
        if style == "first" {
          svg.circle(point.x, point.y, 4, "dot first", hover: hover)
        } else {
          svg.diamond(point.x, point.y, 5.5, "hollow second", hover: hover)
        }
      }
    }
    svg.diamond(14, 16, 5.5, "hollow second")
    svg.text(26, 20, "before, ECE \(Format.percent(calibration.errorBefore)) %", "name second")
    svg.circle(184, 16, 4, "dot first")
    svg.text(194, 20, "after T = \(Format.fixed(calibration.temperature, 2)), ECE \(Format.percent(calibration.errorAfter)) %", "name first")
    return svg
  }
}
