import Baselines
import Files
import Glibc

/// Times the linear baseline on prepared texts, for `scripts/bench/linear`, which runs scikit-learn beside it.
///
/// `linear FILE [repeats]`, with FILE = `{"train": {"texts": […], "labels": […]}, "test": {…}, "label_count": K}`. Prints one JSON line:
/// seconds of fitting (vectorizer and regression) and of predicting, per repeat, of the clock and of the processor, and the accuracy.
struct LinearBenchmark {
  static func run(_ arguments: [String]) throws {
    guard let path = arguments.first, let repeats = Int(arguments.dropFirst().first ?? "1"), repeats > 0 else {
      throw InputError("linear", "expected FILE [repeats]", advice: "scripts/bench/linear prepares the file")
    }
    let file = try JSON.read(path)
    let (texts, labels) = try part("train", of: file, path)
    let (testTexts, testLabels) = try part("test", of: file, path)
    guard let labelCount = file["label_count"]?.int else { throw InputError(path, at: "key \"label_count\"", "expected an integer") }
    var fit = Stopwatch()
    var predict = Stopwatch()
    var accuracy = 0.0
    var features = 0
    for _ in 0..<repeats {
      let classifier = try fit.time {
        try LinearClassifier.train(texts: texts, labels: labels, labelNames: (0..<labelCount).map(String.init))
      }
      let predicted = predict.time { classifier.predict(testTexts) }
      accuracy = Double(zip(predicted, testLabels).count { $0 == $1 }) / Double(testLabels.count)
      features = classifier.featureCount
    }
    let result: JSON = [
      "fit_s": .array(fit.seconds), "predict_s": .array(predict.seconds), "fit_cpu_s": .array(fit.cpuSeconds),
      "predict_cpu_s": .array(predict.cpuSeconds), "accuracy": .number(accuracy), "features": .integer(features),
    ]
    print(result.encoded())
  }

  private static func part(_ name: String, of file: JSON, _ path: String) throws(InputError) -> ([String], [Int]) {
    guard let texts = file[name]?["texts"]?.array, let labels = file[name]?["labels"]?.array, texts.count == labels.count else {
      throw InputError(path, at: "key \"\(name)\"", "expected texts and as many labels")
    }
    return (texts.compactMap(\.string), labels.compactMap(\.int))
  }
}

/// Seconds of the clock, and of the processor in this process, that each of some calls took.
private struct Stopwatch {
  private(set) var seconds: [JSON] = []
  private(set) var cpuSeconds: [JSON] = []

  mutating func time<Result>(_ body: () throws -> Result) rethrows -> Result {
    let (start, cpuStart) = (Self.now(CLOCK_MONOTONIC), Self.now(CLOCK_PROCESS_CPUTIME_ID))
    defer {
      seconds.append(.number(Self.now(CLOCK_MONOTONIC) - start))
      cpuSeconds.append(.number(Self.now(CLOCK_PROCESS_CPUTIME_ID) - cpuStart))
    }
    return try body()
  }

  private static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
