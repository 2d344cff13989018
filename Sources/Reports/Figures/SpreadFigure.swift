/// Every run of every system as a dot, with the mean: how far a score depends on the seed.
struct SpreadFigure {
  var systems: [SafetyReport.System]

  func drawn() -> SVG {
    let (block, top) = (64.0, 30.0)
    var svg = SVG(width: 440, height: top + block * Double(systems.count) + 40, title: "Weighted and macro F1 of each run")
    let values = systems.flatMap(\.runs).flatMap { [100 * $0.weightedF1, 100 * $0.macroF1] }
    let axis = Axis(covering: values, count: 4)
    let plot = Plot(left: 16, top: top, width: 330, height: block * Double(systems.count), x: axis, y: Axis(from: 0, to: 1, step: 1))
    svg.circle(20, 12, 4, "dot first")
    svg.text(30, 16, "weighted F1", "name first")
    svg.diamond(134, 12, 5.5, "hollow second")
    svg.text(146, 16, "macro F1", "name second")
    svg.text(436, 16, "mean", "quiet", anchor: .end)
    for tick in axis.ticks {
      let at = plot.position(tick, 0).x
      svg.line(at, plot.top, at, plot.top + plot.height, "grid")
      svg.text(at, plot.top + plot.height + 17, axis.label(tick), "quiet", anchor: .middle)
    }
    for (row, system) in systems.enumerated() {
      let y = top + block * Double(row)
      svg.text(plot.left, y + 16, fitted(system.name, 416))
      let scores = [("first", y + 32, system.runs.map { ($0.name, $0.weightedF1) }), ("second", y + 50, system.runs.map { ($0.name, $0.macroF1) })]
      for (style, line, values) in scores {
        let mean = values.reduce(0) { $0 + $1.1 } / Double(max(values.count, 1))
        let at = plot.position(100 * mean, 0).x
        svg.line(at, line - 8, at, line + 8, "whisker ink-line")
        for (run, value) in values {
          let x = plot.position(100 * value, 0).x
          let hover = "\(system.name), run \(run): \(Format.percent(value, 2))"
          if style == "first" { svg.circle(x, line, 4, "dot first", hover: hover) } else { svg.diamond(x, line, 5.5, "hollow second", hover: hover) }
        }
        svg.text(436, line + 4, Format.percent(mean), "name \(style)", anchor: .end)
      }
    }
    return svg
  }
}
