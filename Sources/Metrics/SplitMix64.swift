/// Steele, Lea and Flood's SplitMix64 ("Fast splittable pseudorandom number generators", OOPSLA 2014): small, fast, and the same numbers from the
/// same seed on every machine and with every version of the standard library.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// In [0, 1): the upper 53 bits of the next number.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Fisher and Yates, drawing by multiplication (Lemire 2019, without rejection: a bias below 2⁻⁴⁰ for any set that fits in memory). Unlike the
  /// standard library's `shuffle(using:)`, it is written here, so an order does not depend on a library's version.
  public mutating func shuffle<Element>(_ items: inout [Element]) {
    for i in stride(from: items.count - 1, to: 0, by: -1) {
      items.swapAt(i, Int(next().multipliedFullWidth(by: UInt64(i + 1)).high))
    }
  }
}
