/// Shares over a number (messages before), a line a system, with intervals: up to six systems, each with a mark and a dash of its own.
public struct SeriesFigure: Sendable {
  public struct Point: Sendable, Hashable {
    public var x: Double
    public var value: EstimateFigure.Value

    public init(_ x: Double, _ value: EstimateFigure.Value) { (self.x, self.value) = (x, value) }
  }

  public struct Series: Sendable {
    public var name: String
    public var points: [Point]

    public init(_ name: String, _ points: [Point]) { (self.name, self.points) = (name, points) }
  }

  public var title: String
  public var xName, yName: String
  public var series: [Series]

  public init(title: String, xName: String, yName: String, series: [Series]) {
    (self.title, self.xName, self.yName, self.series) = (title, xName, yName, series)
  }

  func drawn() -> SVG {
    let lines = Array(series.prefix(6))
    let legend = Self.legend(lines.map(\.name))
    let top = 34 + 18 * Double(legend.last?.row ?? 0) + 18
    var svg = SVG(width: 440, height: top + 232, title: title)
    var x = Axis(covering: lines.flatMap(\.points).map(\.x) + [0], count: 6)
    x.digits = 0
    // Marks that stand beside their number, at either end, are clear of the labels and of the edge.
    let (plot, margin) = (Plot(left: 56, top: top, width: 362, height: 180, x: x, y: Axis(from: 0, to: 1, step: 0.25)), 18.0)
    for tick in plot.y.ticks {
      let at = plot.position(x.low, tick).y
      svg.line(plot.left - margin, at, plot.left + plot.width + margin, at, "grid")
      svg.text(plot.left - margin - 6, at + 4, Format.percent(tick, 0), "quiet", anchor: .end)
    }
    for tick in x.ticks {
      let at = plot.position(tick, 0)
      svg.line(at.x, at.y, at.x, at.y + 4, "axis")
      svg.text(at.x, at.y + 17, x.label(tick), "quiet", anchor: .middle)
    }
    svg.line(plot.left - margin, plot.top + plot.height, plot.left + plot.width + margin, plot.top + plot.height, "axis")
    svg.text(plot.left + plot.width / 2, plot.top + plot.height + 36, xName, "quiet", anchor: .middle)
    svg.text(0, plot.top - 12, yName, "quiet")
    for (index, place) in legend.enumerated() {
      svg.mark(index, place.x + 6, 10 + 18 * Double(place.row), "dot s\(index + 1)")
      svg.text(place.x + 16, 14 + 18 * Double(place.row), lines[index].name, "name s\(index + 1)")
    }
    // Side by side at each number, so that neither marks nor whiskers hide each other.
    let step = min(6, plot.width / Double(max(8, 14 * lines.count)))
    for (index, line) in lines.enumerated() {
      let shift = step * (Double(index) - Double(lines.count - 1) / 2)
      let places = line.points.map { point -> (x: Double, y: Double) in
        let at = plot.position(point.x, point.value.value)
        return (at.x + shift, at.y)
      }
      svg.polyline(places, "line s\(index + 1)")
      for (point, at) in zip(line.points, places) {
        let value = point.value
        if let low = value.low, let high = value.high, high > low {
          svg.line(at.x, plot.position(0, low).y, at.x, plot.position(0, high).y, "whisker s\(index + 1)")
        }
        svg.mark(index, at.x, at.y, "dot s\(index + 1)", hover: "\(line.name), \(Format.short(point.x)): \(Format.percent(value.value)) %")
      }
    }
    return svg
  }

  /// Where each name of the legend goes, in rows as wide as the figure.
  private static func legend(_ names: [String]) -> [(x: Double, row: Int)] {
    var (x, row): (Double, Int) = (0, 0)
    return names.map { name in
      let width = 28 + 7.2 * Double(name.count)
      if x > 0, x + width > 436 { (x, row) = (0, row + 1) }
      defer { x += width }
      return (x, row)
    }
  }
}
