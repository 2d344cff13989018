/// Estimates with their intervals, one a line, in groups; several columns stand beside each other over the same lines.
///
/// Lines are named where they stand, so nothing rests on colour: filled dots are of models, hollow diamonds of people.
public struct EstimateFigure: Sendable {
  /// A share with its interval, and the bounds between which it lies if what is missing were known.
  public struct Value: Sendable, Hashable {
    public var value: Double
    public var low, high: Double?
    public var lowest, highest: Double?

    public init(_ value: Double, low: Double? = nil, high: Double? = nil, lowest: Double? = nil, highest: Double? = nil) {
      (self.value, self.low, self.high, self.lowest, self.highest) = (value, low, high, lowest, highest)
    }
  }

  public struct Line: Sendable {
    public var name: String
    public var isPeople: Bool
    /// One a column; nil where there is none.
    public var values: [Value?]

    public init(_ name: String, isPeople: Bool = false, _ values: [Value?]) { (self.name, self.isPeople, self.values) = (name, isPeople, values) }
  }

  public struct Group: Sendable {
    public var name: String
    public var lines: [Line]

    public init(_ name: String, _ lines: [Line]) { (self.name, self.lines) = (name, lines) }
  }

  public var title: String
  /// What is measured, and which way is better.
  public var axis: String
  /// Heads of the columns; one empty one for a figure of one column, which also shows its numbers.
  public var columns: [String]
  public var groups: [Group]

  public init(title: String, axis: String, columns: [String] = [""], groups: [Group]) {
    (self.title, self.axis, self.columns, self.groups) = (title, axis, columns, groups)
  }

  private static let (width, rowHeight, headHeight, labels) = (440.0, 19.0, 24.0, 126.0)

  func drawn() -> SVG {
    let isSingle = columns.count == 1
    let names = columns.map { Self.wrapped($0, at: isSingle ? 40 : 14) }
    let heads = names.map(\.count).max() ?? 0
    let top = heads == 0 ? 8.0 : 12 + 14 * Double(heads)
    let height = groups.reduce(0.0) { $0 + ($1.name.isEmpty ? 4 : Self.headHeight) + Self.rowHeight * Double($1.lines.count) } + 6
    let hasBounds = groups.contains { $0.lines.contains { $0.values.contains { $0?.lowest != nil } } }
    var svg = SVG(width: Self.width, height: top + height + (hasBounds ? 66 : 48), title: title)
    let area = Self.width - Self.labels - (isSingle ? 136 : 12)
    let (gap, count) = (34.0, Double(columns.count))
    let panel = (area - gap * (count - 1)) / count
    let plots = columns.indices.map { column in
      Plot(
        left: Self.labels + Double(column) * (panel + gap), top: top, width: panel, height: height, x: Axis(from: 0, to: 1, step: panel < 120 ? 0.5 : 0.25),
        y: Axis(from: 0, to: 1, step: 1))
    }
    for (plot, name) in zip(plots, names) {
      if !isSingle { svg.rectangle(plot.left - 8, top, plot.width + 16, height, "cell") }
      for (line, text) in name.enumerated() { svg.text(plot.left + plot.width / 2, 12 + 14 * Double(line), text, "head small", anchor: .middle) }
      for tick in plot.x.ticks {
        let at = plot.position(tick, 0).x
        svg.line(at, top, at, top + height, "grid")
        svg.text(at, top + height + 15, Format.percent(tick, 0), "quiet small", anchor: .middle)
      }
    }
    // Under the panels, or under the whole figure where it is too long for that.
    let isLong = Double(axis.count) * 6.8 > area
    svg.text(isLong ? Self.width / 2 : Self.labels + area / 2, top + height + 34, axis, "quiet", anchor: .middle)
    if hasBounds {
      svg.rectangle(Self.labels, top + height + 46, 22, 9, "band")
      svg.text(Self.labels + 28, top + height + 55, "the range that missing answers leave open", "quiet small")
    }
    var y = top
    for group in groups {
      if group.name.isEmpty { y += 4 } else {
        svg.text(0, y + 17, fitted(group.name, isSingle ? Self.width : Self.labels + 20), "head")
        y += Self.headHeight
      }
      for line in group.lines {
        let middle = y + Self.rowHeight / 2
        svg.text(Self.labels - 13, middle + 4, fitted(line.name, Self.labels - 12), line.isPeople ? "name second" : "ink", anchor: .end)
        for (plot, value) in zip(plots, line.values) {
          if let value { draw(value, line, group, plot, middle, &svg, showsNumber: isSingle) } else if isSingle {
            svg.text(Self.width, middle + 4, "no answer", "quiet small", anchor: .end)
          }
        }
        y += Self.rowHeight
      }
    }
    return svg
  }

  private func draw(_ value: Value, _ line: Line, _ group: Group, _ plot: Plot, _ y: Double, _ svg: inout SVG, showsNumber: Bool) {
    let style = line.isPeople ? "second" : "first"
    if let lowest = value.lowest, let highest = value.highest {
      let (from, to) = (plot.position(lowest, 0).x, plot.position(highest, 0).x)
      svg.rectangle(from, y - 4.5, to - from, 9, "band")
    }
    if let low = value.low, let high = value.high, high > low {
      svg.line(plot.position(low, 0).x, y, plot.position(high, 0).x, y, "whisker s\(line.isPeople ? 2 : 1)")
      for end in [low, high] { svg.line(plot.position(end, 0).x, y - 3.5, plot.position(end, 0).x, y + 3.5, "whisker s\(line.isPeople ? 2 : 1)") }
    }
    let interval = value.low.flatMap { low in value.high.map { "\(Format.percent(low, 0))–\(Format.percent($0, 0))" } }
    let hover = "\(group.name.isEmpty ? "" : "\(group.name), ")\(line.name): \(Format.percent(value.value)) %" + (interval.map { " [\($0)]" } ?? "")
    let at = plot.position(value.value, 0).x
    if line.isPeople { svg.diamond(at, y, 5.2, "hollow \(style)", hover: hover) } else { svg.circle(at, y, 4.2, "dot \(style)", hover: hover) }
    if showsNumber {
      svg.text(Self.width - 68, y + 4, Format.percent(value.value), line.isPeople ? "name second" : "name first", anchor: .end)
      if let interval { svg.text(Self.width, y + 4, "[\(interval)]", "quiet small", anchor: .end) }
    }
  }

  /// Words in lines of at most `limit` characters.
  private static func wrapped(_ text: String, at limit: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + word.count < limit { lines[lines.count - 1] = "\(last) \(word)" } else { lines.append(String(word)) }
    }
    return lines
  }
}
