internal import Glibc

/// The labelling rules of the released IMHI scripts, reproduced with their defaults and rounding: the `--compat imhi` mode.
///
/// They search lower-cased text for substrings, first hit in a fixed order wins. `IMHI.py` reads an output up to its first
/// `Reasoning:` and gives what it cannot read a default label; `label_inference.py` reads the short names that the released
/// classifiers print. Where a gold label goes unread upstream appends nothing, and its scores then fail on lists of
/// unequal length; here such rows are nil and can be counted.
/// Source: SteveKGYang/MentalLLaMA, `src/IMHI.py` and `src/label_inference.py` (MIT).
public struct UpstreamRules: Sendable {
  /// Which of the two scripts.
  public enum Script: String, Sendable, CaseIterable {
    case imhi = "IMHI.py"
    case labelInference = "label_inference.py"
  }

  typealias Rule = (substring: String, label: Int)

  public let script: Script
  public let dataset: String
  private let gold: [Rule]
  private let output: [Rule]
  /// What `IMHI.py` answers for an output that no rule reads: 0, or 8 (other) for SAD.
  public let defaultLabel: Int

  /// Nil when upstream has no rules for `dataset`.
  public init?(_ script: Script, dataset: String) {
    guard let rules = Self.rules(script, dataset) else { return nil }
    (self.script, self.dataset, gold, output) = (script, dataset, rules.gold, rules.output)
    defaultLabel = dataset == "SAD" ? 8 : 0
  }

  /// The gold label, nil where upstream's rule reads none.
  public func goldLabel(_ golden: String) -> Int? {
    first(gold, in: String(Explanation(golden).verdictZone))
  }

  /// The label of a generated text (`IMHI.py`) or of a printed label name (`label_inference.py`), nil where no rule reads it.
  /// `IMHI.py` then takes `defaultLabel` and counts the row as out of distribution; `label_inference.py` stops.
  public func outputLabel(_ text: String) -> Int? {
    first(output, in: script == .imhi ? String(Explanation(text).verdictZone) : text)
  }

  /// Gold and output labels as upstream's scripts would hand them to scikit-learn.
  public struct Pairs: Sendable, Hashable {
    /// Rows scored; equally long. Rows whose gold goes unread are in neither.
    public let gold: [Int]
    public let output: [Int]
    /// Outputs that no rule read, all rows counted: upstream's `OOD count`.
    public let outOfDistribution: Int
    /// 0-based rows whose gold goes unread. Where there are any, upstream itself stops with an error (but for swmh, which skips them).
    public let unreadGolds: [Int]
  }

  /// Reads a whole file.
  /// - Parameters:
  ///   - outputs: generated texts (`IMHI.py`) or printed label names (`label_inference.py`), one for each gold.
  ///   - corrected: reads the golds that upstream's rule does not, so that every row is scored where upstream would stop.
  public func pairs(goldens: [String], outputs: [String], corrected: LabelTable? = nil) -> Pairs {
    precondition(goldens.count == outputs.count, "UpstreamRules: \(goldens.count) golds for \(outputs.count) outputs")
    let golds = goldens.map { goldLabel($0) ?? corrected?.reading(of: $0).label }
    let labels = outputs.map(outputLabel)
    let scored = golds.indices.filter { golds[$0] != nil }
    return Pairs(
      gold: scored.compactMap { golds[$0] }, output: scored.map { labels[$0] ?? defaultLabel },
      outOfDistribution: labels.filter { $0 == nil }.count, unreadGolds: golds.indices.filter { golds[$0] == nil })
  }

  /// The line that upstream prints for a dataset. Scores are fractions; `outOfDistribution` nil leaves the count out, as `label_inference.py` does.
  public func resultLine(accuracy: Double, weightedF1: Double, microF1: Double, macroF1: Double, outOfDistribution: Int?) -> String {
    "Dataset: \(dataset), average acc:\(Self.percent(accuracy)), weighted F1 \(Self.percent(weightedF1)), micro F1 \(Self.percent(microF1)), "
      + "macro F1 \(Self.percent(macroF1))" + (outOfDistribution.map { ", OOD count: \($0)" } ?? "")
  }

  /// The gold ids in the order of the released classifier's outputs: entry k is the gold id of output k.
  /// Only t-sid and swmh differ from the identity. Nil when no classifier was released for `dataset`.
  public static func classifierOrder(_ dataset: String) -> [Int]? {
    switch dataset {
    case "t-sid": [2, 1, 3, 0]  // depression, suicide, ptsd, control
    case "swmh": [2, 1, 3, 4, 0]  // depression, suicide, anxiety, bipolar, no mental
    default: IMHILabels.table(dataset).map { Array(0..<$0.count) }
    }
  }

  /// `round(100 * fraction, 2)` as Python rounds: the decimal nearest to the exact value of the double.
  public static func percent(_ fraction: Double) -> Double {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      withVaList([fraction * 100]) { _ = vsnprintf(buffer.baseAddress!, buffer.count, "%.2f", $0) }
      return strtod(buffer.baseAddress!, nil)
    }
  }

  private func first(_ rules: [Rule], in text: String) -> Int? {
    let folded = Folded(text)
    return rules.first { folded.find(Array($0.substring.utf8), from: 0) != nil }?.label
  }

  private static func rules(_ script: Script, _ dataset: String) -> (gold: [Rule], output: [Rule])? {
    let isIMHI = script == .imhi
    switch dataset {
    case "CLP", "DR", "dreaddit", "loneliness", "Irf", "MultiWD":
      let both: [Rule] = [("yes", 1), ("no", 0)]
      return (both, both)
    case "swmh":
      let both: [Rule] = [("no mental", 0), ("suicide", 1), ("depression", 2), ("anxiety", 3), ("bipolar", 4)]
      return (both, both)
    case "t-sid":
      return (
        [("depression", 2), ("suicide or self-harm", 1), ("ptsd", 3), (isIMHI ? "no mental disorders" : "no mental", 0)],
        [("depression", 2), ("suicide", 1), ("ptsd", 3), (isIMHI ? "no mental" : "control", 0)]
      )
    case "SAD":
      return (
        [
          ("school", 0), ("financial problem", 1), ("family issues", 2), ("social relationships", 3), ("work", 4), ("health issues", 5),
          (isIMHI ? "emotional turmoil" : "emotion turmoil", 6), ("everyday decision making", 7), (isIMHI ? "other causes" : "other", 8),
        ],
        [
          ("school", 0), ("financial", 1), ("family", 2), ("social", 3), ("work", 4), ("health", 5), ("emotional", 6),
          (isIMHI ? "decision" : "everyday", 7), ("other", 8),
        ]
      )
    case "CAMS":
      return (
        [
          (isIMHI ? "none" : "no causes", 0), ("bias or abuse", 1), ("jobs and career", 2), ("medication", 3), ("relationship", 4),
          ("alienation", 5),
        ],
        [
          ("none", 0), ("bias", 1), (isIMHI ? "jobs" : "job", 2), ("medication", 3), (isIMHI ? "relationship" : "relation", 4),
          ("alienation", 5),
        ]
      )
    default: return nil
    }
  }
}
