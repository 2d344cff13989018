import Metrics

/// Chooses one request's tokens. Draws come from the request's own seed and the number of the token, so an answer depends on
/// nothing that runs beside it.
struct TokenSampler {
  let options: SamplingOptions
  private let constraints: LogitsConstraints
  private let warpers: LogitsWarpers
  private var random: SplitMix64
  private var scores: [Float] = []

  init(_ options: SamplingOptions, endIDs: [Int32], promptCount: Int, maximumNewTokens: Int = .max, seed: UInt64) {
    self.options = options
    constraints = LogitsConstraints(options: options, endIDs: endIDs, promptCount: promptCount, maximumNewTokens: maximumNewTokens)
    warpers = LogitsWarpers(options: options)
    random = SplitMix64(seed: seed)
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
    let point = random.uniform() * total
    var (cumulative, last) = (0.0, 0)
    for (i, p) in probabilities.enumerated() where p > 0 {
      cumulative += Double(p)
      last = i
      if point < cumulative { break }
    }
    return last
  }

  static func firstLargest(_ scores: [Float]) -> Int {
    var best = 0
    for i in scores.indices where scores[i] > scores[best] { best = i }
    return best
  }
}
