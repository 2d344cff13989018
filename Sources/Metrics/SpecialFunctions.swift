import Glibc

/// The functions that intervals and p values are read from. Relative error about 1e-13 for the degrees of freedom that occur here.
enum SpecialFunctions {
  /// The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22) with Lentz's method.
  /// - Parameter y: 1 − x, which the caller often knows more exactly than the subtraction gives.
  static func incompleteBeta(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if y <= 0 { return 1 }
    // The fraction converges fast below the mean; above it, use I_x(a, b) = 1 − I_{1−x}(b, a).
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(y, x, b, a) }
    let front = powersOverBeta(x, y, a, b) / a
    let tiny = 1e-300
    var d = 1 / nonZero(1 - (a + b) * x / (a + 1), tiny)
    var c = 1.0
    var fraction = d
    for m in 1...10_000 {
      let m = Double(m)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonZero(1 + even * d, tiny)
      c = nonZero(1 + even / c, tiny)
      fraction *= c * d
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonZero(1 + odd * d, tiny)
      c = nonZero(1 + odd / c, tiny)
      fraction *= c * d
      if abs(c * d - 1) < 1e-16 { break }
    }
    return front * fraction
  }

  /// P(T > t) for Student's t with `df` degrees of freedom.
  static func studentTail(_ t: Double, df: Double) -> Double {
    if t.isNaN { return .nan }
    let tail = 0.5 * incompleteBeta(df / (df + t * t), t * t / (df + t * t), df / 2, 0.5)
    return t >= 0 ? tail : 1 - tail
  }

  /// The t with P(T ≤ t) = p. The tail falls monotonically, so bisection ends at neighbouring doubles.
  static func studentQuantile(_ p: Double, df: Double) -> Double {
    if p == 0.5 { return 0 }
    if p < 0.5 { return -studentQuantile(1 - p, df: df) }
    var (low, high) = (0.0, 1.0)
    while studentTail(high, df: df) > 1 - p { (low, high) = (high, high * 2) }
    return bisect(low, high) { studentTail($0, df: df) > 1 - p }
  }

  /// The z with Φ(z) = p.
  static func normalQuantile(_ p: Double) -> Double {
    if p == 0.5 { return 0 }
    if p < 0.5 { return -normalQuantile(1 - p) }
    return bisect(0, 40) { normalTail($0) > 1 - p }
  }

  /// 1 − Φ(z)
  static func normalTail(_ z: Double) -> Double { 0.5 * erfc(z / 2.0.squareRoot()) }

  /// P(χ² > x) with one degree of freedom.
  static func chiSquareTail(_ x: Double) -> Double { x.isNaN ? .nan : erfc((x / 2).squareRoot()) }

  /// P(χ² > x) with a whole number of degrees of freedom: Q(a + 1, x) = Q(a, x) + xᵃ e⁻ˣ / Γ(a + 1) from Q(½, x) or Q(1, x) up (DLMF 8.8.6).
  static func chiSquareTail(_ x: Double, df: Int) -> Double {
    precondition(df > 0, "χ² has at least one degree of freedom")
    if x.isNaN { return .nan }
    if x <= 0 { return 1 }
    let half = x / 2
    var a = df % 2 == 1 ? 0.5 : 1.0
    var tail = df % 2 == 1 ? erfc(half.squareRoot()) : exp(-half)
    while a + 0.5 < Double(df) / 2 {
      tail += exp(a * log(half) - half - logGamma(a + 1))
      a += 1
    }
    return min(1, tail)
  }

  /// The x with I_x(a, b) = p.
  static func betaQuantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
    bisect(0, 1) { incompleteBeta($0, 1 - $0, a, b) < p }
  }

  /// P(X ≤ k) of the binomial distribution with `n` trials and chance `p`.
  static func binomialBelow(_ k: Int, _ n: Int, _ p: Double) -> Double {
    k >= n ? 1 : incompleteBeta(1 - p, p, Double(n - k), Double(k + 1))
  }

  /// The point where `isBelow` turns false, to the last bit.
  private static func bisect(_ low: Double, _ high: Double, _ isBelow: (Double) -> Bool) -> Double {
    var (low, high) = (low, high)
    while true {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { return middle }
      if isBelow(middle) { low = middle } else { high = middle }
    }
  }

  private static func nonZero(_ x: Double, _ tiny: Double) -> Double { abs(x) < tiny ? tiny : x }

  /// x^a y^b / B(a, b). Large a and b go through Stirling's formula with its leading terms cancelled by hand: differences of
  /// log-gammas of a million would keep six digits only.
  private static func powersOverBeta(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
    let (small, large) = (min(a, b), max(a, b))
    let logX = x > 0.5 ? log1p(-y) : log(x)
    let logY = y > 0.5 ? log1p(-x) : log(y)
    if large < 10 { return exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * logX + b * logY) }
    if small < 10 {
      // ln Γ(large + small) − ln Γ(large)
      let ratio = (large - 0.5) * log1p(small / large) + small * log(large + small) - small + stirling(large + small) - stirling(large)
      return exp(ratio - logGamma(small) + a * logX + b * logY)
    }
    let mean = a / (a + b)
    let powers = a * log(x / mean) + b * log(y / (b / (a + b)))
    return exp(powers + stirling(a + b) - stirling(a) - stirling(b)) * (a * b / (2 * .pi * (a + b))).squareRoot()
  }

  /// ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π], for x ≥ 10 (DLMF 5.11.1).
  private static func stirling(_ x: Double) -> Double {
    let s = 1 / (x * x)
    return (1 / 12.0 - s * (1 / 360.0 - s * (1 / 1260.0 - s * (1 / 1680.0 - s * (1 / 1188.0 - s * (691 / 360360.0)))))) / x
  }

  static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)  // the reentrant form: lgamma writes a global
  }
}
