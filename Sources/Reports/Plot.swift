import Glibc

/// A linear scale with round ticks.
struct Axis {
  var low: Double
  var high: Double
  var ticks: [Double]
  /// Decimals that tell neighbouring ticks apart.
  var digits: Int

  /// Covers `values`, widened to whole ticks, with about `count` of them.
  init(covering values: some Sequence<Double>, count: Int = 5) {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
    if low > high { (low, high) = (0, 1) }
    if low == high { (low, high) = (low - max(abs(low), 1) * 0.5, high + max(abs(high), 1) * 0.5) }
    let step = Axis.roundStep((high - low) / Double(count))
    self.init(from: (low / step).rounded(.down) * step, to: (high / step).rounded(.up) * step, step: step)
  }

  init(from low: Double, to high: Double, step: Double) {
    self.low = low
    self.high = high
    ticks = (0...Int(((high - low) / step).rounded())).map { low + Double($0) * step }
    digits = (0...6).first { abs((step * pow(10, Double($0))).rounded() - step * pow(10, Double($0))) < 1e-6 } ?? 7
  }

  /// The position of `value` between 0 and 1.
  func share(_ value: Double) -> Double { (value - low) / (high - low) }

  /// With an exponent, `1.5e-4`, where decimals would not fit beside the axis.
  func label(_ tick: Double) -> String {
    guard digits > 3, tick != 0 else { return Format.fixed(tick, digits > 3 ? 0 : digits) }
    let power = (log10(abs(tick)) + 1e-9).rounded(.down)
    return "\(Format.short(tick / pow(10, power), 2))e\(Int(power))"
  }

  /// 1, 2 or 5 times a power of ten, at least `step`.
  static func roundStep(_ step: Double) -> Double {
    let power = pow(10, log10(step).rounded(.down))
    for factor in [1.0, 2, 5] where factor * power >= step * (1 - 1e-9) { return factor * power }
    return 10 * power
  }
}

/// The frame of a figure with two axes.
struct Plot {
  var left: Double
  var top: Double
  var width: Double
  var height: Double
  var x: Axis
  var y: Axis

  func position(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double) {
    (left + width * x.share(xValue), top + height * (1 - y.share(yValue)))
  }

  /// Grid lines, tick labels and the names of the axes.
  func frame(_ svg: inout SVG, xName: String, yName: String) {
    for tick in y.ticks {
      let at = position(x.low, tick).y
      svg.line(left, at, left + width, at, "grid")
      svg.text(left - 6, at + 4, y.label(tick), "quiet", anchor: .end)
    }
    for tick in x.ticks {
      let at = position(tick, y.low).x
      svg.line(at, top + height, at, top + height + 4, "axis")
      svg.text(at, top + height + 17, x.label(tick), "quiet", anchor: .middle)
    }
    svg.line(left, top + height, left + width, top + height, "axis")
    svg.text(left + width / 2, top + height + 34, xName, "quiet", anchor: .middle)
    svg.text(left, top - 10, yName, "quiet")
  }
}

/// Moves labels that would touch apart, keeping their order: heights in, heights out.
func spread(_ heights: [Double], gap: Double, within range: ClosedRange<Double>) -> [Double] {
  let order = heights.indices.sorted { heights[$0] < heights[$1] }
  var result = heights
  var floor = range.lowerBound
  for index in order {
    result[index] = max(result[index], floor)
    floor = result[index] + gap
  }
  var ceiling = range.upperBound
  for index in order.reversed() {
    result[index] = min(result[index], ceiling)
    ceiling = result[index] - gap
  }
  return result
}
