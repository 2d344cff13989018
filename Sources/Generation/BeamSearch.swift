import Glibc

/// Options of beam search, under transformers' names and with its defaults.
public struct BeamSearchOptions: Sendable {
  /// When a search with enough finished answers ends.
  public enum EarlyStopping: Sendable {
    /// When the best open answer, at its present length, is worse than the worst finished one.
    case heuristic
    /// As soon as there are `beams` finished answers.
    case always
    /// When no open answer can become better, at the most favourable length.
    case never
  }

  /// `num_beams`
  public var beams: Int
  /// `num_return_sequences`, at most `beams`.
  public var returned = 1
  /// Scores are divided by length to this power.
  public var lengthPenalty = 1.0
  public var earlyStopping = EarlyStopping.heuristic
  public var maximumNewTokens: Int
  public var endIDs: [Int32] = []
  /// What may follow; the options of sampling proper are not used.
  public var constraints = SamplingOptions()

  public init(beams: Int, maximumNewTokens: Int) {
    self.beams = beams
    self.maximumNewTokens = maximumNewTokens
  }
}

/// What beam search asks of a model, decoder-only or encoder-decoder.
public protocol BeamModel: AnyObject {
  var vocabularySize: Int { get }
  /// Logits of the first new token, (vocabulary).
  func start() -> [Float]
  /// Hypothesis i from now on continues what was hypothesis `parents[i]`, by `tokens[i]`; the logits that follow, (parents, vocabulary).
  func advance(_ parents: [Int], _ tokens: [Int32]) -> [Float]
}

/// An answer that beam search found.
public struct BeamResult: Sendable, Equatable {
  /// New tokens, the end included.
  public var ids: [Int32]
  /// Σ log p / lengthᵖᵉⁿᵃˡᵗʸ (`sequences_scores`).
  public var score: Float
}

/// Beam search over one prompt, as transformers 5 does it: `beams` open hypotheses, `beams` finished ones, the same scores,
/// stopping rules and order.
public struct BeamSearch {
  private struct Hypothesis {
    var ids: [Int32]
    var score: Float
    var isFinished = false
    var parent = 0
  }
  private static let impossible: Float = -1e9

  public let options: BeamSearchOptions

  public init(_ options: BeamSearchOptions) {
    precondition(options.beams > 0 && options.returned <= options.beams, "\(options.returned) answers of \(options.beams) beams")
    self.options = options
  }

  /// - Parameter prompt: what constraints look back at.
  /// - Returns: the best answers, the best first.
  public func run(_ model: some BeamModel, prompt: [Int32]) -> [BeamResult] {
    var course = course(prompt: prompt)
    var logits = model.start()
    while let next = course.step(logits[...], width: model.vocabularySize) { logits = model.advance(next.parents, next.tokens) }
    return course.results
  }

  /// A search that is given its logits step by step, so that several can share a model.
  public func course(prompt: [Int32]) -> Course { Course(self, prompt: prompt) }

  public struct Course {
    private let search: BeamSearch
    private let prompt: [Int32]
    private let constraints: LogitsConstraints
    private var running = [Hypothesis(ids: [], score: 0)]
    private var finished: [Hypothesis]
    private var canImprove = true
    private var length = 0

    fileprivate init(_ search: BeamSearch, prompt: [Int32]) {
      let options = search.options
      (self.search, self.prompt) = (search, prompt)
      constraints = LogitsConstraints(
        options: options.constraints, endIDs: options.endIDs, promptCount: prompt.count, maximumNewTokens: options.maximumNewTokens)
      finished = [Hypothesis](repeating: Hypothesis(ids: [], score: BeamSearch.impossible), count: options.beams)
    }

    /// - Parameter logits: what follows each open hypothesis, of the prompt at first, (hypotheses, width).
    /// - Returns: hypothesis i from now on continues what was hypothesis `parents[i]`, by `tokens[i]`; nil when the search is over.
    public mutating func step(_ logits: ArraySlice<Float>, width: Int) -> (parents: [Int], tokens: [Int32])? {
      let options = search.options
      length += 1
      let kept = max(2, 1 + options.endIDs.count) * options.beams
      let candidates = search.candidates(running, logits, width, kept, prompt, constraints)
      let hits = candidates.map { length >= options.maximumNewTokens || options.endIDs.contains($0.ids.last!) }
      search.collect(candidates, hits, length, canImprove, into: &finished)

      let open = candidates.indices.map { ($0, candidates[$0].score + (hits[$0] ? BeamSearch.impossible : 0)) }
      running = BeamSearch.best(options.beams, of: open).map { candidates[$0] }
      canImprove = canImprove && search.improves(running[0].score, finished, length)
      let isFull = options.earlyStopping == .always && finished.allSatisfy(\.isFinished)
      if !canImprove || isFull || hits.allSatisfy({ $0 }) || length >= options.maximumNewTokens { return nil }
      return (running.map(\.parent), running.map { $0.ids.last! })
    }

    /// The best answers, the best first.
    public var results: [BeamResult] { finished.prefix(search.options.returned).map { BeamResult(ids: $0.ids, score: $0.score) } }
  }

  /// The likeliest continuations over all hypotheses, falling.
  private func candidates(
    _ running: [Hypothesis], _ logits: ArraySlice<Float>, _ width: Int, _ count: Int, _ prompt: [Int32], _ constraints: LogitsConstraints
  ) -> [Hypothesis] {
    var scored: [(index: Int, score: Float)] = []
    for (row, hypothesis) in running.enumerated() {
      var scores = Self.logProbabilities(logits.dropFirst(row * width).prefix(width))
      constraints.apply(&scores, history: prompt + hypothesis.ids)
      let totals = scores.map { $0 + hypothesis.score }
      let least = LogitsWarpers.largest(min(count, width), totals).last ?? 0
      for (id, total) in totals.enumerated() where total >= least { scored.append((row * width + id, total)) }
    }
    return Self.best(count, of: scored).map { at in
      // `best` returns indices into the whole table of rows and ids.
      let (row, id) = (at / width, at % width)
      let score = scored.first { $0.index == at }?.score ?? Self.impossible
      return Hypothesis(ids: running[row].ids + [Int32(id)], score: score, parent: row)
    }
  }

  /// Takes candidates that ended among the first `beams` in, where they are better than what is there.
  private func collect(_ candidates: [Hypothesis], _ hits: [Bool], _ length: Int, _ canImprove: Bool, into finished: inout [Hypothesis]) {
    let isFull = options.earlyStopping == .always && finished.allSatisfy(\.isFinished)
    let divisor = Float(pow(Double(length), options.lengthPenalty))
    let ended = candidates.enumerated().map { rank, candidate in
      var result = candidate
      result.isFinished = hits[rank] && rank < options.beams
      result.score = candidate.score / divisor
      if isFull { result.score += Self.impossible }
      if !canImprove { result.score += Self.impossible }
      if !result.isFinished { result.score += Self.impossible }
      return result
    }
    let all = finished + ended
    finished = Self.best(options.beams, of: all.indices.map { ($0, all[$0].score) }).map { all[$0] }
  }

  private func improves(_ best: Float, _ finished: [Hypothesis], _ length: Int) -> Bool {
    guard finished.allSatisfy(\.isFinished) else { return true }
    let reachable = options.earlyStopping == .never && options.lengthPenalty > 0 ? options.maximumNewTokens : length
    return best / Float(pow(Double(reachable), options.lengthPenalty)) > (finished.map(\.score).min() ?? Self.impossible)
  }

  /// Indices of the largest scores, falling; the lower index of equals first.
  private static func best(_ count: Int, of scored: [(Int, Float)]) -> [Int] {
    scored.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(count).map(\.0)
  }

  static func logProbabilities(_ logits: ArraySlice<Float>) -> [Float] {
    let most = logits.max() ?? 0
    let total = Float(log(logits.reduce(0.0) { $0 + Double(expf($1 - most)) }))
    return logits.map { $0 - most - total }
  }
}
