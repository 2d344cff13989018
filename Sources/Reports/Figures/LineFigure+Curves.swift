extension LineFigure {
  /// The course of a training: loss, validation and learning rate, as far as there is one.
  static func figures(of curves: Curves, title: String) -> [(kind: String, caption: String, drawing: SVG)] {
    var result: [(kind: String, caption: String, drawing: SVG)] = []
    let best = curves.bestStep.map { (step: $0, name: "best") }
    if !curves.trainingLoss.isEmpty {
      let series = [
        LineFigure.Series(name: "training", style: "first", points: curves.trainingLoss),
        LineFigure.Series(name: "validation", style: "second", points: curves.validationLoss, isMarked: true),
      ]
      result.append(("loss", "Loss", LineFigure(title: "\(title): loss", yName: "loss", series: series, mark: best, fromZero: true).drawn()))
    }
    if !curves.validationMetric.isEmpty {
      let name = curves.metricName
      let series = [LineFigure.Series(name: name, style: "first", points: curves.validationMetric, isMarked: true)]
      result.append(("metric", "Validation", LineFigure(title: "\(title): \(name)", yName: name, series: series, mark: best).drawn()))
    }
    if !curves.learningRate.isEmpty {
      let series = [LineFigure.Series(name: "learning rate", style: "first", points: curves.learningRate)]
      let figure = LineFigure(title: "\(title): learning rate", yName: "learning rate", series: series, fromZero: true)
      result.append(("schedule", "Learning rate", figure.drawn()))
    }
    return result
  }
}
