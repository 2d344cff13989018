import Glibc
import Reports

/// A report as a run of two datasets makes it, with everything that has to fit: nine labels, long names, markup in a name,
/// close curves. The numbers are made up.
enum SampleReport {
  static let report: ClassifierReport = {
    var report = ClassifierReport(
      title: "Label classifiers: DR, SAD and 3 more",
      facts: [
        .init("command", "attune train classifier --dataset all --seeds 5 --output runs/five"),
        .init("base", "checkpoints/all-MiniLM-L6-v2 (22.7 M weights, sha256 53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db)"),
        .init("device", "cpu, 2 threads, bf16"), .init("seeds", "42 to 46"), .init("peak memory", "0.91 GB (predicted 0.88 GB)"),
      ],
      datasets: [dr, sad])
    for (name, mean, linear, majority) in [("dreaddit", 0.957, 0.951, 0.345), ("Irf", 0.962, 0.966, 0.507), ("MultiWD", 0.971, 0.955, 0.496)] {
      var dataset = DatasetReport(
        name: name, labels: ["no", "yes"], rows: 2441, accuracy: Score(mean, deviation: 0.004, low: mean - 0.009, high: mean + 0.008),
        weightedF1: Score(mean, deviation: 0.004, low: mean - 0.009, high: mean + 0.008), macroF1: Score(mean - 0.004, deviation: 0.004))
      dataset.baselines = [
        Baseline(.linear, accuracy: linear, weightedF1: linear, macroF1: linear - 0.01),
        Baseline(.majority, accuracy: majority + 0.15, weightedF1: majority, macroF1: 0.39),
      ]
      if linear > mean { dataset.notes = ["The encoder does not beat TF-IDF + logistic regression here."] }
      report.datasets.append(dataset)
    }
    return report
  }()

  private static var dr: DatasetReport {
    var dataset = DatasetReport(
      name: "DR", labels: ["no", "yes"], rows: 405, accuracy: Score(0.9654, deviation: 0.0055, low: 0.9437, high: 0.9790),
      weightedF1: Score(0.9652, deviation: 0.0056, low: 0.9431, high: 0.9788), macroF1: Score(0.9521, deviation: 0.0071, low: 0.9281, high: 0.9702))
    dataset.baselines = [
      Baseline(.linear, accuracy: 0.9432, weightedF1: 0.9427, macroF1: 0.9209), Baseline(.majority, accuracy: 0.758, weightedF1: 0.6537, macroF1: 0.4312),
    ]
    dataset.forms = [
      Form(name: "with verdict", rows: 405, accuracy: Score(0.9975, deviation: 0), weightedF1: Score(0.9975, deviation: 0)),
      Form(name: "verdict removed", rows: 405, accuracy: Score(0.9654, deviation: 0.0055), weightedF1: Score(0.9652, deviation: 0.0056)),
    ]
    dataset.classes = [
      ClassScore(label: "no", precision: 0.9375, recall: 0.9184, f1: Score(0.9278, low: 0.8901, high: 0.9604), support: 98),
      ClassScore(label: "yes", precision: 0.9741, recall: 0.9805, f1: Score(0.9773, low: 0.9652, high: 0.9882), support: 307),
    ]
    dataset.confusion = [[90, 8], [6, 301]]
    dataset.calibration = Calibration(
      temperature: 1.62, errorBefore: 0.0312, errorAfter: 0.0124,
      before: [(0.57, 0.43, 14), (0.66, 0.5, 12), (0.75, 0.64, 11), (0.86, 0.79, 29), (0.985, 0.976, 339)].map { .init(confidence: $0, accuracy: $1, count: $2) },
      after: [(0.56, 0.52, 23), (0.65, 0.63, 19), (0.75, 0.74, 31), (0.86, 0.88, 60), (0.972, 0.983, 272)].map { .init(confidence: $0, accuracy: $1, count: $2) })
    dataset.curves = curves(steps: 570, floor: 0.09, best: 380)
    return dataset
  }

  private static var sad: DatasetReport {
    let labels = [
      "school", "financial problem", "family issues", "social relationships", "work", "health issues", "emotional turmoil",
      "everyday decision making", "other <causes> & \"more\"",
    ]
    let support = [76, 81, 73, 61, 110, 85, 66, 56, 76]
    var dataset = DatasetReport(
      name: "SAD", labels: labels, rows: 684, accuracy: Score(0.9532, deviation: 0.0061, low: 0.9346, high: 0.9667),
      weightedF1: Score(0.9529, deviation: 0.0062, low: 0.9341, high: 0.9664), macroF1: Score(0.9487, deviation: 0.0066, low: 0.9301, high: 0.9631))
    dataset.baselines = [
      Baseline(.linear, accuracy: 0.9371, weightedF1: 0.9362, macroF1: 0.9318), Baseline(.majority, accuracy: 0.1608, weightedF1: 0.0446, macroF1: 0.0308),
    ]
    for (row, label) in labels.enumerated() {
      let f1 = [0.98, 0.975, 0.94, 0.93, 0.97, 0.965, 0.88, 0.91, 0.958][row]
      dataset.classes.append(
        ClassScore(label: label, precision: f1 + 0.01, recall: f1 - 0.01, f1: Score(f1, low: f1 - 0.05, high: min(1, f1 + 0.03)), support: support[row]))
    }
    dataset.confusion = support.enumerated().map { gold, count in
      (0..<9).map { predicted in predicted == gold ? count - (gold == 6 ? 9 : 3) : (predicted == (gold + 3) % 9 ? (gold == 6 ? 7 : 2) : predicted == (gold + 5) % 9 ? 1 + (gold == 6 ? 1 : 0) : 0) }
    }
    dataset.curves = curves(steps: 2052, floor: 0.12, best: 1368)
    return dataset
  }

  private static func curves(steps: Int, floor: Double, best: Int) -> Curves {
    var noise = 1.0
    let training = (1...steps).map { step -> Curves.Point in
      noise = (noise * 16807).truncatingRemainder(dividingBy: 2147483647)
      return .init(step, floor + exp(-Double(step) / Double(steps) * 7) * 0.6 * (1 + 0.5 * (noise / 2147483647 - 0.5)))
    }
    let evaluations = (1...3).map { steps * $0 / 3 }
    return Curves(
      trainingLoss: training, validationLoss: zip(evaluations, [0.21, 0.135, 0.13]).map { .init($0, $1) }, metricName: "weighted F1",
      validationMetric: zip(evaluations, [0.921, 0.958, 0.957]).map { .init($0, $1) },
      learningRate: (0...steps).map { step in
        let share = Double(step) / Double(steps)
        return .init(step, 5e-5 * (share < 0.1 ? share / 0.1 : (1 - share) / 0.9))
      }, bestStep: best)
  }
}
