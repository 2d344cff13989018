import Baselines
import Files

/// Times the linear baseline on prepared texts, for `scripts/bench/linear`, which runs scikit-learn beside it.
///
/// `linear FILE [repeats]`, with FILE = `{"train": {"texts": […], "labels": […]}, "test": {…}, "label_count": K}`. Prints one JSON line:
/// seconds of fitting (vectorizer and regression) and of predicting, per repeat, and the accuracy.
struct LinearBenchmark {
  static func run(_ arguments: [String]) throws {
    guard let path = arguments.first, let repeats = Int(arguments.dropFirst().first ?? "1"), repeats > 0 else {
      throw InputError("linear", "expected FILE [repeats]", advice: "scripts/bench/linear prepares the file")
    }
    let file = try JSON.read(path)
    let (texts, labels) = try part("train", of: file, path)
    let (testTexts, testLabels) = try part("test", of: file, path)
    guard let labelCount = file["label_count"]?.int else { throw InputError(path, at: "key \"label_count\"", "expected an integer") }
    let clock = ContinuousClock()
    var (fitSeconds, predictSeconds): ([JSON], [JSON]) = ([], [])
    var accuracy = 0.0
    var features = 0
    for _ in 0..<repeats {
      let start = clock.now
      let classifier = try LinearClassifier.train(texts: texts, labels: labels, labelNames: (0..<labelCount).map(String.init))
      let fitted = clock.now
      let predicted = classifier.predict(testTexts)
      let end = clock.now
      fitSeconds.append(.number(seconds(fitted - start)))
      predictSeconds.append(.number(seconds(end - fitted)))
      accuracy = Double(zip(predicted, testLabels).count { $0 == $1 }) / Double(testLabels.count)
      features = classifier.featureCount
    }
    let result: JSON = [
      "fit_s": .array(fitSeconds), "predict_s": .array(predictSeconds), "accuracy": .number(accuracy), "features": .integer(features),
    ]
    print(result.encoded())
  }

  private static func part(_ name: String, of file: JSON, _ path: String) throws(InputError) -> ([String], [Int]) {
    guard let texts = file[name]?["texts"]?.array, let labels = file[name]?["labels"]?.array, texts.count == labels.count else {
      throw InputError(path, at: "key \"\(name)\"", "expected texts and as many labels")
    }
    return (texts.compactMap(\.string), labels.compactMap(\.int))
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
