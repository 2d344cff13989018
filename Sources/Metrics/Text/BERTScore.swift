import Glibc

/// BERTScore (Zhang et al. 2020): how well each token of one text is matched by its best counterpart in the other, as bert_score 0.3.13
/// computes it. The network that embeds the tokens, and the cosines, are the caller's.
public enum BERTScore {
  /// Precision is over the candidate's tokens, recall over the reference's.
  public struct Score: Hashable, Sendable {
    public var precision, recall, f: Double

    public init(precision: Double, recall: Double) {
      (self.precision, self.recall) = (precision, recall)
      f = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
    }

    public init(precision: Double, recall: Double, f: Double) { (self.precision, self.recall, self.f) = (precision, recall, f) }

    /// What a text without words earns.
    public static let zero = Score(precision: 0, recall: 0)

    /// Each figure's own best: what a candidate with several references earns.
    public func best(_ other: Score) -> Score {
      Score(precision: max(precision, other.precision), recall: max(recall, other.recall), f: max(f, other.f))
    }

    /// (x - b) / (1 - b) for each figure with the baseline's: scores of unrelated texts become 0.
    public func rescaled(by baseline: Score) -> Score {
      func rescaled(_ x: Double, _ b: Double) -> Double { (x - b) / (1 - b) }
      return Score(precision: rescaled(precision, baseline.precision), recall: rescaled(recall, baseline.recall), f: rescaled(f, baseline.f))
    }
  }

  /// - Parameters:
  ///   - candidate: of each token of the candidate the largest cosine to a token of the reference, and the token's weight.
  ///   - reference: the same the other way.
  /// - Returns: `zero` where all weights are 0, which bert_score calls NaN.
  public static func score(candidate: (cosines: [Float], weights: [Float]), reference: (cosines: [Float], weights: [Float])) -> Score {
    func mean(_ side: (cosines: [Float], weights: [Float])) -> Double {
      precondition(side.cosines.count == side.weights.count, "\(side.weights.count) weights for \(side.cosines.count) tokens")
      let total = side.weights.reduce(0) { $0 + Double($1) }
      return total == 0 ? 0 : zip(side.cosines, side.weights).reduce(0) { $0 + Double($1.0) * Double($1.1) } / total
    }
    return Score(precision: mean(candidate), recall: mean(reference))
  }

  /// A published baseline: the scores of unrelated texts at one layer, from the lines of a file with the columns LAYER, P, R, F.
  /// - Parameter layer: 0 for the embeddings.
  /// - Throws: `MetricError` for other columns, a line that is not four numbers, or a layer that is missing.
  public static func baseline(_ text: String, layer: Int) throws(MetricError) -> Score {
    var lines = text.split(whereSeparator: \.isNewline)
    guard let header = lines.first, header.split(separator: ",").map({ $0.uppercased() }) == ["LAYER", "P", "R", "F"] else {
      throw MetricError.undefined("a baseline file begins with the columns LAYER,P,R,F")
    }
    lines.removeFirst()
    for (number, line) in lines.enumerated() {
      let values = line.split(separator: ",").compactMap { Double($0) }
      guard values.count == 4, values[1...].allSatisfy({ $0 < 1 }) else {
        throw MetricError.undefined("line \(number + 2) of the baseline file: expected a layer and three numbers below 1")
      }
      if values[0] == Double(layer) { return Score(precision: values[1], recall: values[2], f: values[3]) }
    }
    throw MetricError.undefined("the baseline file has no layer \(layer), only \(lines.count) layers")
  }
}

/// Weights of tokens: rare ones say more.
public struct InverseDocumentFrequency: Sendable {
  private let weights: [Int32: Float]
  private let unseen: Float

  /// ln((N + 1) / (n + 1)) for a token that n of the N documents have.
  public init(documents: [[Int32]]) {
    var counts: [Int32: Int] = [:]
    for document in documents {
      for id in Set(document) { counts[id, default: 0] += 1 }
    }
    let total = Double(documents.count + 1)
    weights = counts.mapValues { Float(log(total / Double($0 + 1))) }
    unseen = Float(log(total))
  }

  public subscript(id: Int32) -> Float { weights[id] ?? unseen }
}
