import Glibc

/// How many rows have each label, and how many are answered with it: the imbalance, and labels that are never or too often found.
///
/// The axis is logarithmic, since labels differ by a factor of a hundred and more.
struct SupportFigure {
  var name: String
  var classes: [ClassScore]
  /// Mean rows a run that are answered with each label.
  var answered: [Double]

  func drawn() -> SVG {
    let rowHeight = 40.0
    var svg = SVG(width: 440, height: rowHeight * Double(classes.count) + 64, title: "\(name): rows and answers by label")
    let most = max(answered.max() ?? 1, Double(classes.map(\.support).max() ?? 1), 10)
    // log10(1 + n), so that 0 has a place.
    let plot = Plot(
      left: 12, top: 26, width: 330, height: rowHeight * Double(classes.count), x: Axis(from: 0, to: log10(1 + most), step: log10(1 + most)),
      y: Axis(from: 0, to: 1, step: 1))
    func x(_ count: Double) -> Double { plot.position(log10(1 + count), 0).x }
    svg.rectangle(12, 6, 12, 10, "fill bar")
    svg.text(30, 16, "rows", "name first")
    svg.diamond(90, 11, 5.5, "hollow second")
    svg.text(102, 16, "answers, mean of the runs", "name second")
    for tick in [0.0, 1, 10, 100, 1000, 10000] where tick <= most {
      svg.line(x(tick), plot.top, x(tick), plot.top + plot.height, "grid")
      svg.text(x(tick), plot.top + plot.height + 16, Format.count(Int(tick)), "quiet", anchor: .middle)
    }
    svg.text(436, plot.top + plot.height + 32, "rows, logarithmic", "quiet", anchor: .end)
    for (row, item) in classes.enumerated() {
      let y = plot.top + rowHeight * Double(row)
      let answers = Format.fixed(answered[row], answered[row] == answered[row].rounded() ? 0 : 1)
      let hover = "\(item.label): \(item.support) rows, \(answers) answers"
      svg.text(plot.left, y + 14, fitted(item.label, plot.width))
      svg.rectangle(x(0), y + 20, x(Double(item.support)) - x(0), 14, "fill bar", hover: hover)
      svg.diamond(x(answered[row]), y + 27, 5.5, "hollow second", hover: hover)
      svg.text(388, y + 31, Format.count(item.support), anchor: .end)
      svg.text(436, y + 31, answers, "name second", anchor: .end)
    }
    return svg
  }
}
