public import Datasets

/// The tables of the paper as CSV, every number with all its digits.
public enum SafetyTables {
  /// A line a system, run and task: `per_run.csv`.
  public static func runs(_ summaries: [SafetySummary]) -> [UInt8] {
    let metrics = SafetyTask.binary.metrics
    var writer = CSVWriter()
    writer.write(["model", "seed", "task", "n"] + metrics + ["unparsed"])
    for summary in summaries {
      for index in summary.system.runs.indices {
        for task in SafetyTask.allCases {
          guard let scores = summary.runs[task]?[index] else { continue }
          let values = Dictionary(uniqueKeysWithValues: scores.named.map { ($0.metric, "\($0.value)") })
          writer.write([summary.system.name, scores.run, task.rawValue, "\(scores.rows)"] + metrics.map { values[$0] ?? "" } + ["\(scores.unparsed)"])
        }
      }
    }
    return writer.bytes
  }

  /// A line a system, task and metric, with mean and both deviations: `summary.csv`.
  public static func summary(_ summaries: [SafetySummary]) -> [UInt8] {
    var writer = CSVWriter()
    writer.write(["model", "task", "metric", "mean", "std_sample", "std_pop", "n_runs"])
    for summary in summaries {
      for task in SafetyTask.allCases {
        for spread in summary.spreads[task] ?? [] {
          writer.write([
            summary.system.name, task.rawValue, spread.metric, "\(spread.mean)", spread.values.count > 1 ? "\(spread.sampleDeviation)" : "",
            "\(spread.populationDeviation)", "\(spread.values.count)",
          ])
        }
      }
    }
    return writer.bytes
  }

  /// A line a system, run, label and answer, also where there is none: `confusion.csv`. Answers without a label have an empty `pred`, and a
  /// line only where there are some.
  public static func confusion(_ summaries: [SafetySummary]) -> [UInt8] {
    let count = DialogueSafety.labels.count
    var writer = CSVWriter()
    writer.write(["model", "seed", "true", "pred", "count"])
    for summary in summaries {
      for run in summary.system.runs {
        var cells = [[Int]](repeating: [Int](repeating: 0, count: count + 1), count: count)
        for (gold, answer) in zip(run.golds, run.predicted) { cells[gold][answer ?? count] += 1 }
        for gold in 0..<count {
          for answer in 0...count where answer < count || cells[gold][answer] > 0 {
            writer.write([summary.system.name, run.name, "\(gold)", answer < count ? "\(answer)" : "", "\(cells[gold][answer])"])
          }
        }
      }
    }
    return writer.bytes
  }
}

extension SafetyTask {
  /// Names of the scores, in the order of the published table.
  var metrics: [String] {
    ["accuracy"] + ["macro", "weighted"].flatMap(Self.three) + (self == .binary ? ["unsafe", "safe"].flatMap(Self.three) : [])
  }

  private static func three(_ name: String) -> [String] { ["precision", "recall", "f1"].map { "\(name)_\($0)" } }
}
