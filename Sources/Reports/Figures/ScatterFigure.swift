/// One automatic score against each human rating of the same rows: a panel an aspect, with the line of least squares.
public struct ScatterFigure: Sendable {
  public struct Panel: Sendable {
    public var aspect: String
    /// Rating and score, one a row.
    public var points: [(rating: Double, score: Double)]

    public init(aspect: String, points: [(rating: Double, score: Double)]) { (self.aspect, self.points) = (aspect, points) }
  }

  public var metric: String
  public var panels: [Panel]

  public init(metric: String, panels: [Panel]) { (self.metric, self.panels) = (metric, panels) }

  /// The drawing as an SVG file's text.
  public var file: String { drawn().file }

  func drawn() -> SVG {
    let (columns, width, height) = (2, 220.0, 190.0)
    let rows = (panels.count + columns - 1) / columns
    var svg = SVG(width: 440, height: height * Double(max(rows, 1)), title: "\(metric) against human ratings")
    let scores = Axis(covering: panels.flatMap { $0.points.map(\.score) }, count: 4)
    let ratings = Axis(covering: panels.flatMap { $0.points.map(\.rating) }, count: 3)
    for (index, panel) in panels.enumerated() {
      let (left, top) = (width * Double(index % columns), height * Double(index / columns))
      let plot = Plot(left: left + 38, top: top + 22, width: width - 56, height: height - 66, x: ratings, y: scores)
      plot.frame(&svg, xName: "rating", yName: panel.aspect)
      for point in panel.points {
        let at = plot.position(point.rating, point.score)
        svg.circle(at.x, at.y, 3, "point first", hover: "\(panel.aspect) \(Format.fixed(point.rating, 2)), \(metric) \(Format.short(point.score, 3))")
      }
      if let line = Self.line(panel.points) {
        let ends = [panel.points.map(\.rating).min() ?? 0, panel.points.map(\.rating).max() ?? 0]
        // Cut at the frame: the line of a few points can leave it.
        let shown = ends.map { plot.position($0, min(scores.high, max(scores.low, line.start + line.slope * $0))) }
        svg.polyline(shown, "line second")
      }
    }
    return svg
  }

  /// Least squares; nil when all ratings are equal.
  private static func line(_ points: [(rating: Double, score: Double)]) -> (start: Double, slope: Double)? {
    let n = Double(points.count)
    let (x, y) = (points.reduce(0) { $0 + $1.rating } / n, points.reduce(0) { $0 + $1.score } / n)
    let spread = points.reduce(0) { $0 + ($1.rating - x) * ($1.rating - x) }
    guard spread > 0 else { return nil }
    let slope = points.reduce(0) { $0 + ($1.rating - x) * ($1.score - y) } / spread
    return (y - slope * x, slope)
  }
}
