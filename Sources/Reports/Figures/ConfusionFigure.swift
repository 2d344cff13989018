/// Gold against predicted labels; a last column beyond the gold labels stands for no label. Shade is the share of the gold label's rows; the number is the count.
struct ConfusionFigure {
  var dataset: String
  var labels: [String]
  var counts: [[Int]]

  func drawn() -> SVG {
    let size = Double(max(labels.count, 1))
    // Room for the longest name, within reason.
    let left = min(190, max(150, 7 * Double(labels.map(\.count).max() ?? 0) + 18))
    let top = labels.count > 3 ? left : 48.0
    let cell = min(72, (432 - left) / size)
    var svg = SVG(width: 440, height: top + cell * Double(counts.count) + 10, title: "\(dataset): confusion matrix")
    svg.text(left - 10, top - 12, "gold", "quiet", anchor: .end)
    svg.text(left, 12, "predicted", "quiet")

    for (column, label) in labels.enumerated() {
      let x = left + cell * (Double(column) + 0.5)
      if labels.count > 3 {
        svg.text(x + 4, top - 8, fitted(label, top - 14), rotated: true)
      } else {
        svg.text(x, top - 10, fitted(label, cell), anchor: .middle)
      }
    }
    // Numbers after all cells, so that none hides a part of one.
    var numbers: [(x: Double, y: Double, count: Int, style: String)] = []
    for (gold, row) in counts.enumerated() {
      let total = max(1, row.reduce(0, +))
      let y = top + cell * Double(gold)
      svg.text(left - 10, y + cell / 2 + 4, fitted(labels[gold], left - 16), anchor: .end)
      for (predicted, count) in row.enumerated() {
        let x = left + cell * Double(predicted)
        let share = Double(count) / Double(total)
        let hover = "gold \(labels[gold]), predicted \(labels[predicted]): \(count) of \(total) (\(Format.percent(share)) %)"
        svg.rectangle(x + 1, y + 1, cell - 2, cell - 2, "cell", hover: hover)
        svg.rectangle(x + 1, y + 1, cell - 2, cell - 2, "heat", opacity: share, hover: hover)
        let style = share > 0.5 ? "on-heat" : count == 0 ? "quiet" : "ink"
        numbers.append((x + cell / 2, y + cell / 2 + 4, count, style))
      }
    }
    for number in numbers {
      // A cell holds four digits in small print; more are rounded to thousands, and whole in the tooltip.
      let isLong = 8 * Double("\(number.count)".count) > cell
      let text = isLong && number.count >= 10_000 ? "\((number.count + 500) / 1000)k" : "\(number.count)"
      svg.text(number.x, number.y, text, isLong ? "\(number.style) small" : number.style, anchor: .middle)
    }
    return svg
  }
}
