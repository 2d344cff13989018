import Glibc

extension ConfusionMatrix {
  /// The share of items whose predicted label is the true one; NaN without items.
  public var accuracy: Double { correct / total }

  /// The share of items whose predicted label is not the true one.
  public var hammingLoss: Double { cells.isEmpty ? .nan : (total - correct) / total }

  /// The mean recall over the classes that have items. `adjusted` rescales so that chance is 0 and perfect is 1
  /// (−∞ or NaN with one true class, as the division by 0 gives).
  public func balancedAccuracy(adjusted: Bool = false) -> Double {
    let recalls = counts().filter { $0.actual > 0 }.map { $0.truePositives / $0.actual }
    let mean = recalls.reduce(0, +) / Double(recalls.count)
    let chance = 1 / Double(recalls.count)
    return adjusted ? (mean - chance) / (1 - chance) : mean
  }

  /// Matthews' correlation coefficient in Gorodkin's multi-class form; 0 when either side has one class only.
  public var matthewsCorrelation: Double {
    let counts = counts()
    let covariance = correct * total - counts.reduce(0) { $0 + $1.actual * $1.predicted }
    let predicted = total * total - counts.reduce(0) { $0 + $1.predicted * $1.predicted }
    let actual = total * total - counts.reduce(0) { $0 + $1.actual * $1.actual }
    return predicted * actual == 0 ? 0 : covariance / (predicted * actual).squareRoot()
  }

  /// How much a disagreement weighs, by the distance of the two labels in the order of `labels`.
  public enum Disagreement: Sendable {
    /// All the same.
    case nominal
    /// |i − j|
    case linear
    /// (i − j)²
    case quadratic
  }

  /// Cohen's κ between the two sides; NaN when the expected disagreement is 0 (one label in common).
  public func cohenKappa(_ disagreement: Disagreement = .nominal, labels: [Label]? = nil) -> Double {
    let matrix = matrix(labels: labels)
    let classes = matrix.indices
    let rows = matrix.map { $0.reduce(0, +) }
    let columns = classes.map { j in classes.reduce(0) { $0 + matrix[$1][j] } }
    let sum = rows.reduce(0, +)
    var observed = 0.0
    var expected = 0.0
    for i in classes {
      for j in classes where i != j {
        let distance = Double(abs(i - j))
        let weight =
          switch disagreement {
          case .nominal: 1.0
          case .linear: distance
          case .quadratic: distance * distance
          }
        observed += weight * matrix[i][j]
        expected += weight * rows[i] * columns[j] / sum
      }
    }
    return expected == 0 || sum == 0 ? .nan : 1 - observed / expected
  }

  /// Sum of the diagonal, in the order of the labels.
  var correct: Double { labels.reduce(0) { $0 + (cells[Pair(truth: $1, prediction: $1)] ?? 0) } }
}
