/// MT19937 as numpy's legacy `RandomState` seeds and draws from it, for numbers that were published with it.
///
/// M. Matsumoto, T. Nishimura, "Mersenne Twister", 1998. Elsewhere `SplitMix64` draws.
public struct MersenneTwister: Sendable {
  private var state = [UInt32](repeating: 0, count: 624)
  private var index = 624

  /// `numpy.random.RandomState(seed)`, and `numpy.random.seed(seed)`.
  public init(seed: UInt32) {
    state[0] = seed
    for i in 1..<624 { state[i] = 1_812_433_253 &* (state[i - 1] ^ (state[i - 1] >> 30)) &+ UInt32(i) }
  }

  /// 32 random bits.
  public mutating func next() -> UInt32 {
    if index == 624 { refill() }
    var y = state[index]
    index += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C_5680
    y ^= (y << 15) & 0xEFC6_0000
    return y ^ (y >> 18)
  }

  /// A number in 0..<`bound`, as `RandomState.randint(0, bound)` draws it: the low bits that `bound` − 1 needs, until they are small enough.
  /// - Precondition: `bound` in 1...2³².
  public mutating func next(below bound: Int) -> Int {
    precondition(bound > 0 && bound <= 1 << 32, "cannot draw a number below \(bound)")
    let largest = UInt32(bound - 1)
    guard largest > 0 else { return 0 }  // numpy draws nothing for a range of one
    let mask = UInt32.max >> UInt32(largest.leadingZeroBitCount)
    while true {
      let value = next() & mask
      if value <= largest { return Int(value) }
    }
  }

  private mutating func refill() {
    for i in 0..<624 {
      let y = (state[i] & 0x8000_0000) | (state[(i + 1) % 624] & 0x7FFF_FFFF)
      state[i] = state[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    index = 0
  }
}
