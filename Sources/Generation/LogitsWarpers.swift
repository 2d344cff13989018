import Glibc

/// The truncations of sampling, in the order in which transformers applies them. Each sets what it removes to -inf.
///
/// Cumulated probabilities are summed in float64 and compared in float32, as PyTorch does, so that the kept sets are the same.
struct LogitsWarpers {
  let options: SamplingOptions
  /// Beam search keeps one token more than there are ends.
  var minimumKept = 1

  func apply(_ scores: inout [Float]) {
    if options.temperature != 1 {
      let temperature = Float(options.temperature)
      for i in scores.indices { scores[i] /= temperature }
    }
    if options.topK > 0 { keepLargest(max(options.topK, minimumKept), &scores) }
    if options.topP < 1 { keepNucleus(&scores) }
    if let minP = options.minP { keepLikely(&scores) { _, most in Float(minP) * most } }
    if options.typicalP < 1 { keepTypical(&scores) }
    if options.epsilonCutoff > 0, options.epsilonCutoff < 1 { keepLikely(&scores) { _, _ in Float(options.epsilonCutoff) } }
    if options.etaCutoff > 0, options.etaCutoff < 1 {
      let epsilon = Float(options.etaCutoff)
      keepLikely(&scores) { entropy, _ in min(epsilon, epsilon.squareRoot() * expf(-entropy())) }
    }
  }

  private func keepLargest(_ count: Int, _ scores: inout [Float]) {
    guard let smallest = Self.largest(min(count, scores.count), scores).last else { return }
    for i in scores.indices where scores[i] < smallest { scores[i] = -.infinity }
  }

  /// The `count` largest values, falling.
  static func largest(_ count: Int, _ scores: [Float]) -> [Float] {
    guard count * 8 < scores.count else { return Array(scores.sorted(by: >).prefix(count)) }
    // A heap with the smallest on top: most values are compared with it and no more.
    var heap = scores.prefix(count).sorted()
    for score in scores.dropFirst(count) where score > heap[0] {
      var at = 0
      while true {
        var child = 2 * at + 1
        guard child < count else { break }
        if child + 1 < count, heap[child + 1] < heap[child] { child += 1 }
        guard heap[child] < score else { break }
        heap[at] = heap[child]
        at = child
      }
      heap[at] = score
    }
    return heap.sorted(by: >)
  }

  private func keepNucleus(_ scores: inout [Float]) {
    let probabilities = Self.softmax(scores)
    let limit = Float(1 - options.topP)
    // Whatever is less likely than this goes: all of it together does not reach the limit. Only the rest needs an order.
    let negligible = limit / Float(scores.count) * 0.99
    var cumulative = 0.0
    var candidates: [Int] = []
    for (i, p) in probabilities.enumerated() {
      if p < negligible { cumulative += Double(p) } else { candidates.append(i) }
    }
    candidates.sort { (scores[$0], $0) < (scores[$1], $1) }
    var kept = Set<Int>()
    for (rank, i) in candidates.enumerated() {
      cumulative += Double(probabilities[i])
      if Float(cumulative) > limit || rank >= candidates.count - minimumKept { kept.insert(i) }
    }
    for i in scores.indices where !kept.contains(i) { scores[i] = -.infinity }
  }

  /// Keeps probabilities of at least a threshold, and the likeliest in any case.
  private func keepLikely(_ scores: inout [Float], threshold: (_ entropy: () -> Float, _ most: Float) -> Float) {
    let probabilities = Self.softmax(scores)
    let limit = threshold({ Self.entropy(probabilities) }, probabilities.max() ?? 0)
    let least = Self.largest(minimumKept, scores).last ?? 0
    for i in scores.indices where probabilities[i] < limit && scores[i] < least { scores[i] = -.infinity }
  }

  private func keepTypical(_ scores: inout [Float]) {
    let probabilities = Self.softmax(scores)
    let most = scores.max() ?? 0
    let logTotal = Float(log(scores.reduce(0.0) { $0 + exp(Double($1 - most)) }))
    let logs = scores.map { $0 - most - logTotal }
    let entropy = zip(logs, probabilities).reduce(Float(0)) { $1.1 > 0 ? $0 - $1.0 * $1.1 : $0 }
    let surprise = logs.map { abs(-$0 - entropy) }
    let order = surprise.indices.sorted { (surprise[$0], $0) < (surprise[$1], $1) }
    var (cumulative, last) = (0.0, 0)
    for i in order {
      cumulative += Double(probabilities[i])
      guard Float(cumulative) < Float(options.typicalP) else { break }
      last += 1
    }
    let limit = surprise[order[min(last, order.count - 1)]]
    for (rank, i) in order.enumerated() where rank >= minimumKept && surprise[i] > limit { scores[i] = -.infinity }
  }

  private static func entropy(_ probabilities: [Float]) -> Float {
    probabilities.reduce(Float(0)) { $1 > 0 ? $0 - $1 * logf($1) : $0 }
  }

  /// Probabilities; -inf has none.
  static func softmax(_ scores: [Float]) -> [Float] {
    let most = scores.max() ?? 0
    var result = scores.map { expf($0 - most) }
    let total = Float(result.reduce(0.0) { $0 + Double($1) })
    for i in result.indices { result[i] /= total }
    return result
  }
}
