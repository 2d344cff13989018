/// Correlations with their intervals: one row a pair, grouped by metric, with a line at 0.
public struct CorrelationFigure {
  /// One coefficient, −1 to 1, with its interval where there is one.
  public struct Point: Sendable {
    public var value: Double
    public var low, high: Double?

    public init(value: Double, low: Double?, high: Double?) { (self.value, self.low, self.high) = (value, low, high) }
  }

  public struct Row: Sendable {
    public var metric, aspect: String
    public var point: Point

    public init(metric: String, aspect: String, point: Point) { (self.metric, self.aspect, self.point) = (metric, aspect, point) }
  }

  /// What the coefficient is called, e.g. `Spearman's ρ`.
  public var name: String
  public var rows: [Row]

  public init(name: String, rows: [Row]) { (self.name, self.rows) = (name, rows) }

  /// The drawing as an SVG file's text.
  public var file: String { drawn().file }

  func drawn() -> SVG {
    let (rowHeight, top) = (26.0, 24.0)
    let height = rowHeight * Double(rows.count)
    var svg = SVG(width: 560, height: top + height + 44, title: "\(name) of each metric with each human rating")
    let bounds = rows.flatMap { [$0.point.value, $0.point.low ?? $0.point.value, $0.point.high ?? $0.point.value] }
    let plot = Plot(left: 220, top: top, width: 270, height: height, x: Axis(covering: bounds + [0], count: 5), y: Axis(from: 0, to: 1, step: 1))
    for tick in plot.x.ticks {
      let at = plot.position(tick, 0).x
      svg.line(at, plot.top, at, plot.top + height, abs(tick) < 1e-9 ? "axis" : "grid")
      svg.text(at, plot.top + height + 17, plot.x.label(tick), "quiet", anchor: .middle)
    }
    svg.text(plot.left + plot.width / 2, plot.top + height + 36, "\(name), 95 % interval", "quiet", anchor: .middle)
    for (index, row) in rows.enumerated() {
      let y = plot.top + rowHeight * (Double(index) + 0.5)
      let isFirst = index == 0 || rows[index - 1].metric != row.metric
      if isFirst {
        svg.text(8, y + 4, fitted(row.metric, 110), "name first")
        if index > 0 { svg.line(8, y - rowHeight / 2, 552, y - rowHeight / 2, "grid") }
      }
      svg.text(plot.left - 10, y + 4, fitted(row.aspect, 100), anchor: .end)
      guard row.point.value.isFinite else {
        svg.text(552, y + 4, "–", "name third", anchor: .end)
        continue
      }
      if let low = row.point.low, let high = row.point.high {
        svg.line(plot.position(low, 0).x, y, plot.position(high, 0).x, y, "whisker first")
      }
      let text = Format.fixed(row.point.value, 2)
      svg.circle(plot.position(row.point.value, 0).x, y, 5, "dot first", hover: "\(row.metric), \(row.aspect): \(text)")
      svg.text(552, y + 4, text, "name first", anchor: .end)
    }
    return svg
  }
}
