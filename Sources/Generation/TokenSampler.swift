/// Chooses one request's tokens. Draws come from the request's own seed and the number of the token, so an answer depends on
/// nothing that runs beside it.
struct TokenSampler {
  let options: SamplingOptions
  private let constraints: LogitsConstraints
  private let warpers: LogitsWarpers
  private var state: UInt64
  private var scores: [Float] = []

  init(_ options: SamplingOptions, endIDs: [Int32], promptCount: Int, maximumNewTokens: Int = .max, seed: UInt64) {
    self.options = options
    constraints = LogitsConstraints(options: options, endIDs: endIDs, promptCount: promptCount, maximumNewTokens: maximumNewTokens)
    warpers = LogitsWarpers(options: options)
    state = seed
  }

  /// - Parameters:
  ///   - logits: of the last token, float32.
  ///   - best: the likeliest id of `logits`.
  ///   - history: prompt and answer so far.
  mutating func next(_ logits: ArraySlice<Float>, best: Int32, history: [Int32]) -> Int32 {
    if options.isPlainGreedy { return best }
    scores.removeAll(keepingCapacity: true)
    scores.append(contentsOf: logits)
    constraints.apply(&scores, history: history)
    guard options.isSampled else { return Int32(Self.firstLargest(scores)) }
    warpers.apply(&scores)
    return Int32(draw(LogitsWarpers.softmax(scores)))
  }

  private mutating func draw(_ probabilities: [Float]) -> Int {
    let total = probabilities.reduce(0.0) { $0 + Double($1) }
    let point = uniform() * total
    var (cumulative, last) = (0.0, 0)
    for (i, p) in probabilities.enumerated() where p > 0 {
      cumulative += Double(p)
      last = i
      if point < cumulative { break }
    }
    return last
  }

  /// In [0, 1): the next number of SplitMix64 (Steele et al. 2014).
  private mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Double(z >> 11) * 0x1p-53
  }

  static func firstLargest(_ scores: [Float]) -> Int {
    var best = 0
    for i in scores.indices where scores[i] > scores[best] { best = i }
    return best
  }
}
